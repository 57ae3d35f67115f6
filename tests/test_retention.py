"""What would grow for ever goes after a time; cases, notes and events never
(retention settings)."""

import pytest

from partners import administrator

SETTING = "/v1/settings/retention"
DAYS = {"mail_days": 400, "webhook_delivery_days": 30, "phone_event_days": 400,
        "support_line_read_days": 400, "import_days": 90}
KINDS = {"mails": "mail_days", "phone_events": "phone_event_days",
         "support_line_reads": "support_line_read_days"}


@pytest.fixture
def make(sql, contact):
    """A row of that age in days, as the rules leave it; returns its number."""
    def make(kind, days, **columns):
        times = {"mails": "created_at"}.get(kind, "at")
        values = {
            "mails": {
                "district_id": contact.district.id, "source": "case",
                "event_id": -days, "recipient_kind": "contact",
                "recipient_id": contact.id, "kind": "note.added",
                "to_address": "a@b.example", "subject": "-", "text": "-",
                "state": "sent"},
            "phone_events": {
                "type": "call.ended", "subject_id": -1, "actor_kind": "staff",
                "actor_id": 1, "actor_name": "-"},
            "support_line_reads": {
                "district_id": contact.district.id,
                "contact_id": contact.id}}[kind] | columns
        places = ", ".join(["%s"] * len(values))
        return sql.value(
            f"insert into casework.{kind} ({', '.join(values)}, {times})"
            f" values ({places}, rules.now() - make_interval(days => %s))"
            " returning id", *values.values(), days)
    return make


@pytest.fixture
def forget(as_role):
    """Until nothing is due; far behind what other tests have left."""
    def forget():
        while int(as_role("worker").run(
                "select rules.timer_retention(10000000)")):
            pass
    return forget


@pytest.fixture
def short(new_session):
    """A session that sees shorter times than the others do."""
    session = new_session()
    session.run("begin; update casework.retention_settings set mail_days = 30,"
                " phone_event_days = 30, support_line_read_days = 30,"
                " webhook_delivery_days = 1, import_days = 1")
    yield session
    session.run("rollback")


def left(session, kind, *numbers):
    return [n for n in numbers if session.value(
        f"select count(*) from casework.{kind} where id = %s", n)]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_older_goes_and_what_is_younger_stays(
        make, forget, sql, kind):
    days = DAYS[KINDS[kind]]
    rows = [make(kind, age) for age in (days + 1, days - 1, 0)]
    forget()
    assert left(sql, kind, *rows) == rows[1:]


@pytest.mark.parametrize("state, stays", [
    ("queued", True), ("sent", False), ("failed", False),
    ("withheld", False)])
def test_a_mail_that_is_still_to_go_stays(make, forget, sql, state, stays):
    mail = make("mails", 500, state=state, visible_at="infinity")
    forget()
    assert bool(left(sql, "mails", mail)) == stays
    sql.run("delete from casework.mails where id = %s", mail)


@pytest.mark.direct
@pytest.mark.parametrize("kind", KINDS)
def test_a_shorter_time_counts_at_once(make, short, kind):
    rows = [make(kind, age) for age in (31, 29)]
    short.run("select rules.timer_retention(10000000)")
    assert left(short, kind, *rows) == rows[1:]


@pytest.mark.direct
def test_it_goes_a_little_at_a_time_the_oldest_first(make, short):
    rows = [make("phone_events", 1000 - n) for n in range(5)]
    short.run("delete from casework.phone_events where id < %s;"
              " delete from casework.mails; delete from"
              " casework.support_line_reads", rows[0])
    for went, rest in ((2, rows[2:]), (2, rows[4:]), (1, []), (0, [])):
        assert int(short.run("select rules.timer_retention(2)")) == went
        assert left(short, "phone_events", *rows) == rest


def test_cases_notes_and_events_are_kept(contact, staff, forget, short, sql):
    case = contact.submit()
    case.note(staff).expect(201)
    old = "now() - interval '90 years'"
    short.run(f"update casework.events set at = {old} where case_id = %s",
              case.id)
    short.run(f"update casework.notes set created_at = {old} where case_id = %s",
              case.id)
    counts = ("select (select count(*) from casework.events where case_id = %s)"
              " + (select count(*) from casework.notes where case_id = %s)")
    before = short.value(counts, case.id, case.id)
    for timer in ("retention", "webhook_forget", "forget_imports"):
        short.run(f"select rules.timer_{timer}(1000)")
    assert short.value(counts, case.id, case.id) == before > 2


def test_an_administrator_says_how_long(world, desk_kept):
    boss = administrator(world)
    assert boss.get(SETTING).expect(200).json == DAYS
    changed = boss.patch(SETTING, {"mail_days": 30, "import_days": 1},
                         etag="*").expect(200)
    assert changed.json == DAYS | {"mail_days": 30, "import_days": 1}
    for member, least in (("mail_days", 30), ("webhook_delivery_days", 1),
                          ("phone_event_days", 30), ("import_days", 1),
                          ("support_line_read_days", 30)):
        assert boss.patch(SETTING, {member: least - 1}, etag="*").expect(
            422).faults == [f"/{member}"]
    world.staff("lead").patch(SETTING, {"mail_days": 40}, etag="*").expect(403)
