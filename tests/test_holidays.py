"""Holidays and service levels by the API, and how open cases follow them:
facts 25 and 26, rule 2.2."""

import pytest

from sql import until_settled
from vectors import instant

HOLIDAYS = "/v1/holidays"
SNOW = "2027-03-12"         # a Friday


@pytest.fixture
def administrator(world):
    return world.staff("administrator")


@pytest.fixture
def declare(administrator, sql, moved):
    """Declares a holiday, by the API; taken back at the end."""
    def declare(date, by=administrator, **members):
        dates.append(date)
        return by.post(HOLIDAYS, {"date": date, "name": "Snow day",
                                  **members})
    dates = []
    yield declare
    for date in dates:
        sql.run("delete from casework.holidays where date = %s", date)


@pytest.fixture
def levels(sql, moved):
    """As they were, at the end."""
    yield
    sql.run("update casework.service_levels set business_seconds = 43200"
            " where priority = 'medium'")


def events(sql, resource):
    return sql.rows("select type, actor_kind, actor_id, changes from"
                    " casework.desk_events where resource = %s order by id",
                    resource)


def due(case):
    return instant(case.target["due_at"])


# -- holidays --------------------------------------------------------------

@pytest.mark.fact(25)
@pytest.mark.rule("2.2")
def test_an_administrator_declares_a_holiday(declare, staff, public, sql,
                                             administrator):
    answer = declare(SNOW, nominal_date="2027-03-13").expect(201)
    snow = {"date": SNOW, "name": "Snow day", "nominal_date": "2027-03-13",
            "observed": True}
    assert answer.json == snow
    assert staff.get(answer.location).expect(200).json == snow
    staff.get(answer.location, headers={"If-None-Match": answer.etag}
              ).expect(304)
    assert snow in staff.all(HOLIDAYS, year=2027)
    assert public.get("/v1/calendar", query={
        "from": SNOW, "to": SNOW})["holidays"] == [snow]
    event = events(sql, SNOW)[-1]
    assert (event["type"], event["actor_id"]) == (
        "holiday.created", administrator.id)
    assert {c["member"]: c["new"] for c in event["changes"]} == snow


def test_holidays_are_listed_by_year(staff):
    listed = staff.all(HOLIDAYS, year=2026)
    assert len(listed) == 9
    assert [h["date"] for h in listed] == sorted(h["date"] for h in listed)
    assert {h["date"][:4] for h in listed} == {"2026"}
    assert len(staff.all(HOLIDAYS)) > 900


def test_a_holiday_is_renamed_and_its_day_stays(declare, administrator, sql):
    answer = declare(SNOW).expect(201)
    path = answer.location
    renamed = administrator.patch(path, {"name": "Blizzard"},
                                  etag=answer.etag).expect(200)
    assert (renamed["name"], renamed["date"]) == ("Blizzard", SNOW)
    administrator.patch(path, {"name": "Storm"}, etag=answer.etag).expect(412)
    same = administrator.patch(path, {"name": "Blizzard"}, etag="*")
    assert same.expect(200).etag == renamed.etag
    assert administrator.patch(path, {"date": "2027-03-15"}, etag="*").expect(
        422).faults == ["/date"]
    assert events(sql, SNOW)[-1]["changes"] == [
        {"member": "name", "old": "Snow day", "new": "Blizzard"}]


def test_a_holiday_is_taken_back(declare, administrator, public, sql):
    path = declare(SNOW).expect(201).location
    assert administrator.delete(path).expect(200)["name"] == "Snow day"
    assert public.get("/v1/calendar", query={
        "from": SNOW, "to": SNOW})["holidays"] == []
    for answer in (administrator.get(path), administrator.delete(path),
                   administrator.patch(path, {"name": "x"}, etag="*"),
                   administrator.post(HOLIDAYS + "/validation", {
                       "date": SNOW, "removed": True})):
        answer.expect(404)
    assert events(sql, SNOW)[-1]["type"] == "holiday.removed"


def test_a_day_is_one_holiday(declare):
    declare(SNOW).expect(201)
    answer = declare(SNOW).expect(409, problem="already-exists")
    assert answer.faults == ["/date"]


@pytest.mark.rule("2.2")
def test_a_day_that_has_begun_stays_what_it_was(declare, administrator, clock,
                                                public):
    """Until Support opens, its day may still become a holiday."""
    clock.at(f"{SNOW}T06:00:00-06:00")
    for date in (SNOW, "2027-03-11", "2000-01-04"):
        answer = declare(date).expect(422)
        assert answer.faults == ["/date"]
        assert answer["errors"][0]["code"] == "past"
    clock.at(f"{SNOW}T05:59:59-06:00")
    path = declare(SNOW).expect(201).location
    clock.at(f"{SNOW}T06:00:00-06:00")
    assert public.get("/v1/calendar")["open_now"] is False
    administrator.delete(path).expect(409, problem="conflict")
    administrator.post(HOLIDAYS + "/validation", {
        "date": SNOW, "removed": True}).expect(409, problem="conflict")
    clock.at(f"{SNOW}T05:59:59-06:00")
    administrator.delete(path).expect(200)


def test_the_calendar_ends_in_2100(declare):
    assert declare("2101-01-01").expect(422)["errors"][0]["code"] == (
        "out-of-range")


@pytest.mark.fact(80)
def test_postgresql_lets_administrators_alone_write(
        as_role, advisor, administrator):
    """Whatever the service asks for."""
    role = as_role("staff")
    for statement in (
            "insert into casework.holidays (date, name, nominal_date)"
            f" values ('{SNOW}', 'x', '{SNOW}')",
            "insert into casework.past_hours (weekday, until)"
            " values (1, '2020-01-01')",
            "insert into casework.product_areas (code, name, position)"
            " values ('x', 'x', 9000)",
            "insert into casework.platforms (name, minimum_version)"
            " values ('x', '1')"):
        assert role.fails(statement, caller_id=advisor.id) == "42501"
        assert role.fails(statement, caller_id=administrator.id) is None
    for table in ("holidays", "business_hours", "service_levels", "settings",
                  "product_areas", "platforms", "platform_names",
                  "attachment_settings", "follow_up_plan", "survey_settings",
                  "escalation_path", "published_claims", "support_facts"):
        column = {"settings": "version", "business_hours": "opens",
                  "attachment_settings": "file_bytes", "follow_up_plan":
                  "length", "survey_settings": "smallest_group",
                  "escalation_path": "level", "published_claims": "value"
                  }.get(table, "version")
        changing = (f"delete from casework.{table} returning 1"
                    if table in ("platform_names", "support_facts") else
                    f"update casework.{table} set {column} = {column}"
                    " returning 1")
        assert role.acting(f"{changing}", caller_id=advisor.id) == [], table
        assert role.acting(f"{changing}", caller_id=administrator.id), table


# -- what moves ------------------------------------------------------------

@pytest.mark.rule("2.2")
def test_open_targets_follow_once_the_worker_comes(
        declare, contact, clock, moved):
    """Until then a case is read whole as it was."""
    clock.at("2027-03-11T16:00:00-06:00")
    case = contact.submit()
    before = case.read()
    assert due(case) == instant(f"{SNOW}T16:00:00-06:00")
    declare(SNOW).expect(201)
    assert case.read().json == before.json
    assert due(contact.submit()) == instant("2027-03-15T16:00:00-05:00")
    moved()
    assert due(case) == instant("2027-03-15T16:00:00-05:00")
    event = case.history()[-1]
    assert event["type"] == "case.response_target_changed"
    assert event["actor"]["kind"] == "system"
    assert [instant(event["changes"][0][age]) for age in ("old", "new")] == [
        instant(f"{SNOW}T16:00:00-06:00"),
        instant("2027-03-15T16:00:00-05:00")]
    assert case.read().etag != before.etag


@pytest.mark.rule("2.2")
def test_who_answers_before_the_worker_comes_is_in_time_by_the_new_calendar(
        declare, contact, staff, clock, moved):
    clock.at("2027-03-11T16:00:00-06:00")
    case, other = contact.submit(), contact.submit()
    declare(SNOW).expect(201)
    clock.at("2027-03-15T09:00:00-05:00")
    case.note(staff).expect(201)
    other.change(priority="low").expect(200)
    assert case.target["state"] == "met"
    assert other.target["state"] == "pending"
    assert due(case) == instant("2027-03-15T16:00:00-05:00")
    assert due(other) == instant("2027-03-16T16:00:00-05:00")
    moved()
    assert case.event_types().count("case.response_target.breached") == 0


@pytest.mark.rule("2.2")
def test_no_timer_goes_by_a_date_that_has_yet_to_move(
        declare, contact, staff, clock, timer, moved, as_role, sql):
    clock.at("2027-03-11T16:00:00-06:00")
    case, resolved = contact.submit(), contact.submit()
    resolved.resolve(staff).expect(200)
    declare(SNOW).expect(201)
    for listed in (False, True):
        if listed:
            until_settled(sql)
            assert as_role("worker").run("select rules.timer_calendar(0)"
                                         ) == "1"
        clock.at("2027-03-12T17:00:00-06:00")
        timer("breaches")
        clock.at("2027-03-16T17:30:00-05:00")       # of the third day
        timer("follow_ups")
        clock.at("2027-03-25T18:30:00-05:00")       # of the tenth
        timer("auto_close")
        assert case.event_types() == ["case.submitted"]
        assert resolved.event_types()[-1] == "case.resolved"
    clock.at("2027-03-16T17:30:00-05:00")
    moved()
    timer("breaches")
    timer("follow_ups")
    assert case.event_types()[1:] == ["case.response_target_changed",
                                      "case.response_target.breached"]
    assert resolved.event_types()[-1] == "case.follow_up_changed"


def test_who_counts_by_the_old_calendar_is_waited_for(
        declare, contact, clock, moved, as_role, sql, new_session):
    """What it writes is moved as well."""
    clock.at("2027-03-11T16:00:00-06:00")
    case = contact.submit()
    sql.run("update casework.cases set response_missed = true where id = %s",
            case.id)
    writer = new_session()
    writer.run("begin; update casework.cases set response_missed = false"
               f" where id = {case.id}")
    declare(SNOW).expect(201)
    worker = as_role("worker")
    assert worker.run("select rules.timer_calendar(100)") == "0"
    writer.run("commit")
    moved()
    assert due(case) == instant("2027-03-15T16:00:00-05:00")


COPIES = """
do $$
declare
  columns text := (select string_agg(quote_ident(attname), ', ')
    from pg_attribute where attrelid = 'casework.cases'::regclass
      and attnum > 0 and not attisdropped and attname <> 'id'
      and attgenerated = '');
begin
  execute format('insert into casework.cases (%%s) select %%s'
    ' from casework.cases, generate_series(1, 4998) where id = %s',
    columns, columns);
end $$"""

ASIDE = ("update casework.cases set response_missed = true"
         " where response_elapsed is null and not response_missed")
FREE = ("select count(*) as n from (select from casework.cases"
        " where district_id = %s for no key update skip locked) as c")


@pytest.mark.rule("2.2")
def test_a_holiday_moves_five_thousand_cases_and_holds_up_nobody(
        declare, contact, colleague, clock, sql, as_role, new_session,
        administrator, timer, moved):
    """Whoever writes to a case meets no lock: neither that of who declares the
    holiday, nor, but for the batch in hand, that of who moves the cases."""
    sql.run(ASIDE)
    clock.at("2027-03-11T16:00:00-06:00")
    first, last = contact.submit(priority="critical"), contact.submit()
    sql.run(COPIES % last.id)
    count = ("select count(*) as n from casework.cases where district_id ="
             f" {contact.district.id} and response_due_at = ")
    assert sql.value(count + "'2027-03-12T22:00:00Z'") == 4999
    assert administrator.post(HOLIDAYS + "/validation", {
        "date": SNOW}).expect(200)["open_targets"] == 4999
    declaring = as_role("staff")
    declaring.run(declaring.beginning(administrator.id)
                  + "select status from rules.create_holiday("
                  f"'{{\"date\": \"{SNOW}\", \"name\": \"Snow\"}}')")
    try:        # that has not committed
        last.note(colleague).expect(201)
    finally:
        declaring.run("rollback")
    declare(SNOW).expect(201)
    until_settled(sql)
    worker, holder = as_role("worker"), new_session()
    assert worker.run("select rules.timer_calendar(100)") == "1"
    holder.run(f"begin; select from casework.cases where id = {last.id}"
               " for no key update")
    try:
        for batch in (1, 2, 3):
            worker.run("begin")
            try:
                assert worker.run("select rules.timer_calendar(100)") == "100"
                assert sql.value(FREE % contact.district.id) == 5000 - 101
                first.note(colleague).expect(201)
            finally:
                worker.run("commit")
            assert sql.value(count + "'2027-03-15T21:00:00Z'") == 100 * batch
        timer("calendar")
        assert sql.value(count + "'2027-03-15T21:00:00Z'") == 4998
        assert due(last) == instant(f"{SNOW}T16:00:00-06:00")
    finally:
        holder.run("rollback")
    moved()
    assert due(last) == instant("2027-03-15T16:00:00-05:00")
    sql.run(ASIDE)      # and nobody has to read all those events
    sql.run("delete from casework.events where district_id = %s and type ="
            " 'case.response_target_changed'", contact.district.id)


# -- service levels --------------------------------------------------------

@pytest.mark.fact(26)
def test_an_administrator_changes_a_level(levels, administrator, public, sql):
    path = "/v1/service-levels/medium"
    first = public.get(path).expect(200)
    public.get(path, headers={"If-None-Match": first.etag}).expect(304)
    answer = administrator.patch(path, {"business_seconds": 36000},
                                 etag=first.etag).expect(200)
    assert answer.json == {
        **first.json, "business_seconds": 36000,
        "response_time": "Within 10 business hours of submission"}
    assert answer.json in public.get("/v1/service-levels").items
    administrator.patch(path, {"business_seconds": 3}, etag=first.etag
                        ).expect(412)
    same = administrator.patch(path, {"business_seconds": 36000}, etag="*")
    assert same.expect(200).etag == answer.etag
    event = events(sql, "medium")[-1]
    assert (event["type"], event["actor_id"]) == (
        "service_level.updated", administrator.id)
    assert event["changes"] == [
        {"member": "business_seconds", "old": 43200, "new": 36000},
        {"member": "response_time", "old": first["response_time"],
         "new": answer["response_time"]}]


@pytest.mark.fact(26)
@pytest.mark.parametrize("seconds, words", [
    (43200, "1 business day"), (86400, "2 business days"),
    (3600, "1 business hour"), (50400, "14 business hours"),
    (5400, "90 business minutes"), (61, "61 business seconds")])
def test_the_words_of_a_level_follow_its_seconds(levels, administrator,
                                                 seconds, words):
    path = "/v1/service-levels/medium"
    administrator.patch(path, {"business_seconds": 7, "response_time": "Soon"},
                        etag="*").expect(200)
    changed = administrator.patch(path, {"business_seconds": seconds},
                                  etag="*").expect(200)
    assert changed["response_time"] == f"Within {words} of submission"
    again = administrator.patch(path, {"example": "Another."}, etag="*")
    assert again.expect(200)["response_time"] == changed["response_time"]


@pytest.mark.fact(26)
def test_words_of_a_level_that_name_another_time_are_refused(levels,
                                                             administrator):
    path = "/v1/service-levels/medium"
    for change in ({"response_time": "Within 2 business days"},
                   {"business_seconds": 3600,
                    "response_time": "In 1 business day."}):
        assert administrator.patch(path, change, etag="*").expect(
            422).faults == ["/response_time"]
    for words in ("The same day", "At the latest within 12 business hours"):
        assert administrator.patch(path, {"response_time": words}, etag="*"
                                   ).expect(200)["response_time"] == words


def test_there_are_four_levels(administrator, public):
    for answer in (public.get("/v1/service-levels/none"),
                   administrator.patch("/v1/service-levels/none", {},
                                       etag="*"),
                   administrator.post("/v1/service-levels/none/validation",
                                      {})):
        answer.expect(404)


@pytest.mark.fact(26)
def test_open_targets_of_the_level_follow_it(
        levels, administrator, contact, staff, clock, timer, moved):
    """But for those that were answered or missed before."""
    clock.at("2026-12-01T06:00:00-06:00")
    missed, answered = contact.submit(), contact.submit()
    answered.note(staff).expect(201)
    clock.at("2026-12-02T10:00:00-06:00")
    early = contact.submit()
    clock.at("2026-12-02T16:00:00-06:00")
    late, low = contact.submit(), contact.submit(priority="low")
    before = [case.target for case in (answered, low)]
    change = {"business_seconds": 18000}
    path = "/v1/service-levels/medium"
    effect = administrator.post(path + "/validation", change).expect(200)
    administrator.patch(path, change, etag="*").expect(200)
    after = administrator.post(path + "/validation", change).expect(200)
    assert after["open_targets"] == effect["open_targets"] >= 2
    moved()
    assert due(late) == instant("2026-12-03T09:00:00-06:00")
    assert due(early) == instant("2026-12-02T15:00:00-06:00")
    assert early.target["overdue_on_change"] is True
    assert late.target["overdue_on_change"] is False
    assert early.target["business_seconds"] == 18000
    assert due(missed) == instant("2026-12-01T18:00:00-06:00")
    assert missed.target["business_seconds"] == 43200
    assert "case.response_target.breached" in missed.event_types()
    assert before == [case.target for case in (answered, low)]


@pytest.mark.fact(26)
def test_trying_out_a_change_changes_nothing(administrator, contact, clock,
                                             public, sql):
    clock.at("2027-03-11T16:00:00-06:00")
    contact.submit()
    before = [public.get(path).json for path in (
        "/v1/service-levels", "/v1/service-levels/medium")]
    kept = sql.value("select count(*) as n from casework.desk_events")
    for path, body in ((HOLIDAYS, {"date": SNOW}),
                       (HOLIDAYS, {"date": SNOW, "name": "Snow"}),
                       (HOLIDAYS, {"date": "2027-05-31", "removed": True}),
                       ("/v1/service-levels/medium", {"business_seconds": 9})):
        assert administrator.post(path + "/validation", body).expect(200)[
            "valid"] is True
    assert sql.value("select count(*) as n from casework.desk_events") == kept
    assert before == [public.get(path).json for path in (
        "/v1/service-levels", "/v1/service-levels/medium")]
    administrator.get(f"{HOLIDAYS}/{SNOW}").expect(404)
    assert sql.value("select changed_at from rules.calendar_change") is None

