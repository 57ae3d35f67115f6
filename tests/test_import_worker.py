"""What the worker makes of imports (3.2): each line once, whatever happens
meanwhile, and a result for each."""

import json
import os
import signal
import uuid

import pytest

from imports import Import, ndjson
from instance import figure, until

pytestmark = pytest.mark.direct

HEADER = "external_id,name,state,hosting\n"


@pytest.fixture(scope="module")
def administrator(world):
    return world.staff("administrator")


@pytest.fixture
def new_import(sql, administrator):
    made = []

    def make(content, by=administrator.id, **options):
        made.append(Import(sql, by, content, **options))
        return made[-1]
    yield make
    for one in made:
        sql.run("update casework.imports set state = 'cancelled' where id = %s"
                " and state in ('receiving', 'queued', 'running')", one.id)


@pytest.fixture
def new_importer(new_worker):
    def start(**settings):
        return new_worker(**settings)
    return start


@pytest.fixture
def importer(new_importer):
    return new_importer()


@pytest.fixture
def mark():
    return uuid.uuid4().hex[:8] + "-"


@pytest.fixture
def districts(sql, mark):
    """Those of the test, by what an import calls them."""
    def read(column="name"):
        return {row["external_id"].removeprefix(mark): row["value"]
                for row in sql.rows(
                    f"select external_id, {column} as value"
                    " from casework.districts where external_id like %s",
                    mark + "%")}
    return read


def rows(mark, numbers, name="District"):
    return HEADER + "".join(
        f"{mark}{n},{name} {n},MN,campus_hosted\n" for n in numbers)


def log_of(worker):
    return [json.loads(line)
            for line in worker.log_file.read_text().splitlines()]


def held(sql):
    """Whether a worker waits for a row in the middle of a batch."""
    return sql.value(
        "select count(*) from pg_stat_activity where usename ="
        " 'casework_worker' and wait_event_type = 'Lock'"
        " and query like '%%rules.import_lines%%'")


# -- lines and what comes of them ---------------------------------------------

def test_each_line_has_its_result_and_the_import_its_counts(
        new_import, importer, districts, mark):
    new_import(rows(mark, [1, 2])).ended()
    again = new_import(
        HEADER + f"{mark}1,District 1,MN,campus_hosted\n"
        f"{mark}2,Renamed,MN,campus_hosted\n{mark}3,New,MN,campus_hosted\n"
        f"{mark}4,,MN,campus_hosted\n").ended()
    assert again["state"] == "finished" and again["failure"] is None
    assert again.lines() == {2: "unchanged", 3: "updated", 4: "created",
                             5: "failed"}
    assert again.counts == {"created": 1, "updated": 1, "unchanged": 1,
                            "failed": 1}
    assert again["lines"] == again["at_line"] == 5
    assert again["started_at"] and again["finished_at"]
    assert again.parts() == 0
    assert districts() == {"1": "District 1", "2": "Renamed", "3": "New"}
    assert again.line(4)["external_id"] == f"{mark}3"
    assert again.line(4)["resource_id"] == str(districts("id")["3"])
    assert again.line(5)["resource_id"] is None


def test_the_same_file_twice_changes_nothing(new_import, importer, districts,
                                             mark):
    content = rows(mark, range(30))
    assert new_import(content).ended().counts == {"created": 30}
    versions = districts("version")
    assert new_import(content).ended().counts == {"unchanged": 30}
    assert districts("version") == versions


def test_what_is_only_tried_changes_nothing(new_import, importer, districts,
                                            mark, sql):
    new_import(rows(mark, [1])).ended()
    events = sql.value("select count(*) from casework.events e"
                       " join casework.districts d on d.id = e.district_id"
                       " where d.external_id like %s", mark + "%")
    tried = new_import(
        rows(mark, [1, 2], "Another") + f"{mark}3,,MN,campus_hosted\n",
        validate_only=True).ended()
    assert tried.lines() == {2: "updated", 3: "created", 4: "failed"}
    assert tried.line(2)["resource_id"] == str(districts("id")["1"])
    assert tried.line(3)["resource_id"] is None
    assert districts() == {"1": "District 1"}
    assert events == sql.value(
        "select count(*) from casework.events e"
        " join casework.districts d on d.id = e.district_id"
        " where d.external_id like %s", mark + "%")


def test_what_is_tried_goes_by_what_was_tried_before(
        new_import, importer, districts, mark):
    """A thing that comes twice is made once; the second line changes it."""
    content = (HEADER + f"{mark}1,Lakes,MN,campus_hosted\n"
               f"{mark}1,Lakes,MN,campus_hosted\n{mark}1,Hills,,\n"
               f"{mark}1,Lakes,,\n{mark}2,,MN,\n"
               f"{mark}2,B,MN,campus_hosted\n{mark}2,B,,\n")
    outcome = {2: "created", 3: "unchanged", 4: "updated", 5: "updated",
               6: "failed", 7: "created", 8: "unchanged"}
    importers = {"tried": True, "done": False}
    for tried in importers.values():
        one = new_import(content, validate_only=tried).ended()
        assert one.lines() == outcome
        assert tried == (districts() == {})
    assert districts() == {"1": "Lakes", "2": "B"}
    again = new_import(content, validate_only=True).ended()
    assert again.lines() == {**outcome, 2: "unchanged", 6: "unchanged",
                             7: "unchanged"}


def test_what_is_tried_is_not_kept_in_any_batch(
        new_import, new_importer, mark, sql, districts):
    new_importer(IMPORT_BATCH=1)
    one = new_import(rows(mark, [1, 2, 1, 1]), validate_only=True).ended()
    assert list(one.lines().values()) == [
        "created", "created", "unchanged", "unchanged"]
    assert one.line(4)["resource_id"] is None
    assert sql.value("select count(*) from casework.import_tries"
                     " where import_id = %s", one.id) == 0
    assert districts() == {}


def test_lines_are_the_act_of_who_has_sent_them(new_import, importer, sql,
                                                administrator, mark):
    new_import(rows(mark, [1])).ended()
    assert sql.row(
        "select e.actor_kind, e.actor_id from casework.events e"
        " join casework.districts d on d.id = e.district_id"
        " where d.external_id = %s", mark + "1") == {
            "actor_kind": "staff", "actor_id": administrator.id}


def test_who_is_no_administrator_any_more_imports_nothing(
        new_import, importer, districts, mark, world, sql):
    lead = world.staff("lead")
    gone = world.staff("administrator")
    sql.run("update casework.staff set active = false where id = %s", gone.id)
    for who in (lead, gone):
        refused = new_import(rows(mark, [1]), by=who.id).ended()
        assert refused["state"] == "failed"
        assert "no active administrator" in refused["failure"]
        assert refused.lines() == {} and refused.parts() == 0
    assert districts() == {}


def test_the_end_of_an_import_is_an_event(new_import, importer, sql, mark):
    one = new_import(rows(mark, [1])).ended()
    (event,) = sql.rows("select type, changes from casework.desk_events"
                        " where type like 'import.%%' and resource = %s",
                        str(one.id))
    assert event["type"] == "import.finished"
    assert {"member": "state", "old": "running",
            "new": "finished"} in event["changes"]


def test_an_import_is_counted(new_import, importer, mark):
    new_import(rows(mark, [1, 2]) + f"{mark}3,,MN,campus_hosted\n").ended()
    until(lambda: figure(importer, 'jobs_done_total{job="import"}'))
    until(lambda: figure(importer, 'jobs_leased_total{job="import"}') == 1)
    until(lambda: figure(
        importer, 'import_lines_total{result="created"}') == 2)
    until(lambda: figure(importer, 'import_lines_total{result="failed"}') == 1)


# -- records are judged as requests are ---------------------------------------

def test_faults_of_a_record_are_those_of_the_api(new_import, importer, mark,
                                                 administrator):
    bad = {"name": "Lakes", "state": "Minnesota", "hosting": "cloud",
           "technical_team": {"email": "nobody"}, "color": "blue"}
    one = new_import(ndjson({**bad, "external_id": mark}),
                     media_type="application/x-ndjson").ended()
    problem = administrator.post("/v1/districts", bad).expect(422)
    assert sorted(one.errors(1)) == sorted(
        (error["pointer"], error["detail"]) for error in problem["errors"])


def test_what_a_rule_refuses_is_told_with_its_place(new_import, importer,
                                                    mark):
    one = new_import(HEADER.strip() + ",time_zone\n"
                     f"{mark},Lakes,MN,campus_hosted,Mars/Base\n").ended()
    ((pointer, sentence),) = one.errors(2)
    assert pointer == "/time_zone" and "IANA" in sentence


@pytest.fixture
def odd(sql, mark):
    """A district that nobody can make, for no reason that we know of."""
    sql.run("create function casework.odd() returns trigger language plpgsql"
            " as $$ begin raise 'odd'; end $$; create trigger odd before"
            " insert on casework.districts for each row when"
            f" (new.external_id = '{mark}odd')"
            " execute function casework.odd()")
    yield mark + "odd"
    sql.run("drop function casework.odd cascade")


def test_a_fault_of_ours_fails_its_line_alone(new_import, importer, mark, odd,
                                              districts):
    one = new_import(rows(mark, [1]) + f"{odd},Odd,MN,campus_hosted\n"
                     f"{mark}2,District 2,MN,campus_hosted\n").ended()
    assert one.lines() == {2: "created", 3: "failed", 4: "created"}
    assert one.errors(3) == [
        ("", "This line could not be taken; the service is at fault.")]
    assert sorted(districts()) == ["1", "2"]
    assert until(lambda: [line for line in log_of(importer)
                          if line["event"] == "import_line_failed"]
                 )[0]["detail"] == "P0001"


@pytest.fixture
def one_of_a_name(sql, mark):
    """What no rule knows: two districts of this name never are. Said at each
    line, or when a batch is committed."""
    def make(when):
        sql.run("alter table casework.districts add constraint only_one"
                f" exclude (name with =) where (name = '{mark}Lakes')"
                f" {when}")
        return mark + "Lakes"
    yield make
    sql.run("alter table casework.districts drop constraint only_one")


def lakes(mark, name):
    return HEADER + "".join(
        f"{mark}{n},{name if n in (3, 7) else n},MN,campus_hosted\n"
        for n in range(10))


@pytest.mark.parametrize("when, says", [
    ("not deferrable", ("conflict", "does not go with what is there")),
    ("deferrable initially deferred",
     ("internal-error", "the service is at fault"))],
    ids=["line", "commit"])
def test_a_line_that_postgresql_refuses_fails_alone(
        new_import, importer, mark, one_of_a_name, districts, when, says):
    one = new_import(lakes(mark, one_of_a_name(when))).ended()
    assert one["state"] == "finished"
    assert one.counts == {"created": 9, "failed": 1}
    (failed,) = [n for n, came in one.lines().items() if came == "failed"]
    assert failed in (5, 9)
    (error,) = one.line(failed)["errors"]
    assert error["code"] == says[0] and says[1] in error["detail"]
    assert len(districts()) == 9
    # and the next one has its turn
    assert new_import(rows(mark, [20])).ended().counts == {"created": 1}


@pytest.fixture
def unspeakable(sql, mark):
    """The result of this line cannot be kept."""
    sql.run("alter table casework.import_lines add constraint unspeakable"
            f" check (external_id <> '{mark}3') not valid")
    yield
    sql.run("alter table casework.import_lines drop constraint unspeakable")


def test_an_import_that_cannot_go_on_ends_in_a_sentence(
        new_import, importer, mark, unspeakable, districts):
    one = new_import(rows(mark, range(10))).ended()
    assert one["state"] == "failed"
    assert one["failure"].startswith("What came of line 5 cannot be written "
                                     "down (SQLSTATE 23514)")
    assert sorted(districts()) == ["0", "1", "2"] and one.parts() == 0
    assert new_import(rows(mark, [20])).ended().counts == {"created": 1}


@pytest.fixture
def unreadable(sql, mark):
    """Bytes that the database cannot give back."""
    sql.run("create policy unreadable on casework.import_parts as restrictive"
            " to casework_worker using (1 / (position(convert_to("
            f"'{mark}9', 'UTF8') in bytes) = 0 or current_query() not like"
            " '%%import_part(%%')::int > 0)")
    yield
    sql.run("drop policy unreadable on casework.import_parts")


def test_no_import_waits_for_what_never_comes(
        new_import, importer, mark, unreadable, districts):
    one = new_import(rows(mark, range(10)), piece=len(rows(mark, range(9)))
                     ).ended()
    assert one["state"] == "failed" and "SQLSTATE 22012" in one["failure"]
    assert districts() == {}


def test_what_only_passes_is_waited_for(new_import, importer, mark, sql,
                                        districts):
    """A database without room takes the lines once it has some."""
    sql.run("create function casework.full() returns trigger language plpgsql"
            " as $$ begin raise 'full' using errcode = 'disk_full'; end $$;"
            " create trigger full_disk before insert on casework.districts"
            f" for each row when (new.external_id = '{mark}3')"
            " execute function casework.full()")
    try:
        one = new_import(rows(mark, range(5)))
        until(lambda: len([line for line in log_of(importer)
                           if line["event"] == "statement_failed"]) > 7)
        assert one["state"] == "running" and one["at_line"] < 5
    finally:
        sql.run("drop function casework.full cascade")
    assert one.ended().counts == {"created": 5}


# -- NDJSON -------------------------------------------------------------------

def test_lines_of_ndjson_are_records(new_import, importer, districts, mark):
    record = {"name": "Seen", "state": "MN", "hosting": "campus_hosted"}
    text = ("\ufeff" + ndjson({**record, "external_id": mark + "1"})
            + "\r\n  \n" + '{"external_id": \r\n[]\n'
            + ndjson({**record, "external_id": mark + "2"}).strip() + "\r\n"
            + '{"external_id": "' + "x" * 70000 + '"}\n'
            + ndjson({**record, "external_id": mark + "3"}).strip())
    one = new_import(text, media_type="application/x-ndjson",
                     piece=1000).ended()
    assert one.lines() == {1: "created", 4: "failed", 5: "failed",
                           6: "created", 7: "failed", 8: "created"}
    assert "ends too early" in one.errors(4)[0][1]
    assert "Must be an object" in one.errors(5)[0][1]
    assert "65536 bytes" in one.errors(7)[0][1]
    assert sorted(districts()) == ["1", "2", "3"]


# -- CSV ----------------------------------------------------------------------

@pytest.mark.parametrize("content", [
    "external_id,name,state,hosting\r\n{m},North Lakes,MN,campus_hosted\r\n",
    "\ufeffexternal_id;name;state;hosting\r\n{m};North Lakes;MN;campus_hosted",
    "sep=;\r\nexternal_id;name;state;hosting\r\n"
    "{m};North Lakes;MN;campus_hosted\r\n;;;\r\n",
    "external_id\tname\tstate\thosting\n{m}\tNorth Lakes\tMN\tcampus_hosted\n",
    '"hosting", "external_id","state","name"\n'
    '"campus_hosted","{m}","MN","North Lakes"\n\n\n',
], ids=["plain", "semicolons", "sep", "tabs", "quoted"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_csv_comes_in_many_forms(new_import, importer, districts, mark,
                                 content, encoding):
    if '", "' in content:
        content = content.replace('", "', '","')
    text = content.replace("{m}", mark + "1")
    if encoding == "utf-16":
        text = text.lstrip("\ufeff")    # Python writes a mark of its own
    one = new_import(text.encode(encoding), piece=7).ended()
    assert one["failure"] is None and one.counts == {"created": 1}
    assert districts() == {"1": "North Lakes"}


def test_fields_hold_what_stands_in_quotes(new_import, importer, districts,
                                           mark):
    one = new_import(
        HEADER + f'{mark}1,"a, ""b"" c",MN,campus_hosted\n'
        f'{mark}2,"a\nb",MN,campus_hosted\n'
        f"{mark}3,=1+1,MN,campus_hosted\n{mark}4,-a,MN,campus_hosted\n"
        f'{mark}5,a "b",MN,campus_hosted\n{mark}6,"a"b,MN,campus_hosted\n'
        f"{mark}7,a,MN\n{mark}8,a,MN,campus_hosted,b\n").ended()
    assert districts() == {"1": 'a, "b" c', "3": "=1+1", "4": "-a"}
    # the line end is what the schema of a name refuses, as of a request
    assert one.lines() == {2: "created", 3: "failed", 5: "created",
                           6: "created", 7: "failed", 8: "failed",
                           9: "failed", 10: "failed"}
    assert one.errors(3)[0][0] == "/name"
    assert "has a quote within it" in one.errors(7)[0][1]
    assert "has 3 fields, the header has 4" in one.errors(9)[0][1]
    assert "has 5 fields, the header has 4" in one.errors(10)[0][1]


def test_columns_that_were_once_used_are_none(new_import, importer, districts,
                                              mark):
    """A spreadsheet writes their separators to the end of each line."""
    one = new_import(
        f"external_id;name;state;hosting;;\r\n{mark}1;A;MN;campus_hosted;;\r\n"
        f";;;;;\r\n{mark}2;B;MN;campus_hosted\r\n"
        f"{mark}3;C;MN;campus_hosted;;;;\r\n{mark}4;;;;\r\n").ended()
    assert districts() == {"1": "A", "2": "B", "3": "C"}
    assert one.lines() == {2: "created", 4: "created", 5: "created",
                           6: "failed"}


def test_cells_are_read_by_the_schema(new_import, importer, districts, mark):
    new_import(
        "external_id,name,state,hosting,active,product_areas,"
        "product_version,technical_team.email,technical_team.name\n"
        f"{mark}1,null,MN,campus_hosted,FALSE,grade_book|attendance,2611.1,"
        "team@lakes.example,\n").ended()
    assert districts("active") == {"1": False}
    assert districts("product_areas") == {"1": ["grade_book", "attendance"]}
    assert districts("technical_team") == {"1": {
        "email": "team@lakes.example"}}
    assert districts() == {"1": "null"}
    # an empty cell says nothing, null takes away
    new_import("external_id,product_areas,product_version,"
               f"technical_team.email\n{mark}1,null,null,\n").ended()
    assert districts("product_areas") == {"1": None}
    assert districts("product_version") == {"1": None}
    assert districts("technical_team") == {"1": {
        "email": "team@lakes.example"}}


def test_a_file_of_excel_is_taken_as_people_see_it(
        new_import, importer, districts, mark):
    one = new_import(
        "\ufeffExternal ID; Name ;STATE;Hosting;Product-Areas;active;"
        f"Technical Team.Email\r{mark}1 ; North Lakes\u00a0;MN; campus_hosted"
        f";grade_book | attendance;TRUE;it@lakes.example\r"
        f"{mark}1;North Lakes;;;;;\r").ended()
    assert one["failure"] is None
    assert one.lines() == {2: "created", 3: "unchanged"}
    assert districts() == {"1": "North Lakes"}
    assert districts("product_areas") == {"1": ["grade_book", "attendance"]}
    assert districts("technical_team") == {"1": {"email": "it@lakes.example"}}


def test_a_key_has_no_blanks_around_it_and_capitals_count(
        new_import, importer, districts, mark):
    record = {"state": "MN", "hosting": "campus_hosted"}
    one = new_import(ndjson(
        {**record, "external_id": mark + "a", "name": "Lakes"},
        {**record, "external_id": f" {mark}a ", "name": "Hills"},
        {**record, "external_id": mark + "A", "name": "Woods"}),
        media_type="application/x-ndjson").ended()
    assert one.lines() == {1: "created", 2: "updated", 3: "created"}
    assert districts() == {"a": "Hills", "A": "Woods"}
    sites = new_import(ndjson({"district_external_id": mark + "a ",
                               "external_id": "HS", "name": "High School"}),
                       media_type="application/x-ndjson",
                       kind="sites").ended()
    assert sites.lines() == {1: "created"}


def test_times_without_offset_are_those_of_the_district(
        new_import, importer, mark, sql):
    new_import("external_id,name,state,hosting,time_zone\n"
               f"{mark}D,D,AZ,campus_hosted,America/Phoenix\n"
               f"{mark}E,E,MN,campus_hosted,\n").ended()
    new_import("district_external_id,external_id,name,email\n" + "".join(
        f"{mark}{d},P,Contact,p@lakes.example\n" for d in "DE"),
        kind="contacts").ended()
    one = new_import(
        "external_id,district_external_id,contact_external_id,subject,"
        "description,priority,status,submitted_at,closed_at,closure_reason\n"
        + "".join(f"{mark}{case},{mark}{d},P,Grades,Lost.,low,closed,{at},"
                  "2/7/2026 9:15 PM,withdrawn\n" for case, d, at in (
                      ("1", "D", "1/5/2026 14:30"), ("2", "E", "1/5/2026"),
                      ("3", "E", "2026-01-05T14:30:00Z"))),
        kind="cases").ended()
    assert one.counts == {"created": 3}
    new_import("external_id,submitted_at,closed_at\n"
               f"{mark}1,2026-01-05 14:30,2/7/2026 9:16 PM\n",
               kind="cases").ended()
    notes = new_import("external_id,case_external_id,visibility,text,"
                       "created_at,author_name\n"
                       f"{mark}N,{mark}2,public,Found.,1/6/2026 8:00,Somebody\n",
                       kind="notes").ended()
    assert notes.counts == {"created": 1}
    assert {row["name"]: (row["submitted"], row["closed"]) for row in sql.rows(
        "select external_id as name, views.utc(submitted_at) as submitted,"
        " views.utc(closed_at) as closed from casework.cases"
        " where external_id like %s", mark + "%")} == {
            mark + "1": ("2026-01-05T21:30:00Z", "2026-02-08T04:16:00Z"),
            mark + "2": ("2026-01-05T06:00:00Z", "2026-02-08T03:15:00Z"),
            mark + "3": ("2026-01-05T14:30:00Z", "2026-02-08T03:15:00Z")}
    assert sql.value("select views.utc(created_at) from casework.notes"
                     " where external_id = %s", mark + "N"
                     ) == "2026-01-06T14:00:00Z"


# -- files that cannot be read ------------------------------------------------

@pytest.mark.parametrize("content, says", [
    (b"external_id,name\nx,a\nx,\xe4\n", "Line 3 of the file is not UTF-8"),
    (b"external_id,name\nx,\xc3", "Line 2 of the file is not UTF-8"),
    (b"external_id,name\nx,a\0b\n", "Line 2 of the file has a NUL byte"),
    (b"\xff\xfee", "is not UTF-16"),
    (b"external_id,nmae\nx,a\n", 'There is no column "nmae"'),
    (b"external_id,technical_team\nx,a\n", 'no column "technical_team"'),
    (b"external_id,name,name\nx,a,b\n", 'There are two columns "name"'),
    (b"external_id,,name\nx,a,b\n", "Column 2 has no name"),
    (b'external_id,name\nx,a\nx,"b\nx,c\n',
     "begins in line 3 has a quote that does not end"),
    (b'external_id,name\nx,"' + b"a" * 70000 + b'"\n', "65536 bytes"),
    (b"", "The file is empty"),
    (b"\xef\xbb\xbf\r\n", "The file is empty"),
    (b"external_id" + b",name" * 256, "more than 256 columns"),
], ids=["latin", "cut", "nul", "half", "unknown", "object", "doubled", "unnamed",
        "open", "long", "empty", "blank", "wide"])
def test_a_file_that_cannot_be_read_to_its_end_does_nothing(
        new_import, importer, mark, districts, content, says):
    one = new_import(content.replace(b"x,", mark.encode() + b"1,")).ended()
    assert one["state"] == "failed" and says in one["failure"]
    assert one.lines() == {} and one["lines"] is None and one.parts() == 0
    assert districts() == {}


def test_a_file_without_records_is_finished(new_import, importer):
    for content, media_type in ((HEADER, "text/csv"),
                                ("", "application/x-ndjson")):
        one = new_import(content, media_type=media_type).ended()
        assert one["state"] == "finished" and one["lines"] == 0


# -- workers that die, stop, and meet -----------------------------------------

@pytest.fixture
def hold(new_session):
    """A session that holds a district until it is told to let go."""
    session = new_session()

    def take(external_id):
        session.run("begin; select from casework.districts"
                    " where external_id = %s for update", external_id)
        return session
    return take


def test_a_worker_killed_in_the_middle_is_followed_by_another(
        new_import, new_importer, districts, mark, sql, hold):
    """At once: with its session goes what it had in hand."""
    first = new_importer(IMPORT_BATCH=5, IMPORT_LEASE_SECONDS=86400)
    new_import(rows(mark, [22])).ended()
    holder = hold(mark + "22")
    one = new_import(rows(mark, range(40)))
    until(lambda: held(sql))
    assert 0 < one["at_line"] < 24 and one["state"] == "running"
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    holder.run("rollback")
    new_importer(IMPORT_BATCH=7)
    one.ended()
    assert one.counts == {"created": 39, "unchanged": 1}
    assert one["state"] == "finished" and len(one.lines()) == 40
    assert len(districts()) == 40
    assert sql.value(
        "select count(*) from casework.events e join casework.districts d"
        " on d.id = e.district_id where d.external_id like %s"
        " and e.type = 'district.created'", mark + "%") == 40


def test_what_a_living_session_has_in_hand_is_not_left_behind(new_session):
    mine, other = new_session(), new_session()
    pid = mine.value("select pg_backend_pid()")

    def left_behind(pid):
        return other.value("select rules.is_left_behind(%s)", pid)
    assert left_behind(pid) is False and left_behind(None) is False
    mine.close()
    until(lambda: left_behind(pid))


def test_a_worker_that_stops_leaves_the_rest_to_another_at_once(
        new_import, new_importer, mark, sql, hold):
    first = new_importer(IMPORT_BATCH=5, IMPORT_LEASE_SECONDS=86400)
    new_import(rows(mark, [7])).ended()
    holder = hold(mark + "7")
    one = new_import(rows(mark, range(20)))
    until(lambda: held(sql))
    first.terminate()
    holder.run("rollback")
    first.wait()
    new_importer()
    assert one.ended().counts == {"created": 19, "unchanged": 1}


def test_two_workers_do_each_line_once(new_import, new_importer, mark, sql,
                                       districts):
    for _ in range(2):
        new_importer(IMPORT_BATCH=3)
    one, other = (new_import(rows(mark, range(60))) for _ in range(2))
    assert one.ended().counts == {"created": 60}
    assert other.ended().counts == {"unchanged": 60}
    assert other["started_at"] >= one["finished_at"]
    assert len(districts()) == 60


def test_what_is_cancelled_ends_between_two_batches(
        new_import, new_importer, mark, sql, hold, districts):
    new_importer(IMPORT_BATCH=5)
    new_import(rows(mark, [12])).ended()
    holder = hold(mark + "12")
    one = new_import(rows(mark, range(40)))
    until(lambda: held(sql))
    # at once, though the worker is in the middle of a batch
    sql.run("update casework.imports set state = 'cancelled' where id = %s",
            one.id)
    holder.run("rollback")
    until(lambda: not held(sql))
    assert one["state"] == "cancelled" and one.counts["created"] < 13
    assert len(districts()) == len(one.lines()) + 1


def test_a_line_that_somebody_holds_waits_for_it(new_import, importer, mark,
                                                 sql, hold, districts):
    new_import(rows(mark, [2])).ended()
    holder = hold(mark + "2")
    one = new_import(rows(mark, range(5), "Renamed"))
    until(lambda: held(sql))
    # the lock's time is over once, at least: then with fewer lines
    until(lambda: one["at_line"] > 0)
    holder.run("rollback")
    assert one.ended().counts == {"created": 4, "updated": 1}
    assert districts()["2"] == "Renamed 2"
