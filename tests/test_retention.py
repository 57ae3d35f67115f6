"""What would grow for ever goes after a time; cases, notes and events never
(retention settings)."""

import re

import pytest

from instance import ROOT
from partners import administrator

SETTING = "/v1/settings/retention"
DAYS = {"mail_days": 400, "webhook_delivery_days": 30, "phone_event_days": 400,
        "support_line_read_days": 400, "import_days": 90}
KINDS = {"mails": "mail_days", "phone_events": "phone_event_days",
         "support_line_reads": "support_line_read_days"}


@pytest.fixture
def desk(new_session):
    """A session in which whoever follows the feed has passed all there is; what
    is done in it nobody else sees, and it is undone."""
    session = new_session()
    session.run("begin; update casework.event_cursors"
                " set xid = '18446744073709551615'")
    yield session
    session.run("rollback")


@pytest.fixture
def make(desk, contact):
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
        return desk.value(
            f"insert into casework.{kind} ({', '.join(values)}, {times})"
            f" values ({places}, rules.now() - make_interval(days => %s))"
            " returning id", *values.values(), days)
    return make


@pytest.fixture
def forget(desk):
    """One bite, by the worker's role; how many rows it took."""
    def forget(batch=10000000):
        return int(desk.run("set local role casework_worker;"
                            f" select rules.timer_retention({batch});"
                            " reset role"))
    return forget


@pytest.fixture
def short(desk):
    """Times are as short as they may be."""
    desk.run("update casework.retention_settings set mail_days = 30,"
             " phone_event_days = 30, support_line_read_days = 30,"
             " webhook_delivery_days = 1, import_days = 1")
    return desk


def left(session, kind, *numbers):
    return [n for n in numbers if session.value(
        f"select count(*) from casework.{kind} where id = %s", n)]


@pytest.mark.direct
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_older_goes_and_what_is_younger_stays(
        make, forget, desk, kind):
    days = DAYS[KINDS[kind]]
    rows = [make(kind, age) for age in (days + 1, days - 1, 0)]
    forget()
    assert left(desk, kind, *rows) == rows[1:]


@pytest.mark.direct
@pytest.mark.parametrize("state, stays", [
    ("queued", True), ("sent", False), ("failed", False),
    ("withheld", False)])
def test_a_mail_that_is_still_to_go_stays(make, forget, desk, state, stays):
    mail = make("mails", 500, state=state)
    forget()
    assert bool(left(desk, "mails", mail)) == stays


@pytest.mark.direct
@pytest.mark.parametrize("digest, stays", [
    (None, True), ("queued", True), ("sent", False), ("failed", False)])
def test_what_is_collected_goes_once_its_digest_has_gone(
        make, forget, desk, digest, stays):
    collected = make("mails", 500, state="collected", digest_at="2024-01-01")
    if digest:
        holder = make("mails", 499, source="digest", topic="digest",
                      state=digest, digest_at="2024-01-01")
        desk.run("update casework.mails set digest_id = %s where id = %s",
                 holder, collected)
    forget()
    assert bool(left(desk, "mails", collected)) == stays


@pytest.mark.direct
@pytest.mark.parametrize("resolved, stays", [(None, True), ("now", False)])
def test_mails_about_an_incident_stay_until_it_is_over(
        open_incident, make, forget, desk, resolved, stays):
    """Who has been told is not told again by a wider scope."""
    number = open_incident()["id"]
    event = desk.value("select min(id) from casework.incident_events"
                       " where incident_id = %s", number)
    mail = make("mails", 500, source="incident", event_id=event)
    desk.run("update casework.incidents set resolved_at = %s where id = %s",
             resolved, number)
    forget()
    assert bool(left(desk, "mails", mail)) == stays


@pytest.mark.direct
def test_what_is_needed_holds_up_nothing_behind_it(make, forget, short):
    short.run("delete from casework.mails; delete from casework.phone_events;"
              " delete from casework.support_line_reads")
    needed = [make("mails", 1000 - n, state="queued") for n in range(5)]
    old = [make("mails", 900 - n) for n in range(3)]
    assert [forget(2), forget(2), forget(2)] == [2, 1, 0]
    assert left(short, "mails", *needed, *old) == needed


@pytest.mark.direct
@pytest.mark.parametrize("state, stays", [
    ("pending", True), ("delivered", False)])
def test_an_event_that_a_webhook_is_to_be_sent_stays(
        make, forget, desk, staff, state, stays):
    event = make("phone_events", 500)
    desk.run("""
        with hook as (
          insert into casework.webhooks (owner_kind, owner_id, url, created_at,
            updated_at)
          values ('staff', %s, 'https://a.example', now(), now()) returning id)
        insert into casework.webhook_deliveries (webhook_id, event_id, source,
          type, state, next_attempt_at, created_at)
        select h.id, e.feed_id, 'phone', e.type, %s, %s, now()
        from hook h, casework.phone_events e where e.id = %s
        """, staff.id, state, "now" if state == "pending" else None, event)
    forget()
    assert bool(left(desk, "phone_events", event)) == stays


@pytest.mark.direct
def test_an_event_that_somebody_has_still_to_pass_stays(make, forget, desk):
    event = make("phone_events", 500)
    desk.run("update casework.event_cursors set xid = ("
             "select e.xid from casework.phone_events e where e.id = %s)"
             " where consumer = 'webhook'", event)
    forget()
    assert left(desk, "phone_events", event) == [event]
    desk.run("update casework.event_cursors set xid ="
             " '18446744073709551615'")
    forget()
    assert left(desk, "phone_events", event) == []


def test_of_every_table_it_is_said_whether_it_grows(sql):
    part = (ROOT / "sql" / "README.md").read_text().partition(
        "## What grows")[2].partition("\n## ")[0]
    said = [name for row in re.findall(r"^\| .*\| (.*) \|$", part, re.M)
            for name in re.findall(r"`(\w+)`", row)]
    assert sorted(said) == sorted(row["relname"] for row in sql.rows(
        "select relname from pg_class where relkind = 'r'"
        " and relnamespace = 'casework'::regnamespace"))


@pytest.mark.direct
def test_no_mail_is_read_to_let_another_go(desk):
    """The key of digests asks for those that the mail holds."""
    desk.run("set local enable_seqscan = off")
    plan = desk.run("explain select from only casework.mails m"
                    " where 1::bigint operator(pg_catalog.=) m.digest_id"
                    " for key share of m")
    assert "mails_digest on" in plan


@pytest.mark.direct
@pytest.mark.parametrize("kind", KINDS)
def test_a_shorter_time_counts_at_once(make, forget, short, kind):
    rows = [make(kind, age) for age in (31, 29)]
    forget()
    assert left(short, kind, *rows) == rows[1:]


@pytest.mark.direct
def test_it_goes_a_little_at_a_time_the_oldest_first(make, forget, short):
    rows = [make("phone_events", 1000 - n) for n in range(5)]
    short.run("delete from casework.phone_events where id < %s;"
              " delete from casework.mails; delete from"
              " casework.support_line_reads", rows[0])
    for went, rest in ((2, rows[2:]), (2, rows[4:]), (1, []), (0, [])):
        assert forget(2) == went
        assert left(short, "phone_events", *rows) == rest


@pytest.mark.direct
def test_cases_notes_and_events_are_kept(contact, staff, short):
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
