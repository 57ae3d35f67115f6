"""The walls between the folders of api/ are held: by the compiler, which gives
each folder the include paths of api/floors.mk, and by structure.py in lint."""

import shlex
import subprocess

import pytest
from instance import ROOT

pytestmark = pytest.mark.direct        # needs no service at all

SCRIPT = ROOT / "tests" / "structure.py"
FLOORS = """\
SEES.api	= upper
SEES.upper	= lower
SEES.lower	=
SEES.worker	= lower
"""


class House:
    """A small api/ with two floors and a second program."""

    def __init__(self, root):
        self.root = root
        self.put("api/floors.mk", FLOORS)
        self.put("api/main.c", '#include "upper.h"\nint main(void)'
                 " { return upper(); }\n")
        self.put("api/upper/upper.h", "int upper(void);\n")
        self.put("api/upper/upper.c", '#include "lower.h"\n#include "upper.h"\n'
                 "int upper(void) { return lower(); }\n")
        self.put("api/lower/lower.h", "int lower(void);\n")
        self.put("api/lower/lower.c", '#include "lower.h"\n'
                 "int lower(void) { return 0; }\n")
        self.put("api/worker/work.c", '#include "lower.h"\n'
                 "int work(void); int work(void) { return lower(); }\n")

    def put(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run(self, command="check"):
        api = self.root / "api"
        for source in api.rglob("*.c"):
            target = self.root / "obj" / source.relative_to(api)
            target.parent.mkdir(parents=True, exist_ok=True)
            paths = [f"-I{path}" for path in (self.root / "include",
                                              *api.rglob("*")) if path.is_dir()]
            subprocess.run(["gcc", *paths, "-c", source, "-o",
                            target.with_suffix(".o")], check=True)
        return subprocess.run(
            [SCRIPT, command, "--root", self.root, "--objects",
             self.root / "obj"], capture_output=True, text=True)

    def faults(self):
        done = self.run()
        assert done.returncode == 1 and done.stderr == "", done
        return done.stdout


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


def test_a_house_without_circles_has_no_faults(house):
    done = house.run()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_an_include_upwards_is_named(house):
    house.put("api/lower/lower.c", '#include "upper.h"\n'
              "int lower(void); int lower(void) { return upper(); }\n")
    faults = house.faults()
    assert "lower may not see upper: lower.c includes upper.h" in faults
    assert "a circle of 2 folders:" in faults


def test_a_call_upwards_without_a_header_is_named(house):
    house.put("api/lower/lower.c", "int upper(void); int lower(void);\n"
              "int lower(void) { return upper(); }\n")
    assert "lower may not see upper: lower/lower.c uses upper" in house.faults()


def test_a_second_program_does_not_reach_into_the_first(house):
    house.put("api/worker/work.c", "int upper(void); int work(void);\n"
              "int work(void) { return upper(); }\n")
    assert "worker may not see upper: worker/work.c uses upper" \
        in house.faults()


def test_a_circle_of_two_files_is_allowed_and_of_three_is_named(house):
    house.put("api/upper/upper_a.c", "int upper_a(void); int upper(void);\n"
              "int upper_a(void) { return upper(); }\n")
    house.put("api/upper/upper.c", '#include "lower.h"\nint upper(void);'
              " int upper_a(void);\nint upper(void)"
              " { return lower() + upper_a(); }\n")
    assert house.run().returncode == 0
    house.put("api/upper/upper_b.c", "int upper_b(void); int upper(void);\n"
              "int upper_b(void) { return upper(); }\n")
    house.put("api/upper/upper_a.c", "int upper_a(void); int upper_b(void);\n"
              "int upper_a(void) { return upper_b(); }\n")
    faults = house.faults()
    assert "a circle of 3 files:" in faults
    assert "upper/upper_b -> upper/upper: upper/upper_b.c uses upper" in faults


def test_a_header_that_one_program_uses_belongs_beside_its_code(house):
    house.put("include/both.h", "#define BOTH 1\n")
    house.put("api/upper/upper.h", '#include "both.h"\nint upper(void);\n')
    assert "include/both.h is used by casework, not by both" in house.faults()


def test_a_folder_that_the_list_does_not_name_is_named(house):
    house.put("api/attic/attic.c", "int attic(void); int attic(void)"
              " { return 0; }\n")
    assert "api/attic does not stand in api/floors.mk" in house.faults()


def test_a_folder_that_need_not_be_seen_is_named(house):
    house.put("api/upper/upper.c", '#include "upper.h"\n'
              "int upper(void) { return 0; }\n")
    assert "upper need not see lower" in house.faults()


def test_a_path_over_the_wall_is_refused(tmp_path):
    path = tmp_path / "uri.c"
    path.write_text('/*\n * Over.\n */\n#include "../request/budget.h"\n')
    done = subprocess.run([ROOT / "tests" / "dialect.py", path],
                          capture_output=True, text=True)
    assert done.returncode == 1
    assert "uri.c:4: include a header by its name" in done.stdout


def test_a_name_begins_with_its_file_or_folder(house):
    house.put("api/lower/lower.c", '#include "lower.h"\nint helper(void);'
              " int helper(void) { return 0; }\nint lower(void)"
              " { return 0; }\n")
    assert "lower/lower.c: helper has neither the file's nor the folder's name" \
        in house.faults()
    house.put("api/lower/lower.h", "int lower(void);\nstatic inline int\n"
              "quick(void)\n{\n\treturn 0;\n}\n")
    assert "lower/lower.c: quick has neither" in house.faults()


def test_an_old_picture_is_noticed(house):
    house.put("api/house.svg", house.run("draw").stdout)
    assert house.run("drawn").returncode == 0
    house.put("api/lower/lower_more.c", "int lower_more;\n")
    done = house.run("drawn")
    assert (done.returncode, done.stdout.split(":")[0]) == (
        1, "api/house.svg is out of date")


@pytest.mark.parametrize("below,above", [
    ("common/arena", "http_headers.h"), ("http/uri", "operation.h"),
    ("database/db", "statement.h"), ("connection/wire", "request.h"),
    ("contract/route", "request.h"), ("schema/schema_text", "route.h"),
    ("request/call", "config.h"), ("worker/mail/mime", "worker_config.h"),
    ("worker/mail/mime", "webhooks.h"), ("worker/thread/wake", "mail.h")])
def test_the_compiler_finds_no_header_of_a_higher_floor(below, above):
    command = subprocess.run(
        ["make", "-n", "-W", f"api/{below}.c", f"build/obj/{below}.o"],
        cwd=ROOT, check=True, capture_output=True, text=True).stdout
    compiler = next(part for part in command.splitlines() if " -c -o " in part)
    words = shlex.split(compiler.partition("&& ")[2])
    del words[words.index("-c"):words.index("-c") + 3]
    words = [word for word in words if word not in ("-MMD", "-MP")]
    done = subprocess.run(
        [*words, "-fsyntax-only", "-include", above],
        cwd=ROOT, capture_output=True, text=True)
    assert done.returncode != 0
    assert f"{above}: No such file" in done.stderr
    fine = subprocess.run([*words, "-fsyntax-only"], cwd=ROOT,
                          capture_output=True, text=True)
    assert fine.returncode == 0, fine.stderr
