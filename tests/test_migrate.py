"""sql/migrate.sh: what it refuses, and that nothing has changed then."""

import json
import re

import pytest

from fixtures_migrating import LAST, is_refused, migrate, up_to_date
from instance import ROOT
from rules import WANTED
from sql import SqlError

pytestmark = pytest.mark.direct


def test_a_rule_file_that_is_not_listed_is_named(copy):
    (copy / "rules" / "cases" / "forgotten.sql").write_text("select 1;")
    is_refused(migrate(copy, "host=/nowhere"),
               "sql/rules/cases/forgotten.sql", "not listed")


def test_a_listed_rule_file_that_is_missing_is_named(copy):
    (copy / "rules" / "cases" / "notes.sql").unlink()
    is_refused(migrate(copy, "host=/nowhere"),
               "cases/notes.sql", "no such file")


def test_a_rule_file_that_is_listed_twice_is_named(copy):
    with (copy / "rules" / "order").open("a") as order:
        order.write("  # once more\ncases/notes.sql   # here\n")
    is_refused(migrate(copy, "host=/nowhere"), "cases/notes.sql", "twice")


def test_a_migration_that_was_changed_is_named(copy, database):
    with (copy / "schema" / "012_surveys.sql").open("a") as file:
        file.write("-- a second thought")
    is_refused(migrate(copy, database.url), "sql/schema/012_surveys.sql",
               "changed after it was applied")


def test_a_migration_may_say_what_it_was(copy, changing):
    """Where a text that databases have had runs no longer."""
    path = copy / "schema" / "001_people.sql"
    (had,) = changing.value("select sha256 from casework.migrations"
                            " where name = '001_people'").split()
    path.write_text(f"-- formerly {had}\n" + path.read_text())
    done = migrate(copy, changing.url)
    assert (done.returncode, done.stderr) == (0, "")
    path.write_text(path.read_text().replace(had, had[::-1]))
    is_refused(migrate(copy, changing.url), "sql/schema/001_people.sql",
               "changed after it was applied")


def test_no_function_keeps_a_table_from_growing(database):
    """A function whose body PostgreSQL has read (`return`, `begin atomic`) and
    whose argument is a row: since 15.20 no column with a default can be added to
    that table, and the next migration may want to."""
    assert database.value(
        "select coalesce(string_agg(p.oid::regprocedure::text, ', '), '')"
        " from pg_proc p where p.prosqlbody is not null"
        " and p.pronamespace::regnamespace::text in ('rules', 'views',"
        " 'casework') and exists (select from unnest(p.proargtypes) t (type)"
        " join pg_type y on y.oid = t.type"
        " join pg_type e on e.oid = coalesce(nullif(y.typelem, 0), y.oid)"
        " join pg_class c on c.oid = e.typrelid and c.relkind = 'r')") == ""


def test_a_migration_that_comes_too_late_for_its_number_is_named(
        copy, database):
    (copy / "schema" / "003_aaa.sql").write_text("select 1;\n")
    is_refused(migrate(copy, database.url), "sql/schema/003_aaa.sql",
               "comes before " + LAST, "next number")


def test_a_database_of_another_version_is_left_alone(copy, changing):
    changing.run("insert into casework.migrations (name, sha256)"
                 " values ('007_b_other', '')")
    (copy / "rules" / "base" / "views.sql").write_text("create schema views;")
    is_refused(migrate(copy, changing.url), "1 migrations",
               "007_b_other", "another version")
    assert changing.value("select to_regclass('views.case_document')"
                          " is not null as there")


def test_a_database_of_a_newer_version_is_left_alone(copy, changing):
    """By the migrate.sh of the version before, say."""
    changing.run("insert into casework.migrations (name, sha256)"
                 " values ('099_later', '')")
    (copy / "rules" / "base" / "views.sql").write_text("create schema views;")
    is_refused(migrate(copy, changing.url), "newer version", "099_later",
               LAST, "use the migrate.sh of that version")
    assert changing.value("select to_regclass('views.case_document')"
                          " is not null as there")


def test_migrating_again_applies_nothing_again(database):
    applied = ("select name, sha256, applied_at from casework.migrations"
               " order by name")
    before = database.rows(applied)
    assert [m["name"] for m in before] == sorted(
        path.stem for path in (ROOT / "sql" / "schema").glob("*.sql"))
    assert migrate(ROOT / "sql", database.url).returncode == 0
    assert database.rows(applied) == before


def add_migration(copy, text, name="099_test"):
    (copy / "schema" / (name + ".sql")).write_text(text)


def test_texts_are_found_alike_whatever_the_locale_of_the_database(cluster):
    pairs = json.loads((ROOT / "tests/data/searches.json").read_text(
        encoding="utf-8"))["same"]
    with up_to_date(cluster, "template template0 locale 'C'") as session:
        assert session.value("select lower('\u00c9')") == "\u00c9"
        for one, other in pairs:
            for kept, asked in ((one, other), (other, one)):
                assert session.row(
                    "select rules.folded(%s) = rules.folded(%s) as same,"
                    " rules.word_vector(%s) @@ rules.asked(%s) as found",
                    kept, asked, kept, asked) == {
                        "same": True, "found": True}, (kept, asked)


def test_a_column_that_nobody_declares_is_named(copy, changing):
    """Neither silently unsaved nor silently public history. The rules of
    before go on."""
    add_migration(copy, "alter table casework.cases"
                        " add column forgotten text;")
    rules = "select xmin::text from pg_proc where proname = 'misfit'"
    before = changing.value(rules)
    is_refused(migrate(copy, changing.url), "casework.cases.forgotten",
               "not declared", "columns.sql", "who writes it", "history")
    assert changing.value(rules) == before
    assert changing.value("select migrations from rules.version")[-1] == LAST


def test_every_declared_table_is_looked_at(database):
    tables = [row["relation"] for row in database.rows(
        "select distinct relation from rules.columns")]
    assert "cases" in tables and len(tables) > 5
    for table in tables:
        with pytest.raises(SqlError, match=f"casework.{table}.forgotten is"):
            database.run(
                f"begin; alter table casework.{table} add column forgotten"
                f" text; call rules.make_writers('{table}')")
        database.run("rollback")


def test_a_declaration_without_its_column_is_named(copy, database):
    with (copy / "rules" / "base" / "columns.sql").open("a") as file:
        file.write("insert into rules.columns values"
                   " ('releases', 'covered', true, '{staff}', 'values');")
    is_refused(migrate(copy, database.url), "casework.releases", "no column",
               "covered")


def test_a_declared_column_is_written_and_told(copy, changing):
    add_migration(copy, "alter table casework.releases"
                        " add column codename text;")
    declared = copy / "rules" / "verification" / "columns.sql"
    declared.write_text(declared.read_text().replace(
        "insert into rules.columns (relation, name, made, written_by,"
        " history) values",
        "insert into rules.columns (relation, name, made, written_by,"
        " history) values\n"
        "  ('releases', 'codename', true, '{staff}', 'values'),"))
    is_refused(migrate(copy, changing.url), "casework.releases.codename",
               "casework_staff", "no grant")
    add_migration(copy, "grant update (codename)"
                        " on casework.releases to casework_staff;",
                  "099_test_grant")
    assert migrate(copy, changing.url).returncode == 0
    changing.run("""do $$
        declare
          old casework.releases := rules.insert_row(jsonb_populate_record(
            null::casework.releases, '{"release": "2531",
              "released_on": "2025-07-01", "support_status": "current",
              "codename": "Heron"}'));
          new casework.releases := old;
        begin
          new.codename := 'Crane';
          perform rules.update_row(old, new, now());
          assert rules.changes(old, new) = '[{"member": "codename",
            "old": "Heron", "new": "Crane"}]', rules.changes(old, new)::text;
        end $$""")
    assert changing.row("select codename, version from casework.releases"
                        ) == {"codename": "Crane", "version": 2}


def test_a_row_that_a_request_changes_is_of_a_declared_table(database):
    """Elsewhere nobody lists its columns or compares its members."""
    declared = {row["relation"] for row in database.rows(
        "select distinct relation from rules.columns")}
    changed = set()
    for path in (ROOT / "sql" / "rules").rglob("*.sql"):
        text = path.read_text(encoding="utf-8")
        assert "jsonb_each(to_jsonb(" not in text, path
        for function in re.findall(r"^declare$.*?^end \$\$;", text,
                                   re.DOTALL | re.MULTILINE):
            for name in re.findall(
                    r"(\w+)(?: casework\.\w+)? := jsonb_populate_record"
                    r"\(before,", function):
                changed.update(re.findall(
                    rf"^  {name} casework\.(\w+)", function, re.MULTILINE))
    assert {"cases", "contacts", "webhooks"} <= changed <= declared


def references(text):
    """The numbers of facts and sections of rules that comments name. (What
    style sheets call --text is none.)"""
    comments = " ".join(re.findall(r"(?:^|\s)-- (.*)", text, re.M))
    for numbers in re.findall(
            r"\bfacts? (\d+(?:(?:, | to |-| and )\d+)*)", comments, re.I):
        yield from (("fact", int(n)) for n in re.findall(r"\d+", numbers))
    for section in re.findall(r"(?<![\d.])[12]\.\d+(?![\d.])", comments):
        yield "rule", section


def test_every_fact_and_rule_that_a_comment_names_is_listed():
    named = {(path.relative_to(ROOT), *reference)
             for path in (ROOT / "sql").rglob("*.sql")
             for reference in references(path.read_text(encoding="utf-8"))}
    assert len(named) > 100
    astray = [n for n in named if n[2] not in WANTED[n[1]]]
    assert astray == []


def test_statistics_that_are_no_longer_wanted_are_forgotten(changing):
    """Those that an analyze made before the column was to have none."""
    changing.run("""
        insert into casework.districts (name, state, hosting)
        select 'Zanzibar ' || n, 'MN', 'campus_hosted'
        from generate_series(1, 30) n;
        alter table casework.districts alter column name set statistics 100;
        analyze casework.districts;
        alter table casework.districts alter column name set statistics 0""")
    held = ("select count(*) from pg_stats where schemaname = 'casework'"
            " and tablename = 'districts' and attname = %s")
    assert changing.value(held, "name") == 1
    assert migrate(ROOT / "sql", changing.url).returncode == 0
    assert changing.value(held, "name") == 0
    assert changing.value(held, "state") == 1


def test_settings_that_somebody_gave_a_role_are_taken_back(database):
    """A role may give itself such, for all its later sessions, here or in all
    databases."""
    held = ("select coalesce(string_agg(array_to_string(setconfig, ' '), ' '),"
            " '') as s from pg_db_role_setting s join pg_roles r"
            " on r.oid = s.setrole where r.rolname = 'casework_contact'")
    before = database.value(held)
    database.run("""
        alter role casework_contact set statement_timeout = 0;
        alter role casework_contact set default_transaction_read_only = on""")
    name = database.value("select current_database() as n")
    database.run(f"alter role casework_contact in database {name}"
                 " set default_transaction_read_only = on")
    assert migrate(ROOT / "sql", database.url).returncode == 0
    assert sorted(database.value(held).split()) == sorted(before.split())
