#!/usr/bin/python3
"""Rules broken on purpose, one at a time: a test must notice.

    mutants.py check            the list itself: each text is there, once, and
                                each test exists (make lint)
    mutants.py run [PATTERN]    break each rule whose name PATTERN finds, run its
                                tests, tell what came of it (make mutants)
    mutants.py table            the last verdicts, into tests/README.md

A file of this folder is an area, an entry of it a mutant:

    - name: closes_at_six               area/name is what PATTERN looks at
      breaks: Support closes at 18:00.  the rule, in a few words
      file: sql/rules/…                 where it stands
      old: …                            the text, once in that file
      new: …                            what breaks it
      tests: [test_calendar.py::test_…, unit/test_uri.c, start]
      equivalent: …                     why nobody can see it; for those alone
      fresh: true                       where the first deployment makes data of it

start: the migration or the service refuses it.
"""
import dataclasses
import pathlib
import re
import sys

import yaml

from verdicts import Verdicts
from workshop import Workshop

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path("tests", "mutation")
PLACES = ("sql/", "api/", "include/", "openapi/")


@dataclasses.dataclass(frozen=True)
class Mutant:
    name: str
    breaks: str
    file: str
    old: str
    new: str
    tests: tuple
    equivalent: str = None
    fresh: bool = False

    @property
    def area(self):
        return self.name.partition("/")[0]

    @property
    def units(self):
        return [test for test in self.tests if test.startswith("unit/")]

    @property
    def files(self):
        """Those of pytest."""
        return [test for test in self.tests
                if test != "start" and not test.startswith("unit/")]

    @property
    def may_stop_the_start(self):
        return "start" in self.tests


def load(root):
    """The list; an entry that is none ends the program with its place."""
    found = []
    for path in sorted((root / HERE).glob("*.yaml")):
        try:
            entries = yaml.load(path.read_text(encoding="utf-8"),
                                yaml.CSafeLoader)
        except yaml.YAMLError as fault:
            sys.exit(f"{path}: {fault}")
        for number, entry in enumerate(entries, 1):
            try:
                entry["name"] = f"{path.stem}/{entry['name']}"
                entry["tests"] = tuple(entry["tests"])
                found.append(Mutant(**entry))
            except (KeyError, TypeError) as fault:
                sys.exit(f"{path}: entry {number}: {fault}")
    return found


def faults(mutants, root):
    """What is wrong with the list, a sentence each."""
    seen = set()
    for mutant in mutants:
        if mutant.name in seen:
            yield f"{mutant.name}: there are two of this name"
        seen.add(mutant.name)
        if not mutant.file.startswith(PLACES):
            yield f"{mutant.name}: {mutant.file} is not of the service"
        elif not (root / mutant.file).is_file():
            yield f"{mutant.name}: there is no {mutant.file}"
        else:
            yield from faults_of_text(mutant, (root / mutant.file).read_text(
                encoding="utf-8"))
        if not mutant.tests:
            yield f"{mutant.name}: no test is named"
        for test in mutant.tests:
            if not exists(test, root):
                yield f"{mutant.name}: there is no test {test}"


def faults_of_text(mutant, text):
    times = text.count(mutant.old)
    if times == 0:
        yield (f"{mutant.name}: its text is not in {mutant.file} any more:\n"
               f"    {mutant.old}")
    elif times > 1:
        yield f"{mutant.name}: its text is {times} times in {mutant.file}"
    if mutant.new == mutant.old:
        yield f"{mutant.name}: it changes nothing"


def exists(test, root):
    file, _, function = test.partition("::")
    path = root / "tests" / file
    return test == "start" or path.is_file() and (not function or re.search(
        rf"^def {re.escape(function)}\(", path.read_text(encoding="utf-8"),
        re.MULTILINE) is not None)


def check():
    found = list(faults(load(ROOT), ROOT))
    print(*found, sep="\n", end="\n" if found else "")
    return bool(found)


def run(pattern):
    if check():
        return True
    mutants = load(ROOT)
    chosen = [mutant for mutant in mutants if re.search(pattern, mutant.name)]
    if not chosen:
        sys.exit(f"ONLY={pattern}: no mutant has such a name")
    verdicts = Verdicts(ROOT, mutants)
    with Workshop(ROOT) as workshop:
        workshop.prove(chosen)
        for mutant in chosen:
            verdicts.add(mutant, workshop.judge(mutant))
    print(verdicts.table(chosen))
    return verdicts.failed(chosen)


def table():
    mutants = load(ROOT)
    Verdicts(ROOT, mutants).write(ROOT / "tests" / "README.md")


def main(arguments):
    match arguments:
        case ["check"]:
            return check()
        case ["run", *pattern]:
            return run(*pattern or [""])
        case ["table"]:
            return table()
    sys.exit(__doc__)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("casework: interrupted; what was judged is kept")
