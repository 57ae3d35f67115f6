"""What administrators set for the whole desk (3.2): facts 11, 20, 34, 43."""

import pytest

from desk import keep_desk, put_desk_back
from instance import until
from mail import in_maildir, text_of
from vectors import instant

pytestmark = pytest.mark.rule("3.2")

HOURS = "/v1/settings/business-hours"
PLAN = "/v1/settings/follow-up-plan"
LINE = "/v1/settings/support-line"
SCOPE = "/v1/settings/scope-of-support"
TRAINING = "/v1/settings/training"
MAIL = "/v1/settings/mail"
FOOTER = ("This is an automatic message; the mailbox it comes from is not"
          " monitored. Please do not reply to it: log in to the Support Case"
          " Portal and reply within the case.")


@pytest.fixture(autouse=True)
def as_it_was(sql, moved):
    """There is one desk for all tests."""
    keep_desk(sql)
    yield
    put_desk_back(sql)


@pytest.fixture
def administrator(world):
    return world.staff("administrator")


def last_event(sql):
    return sql.rows("select type, resource, actor_kind, actor_id, changes from"
                    " casework.desk_events order by id desc limit 1")[0]


# -- all of them -----------------------------------------------------------

@pytest.mark.fact(79)
@pytest.mark.parametrize("name, change, changes", [
    ("attachments", {"case_bytes": 104857600},
     [("case_bytes", 52428800, 104857600)]),
    ("survey", {"throttle_hours": 1440, "satisfied_from": 5},
     [("satisfied_from", 4, 5), ("throttle_hours", 720, 1440)]),
    ("follow-up-plan", {"slot_days": [5, 2], "length": 6},
     [("length", 10, 6), ("slot_days", [3, 6, 9], [2, 5])]),
    ("business-hours", {"saturday": {"opens": "08:00", "closes": "12:30"},
                        "friday": None},
     [("friday", {"opens": "06:00", "closes": "18:00"}, None),
      ("saturday", None, {"opens": "08:00", "closes": "12:30"})]),
    ("escalation-path", {"training": {"description": "Courses."}},
     [("training",
       {"level": 1, "name": "Training", "description":
        "How the product is used, when an answer in the case is not enough."},
       {"level": 1, "name": "Training", "description": "Courses."})]),
    ("published-claims", {"queue_wait": {"value": 20.5, "goal": 12}},
     [("queue_wait",
       {"comparison": "below", "value": 15, "tolerance": 0, "goal": None,
        "claim": "The average wait time for callers in the support line queue"
                 " is under 15 seconds."},
       {"comparison": "below", "value": 20.5, "tolerance": 0, "goal": 12,
        "claim": "The average wait time for callers in the support line queue"
                 " is under 15 seconds."})]),
    ("mail", {"footer": "Answer in the portal.", "sender_name": "Support",
              "portal_url": "https://portal.example"},
     [("footer", FOOTER, "Answer in the portal."),
      ("portal_url", None, "https://portal.example"),
      ("sender_name", None, "Support")]),
    ("scope-of-support", {"text": "Campus,\nas delivered."},
     [("text", None, "Campus,\nas delivered.")]),
    ("training", {"url": "https://learn.example/course?id=7"},
     [("url", "https://training.casework.example/introduction-to-support",
       "https://learn.example/course?id=7")]),
])
def test_a_group_is_changed_and_its_event_tells_old_and_new(
        administrator, sql, name, change, changes):
    path = f"/v1/settings/{name}"
    first = administrator.get(path).expect(200)
    administrator.get(path, headers={"If-None-Match": first.etag}).expect(304)
    answer = administrator.patch(path, change, etag=first.etag).expect(200)
    assert answer.json == {**first.json,
                           **{member: new for member, _, new in changes}}
    assert administrator.get(path).json == answer.json
    administrator.patch(path, change, etag=first.etag).expect(412)
    same = administrator.patch(path, change, etag=answer.etag).expect(200)
    assert same.etag == answer.etag != first.etag
    assert last_event(sql) == {
        "type": "setting.updated", "resource": name, "actor_kind": "staff",
        "actor_id": administrator.id, "changes": [
            {"member": m, "old": old, "new": new} for m, old, new in changes]}


@pytest.mark.parametrize("name, change, fault", [
    ("attachments", {"file_bytes": 10485761}, "/file_bytes"),
    ("attachments", {"file_bytes": 5000, "case_bytes": 4999}, "/file_bytes"),
    ("survey", {"survey_scope": "state"}, "/survey_scope"),
    ("survey", {"satisfied_from": 6}, "/satisfied_from"),
    ("follow-up-plan", {"slot_days": [11]}, "/length"),
    ("follow-up-plan", {"length": 8}, "/length"),
    ("follow-up-plan", {"slot_days": []}, "/slot_days"),
    ("follow-up-plan", {"automatic_at": "24:00"}, "/automatic_at"),
    ("business-hours", {"monday": {"opens": "09:00", "closes": "09:00"}},
     "/monday/closes"),
    ("business-hours", {"sunday": {"opens": "09:00"}}, "/sunday"),
    ("business-hours", {day: None for day in (
        "monday", "tuesday", "wednesday", "thursday", "friday")}, ""),
    ("escalation-path", {"sales": {"level": 1}}, "/sales"),
    ("escalation-path", {"training": {"level": 0}}, "/training/level"),
    ("published-claims", {"queue_wait": {"unit": "days"}}, "/queue_wait/unit"),
    ("published-claims", {"queue_wait": None}, "/queue_wait"),
    *(("published-claims", {figure: {member: 100.5}}, f"/{figure}/{member}")
      for figure in ("critical_in_time", "medium_share", "initial_level",
                     "satisfaction")
      for member in ("value", "tolerance", "goal")),
    ("support-line", {"toll_free_number": "call us"}, "/toll_free_number"),
    ("support-line", {"has_number": False}, "/has_number"),
    ("mail", {"footer": None}, "/footer"),
    ("mail", {"sender_name": "Support\nBcc: x@y.example"}, "/sender_name"),
    ("mail", {"portal_url": "https://portal.example/?case="}, "/portal_url"),
    ("scope-of-support", {"url": "javascript:alert(1)"}, "/url"),
    ("scope-of-support", {"policy_sentence": None}, "/policy_sentence"),
    ("training", {"url": None}, "/url"),
    ("support-profile", {"facts": [{"code": "a", "statement": "A."},
                                   {"code": "b", "statement": "B."},
                                   {"code": "a", "statement": "C."}]},
     "/facts/2"),
])
def test_what_a_group_does_not_take_is_named(administrator, name, change,
                                             fault):
    path = f"/v1/settings/{name}"
    before = administrator.get(path)
    answer = administrator.patch(path, change, etag="*").expect(422)
    assert answer.faults[0].startswith(fault)
    assert administrator.get(path).etag == before.etag


# -- what follows from them ------------------------------------------------

def test_files_are_taken_as_large_as_is_set(administrator, case):
    administrator.patch("/v1/settings/attachments", {"file_bytes": 10},
                        etag="*").expect(200)
    case.attach(b"eleven byte").expect(413)
    case.attach(b"ten bytes.").expect(201)


def test_the_published_pages_say_what_is_set(administrator, public):
    facts = [{"code": "award", "year": 2026, "statement": "An award."},
             {"code": "award", "year": None, "statement": "Some awards."}]
    answer = administrator.patch("/v1/settings/support-profile",
                                 {"facts": facts}, etag="*").expect(200)
    assert answer["facts"] == facts
    assert public.get("/v1/support/profile")["facts"] == facts
    administrator.patch("/v1/settings/escalation-path",
                        {"development": {"name": "Product Development"}},
                        etag="*").expect(200)
    assert "Product Development" in [
        team["name"] for team in public.get("/v1/escalation-path").items]


@pytest.mark.fact(34)
def test_the_number_goes_in_and_comes_out_for_contacts_alone(
        administrator, contact, staff, sql, log):
    number = "1-800-555-0199"
    answer = administrator.patch(LINE, {"toll_free_number": number},
                                 etag=administrator.get(LINE).etag)
    assert answer.expect(200).json == {"has_number": True}
    assert contact.get("/v1/support-line")["toll_free_number"] == number
    assert last_event(sql)["changes"] == [{"member": "toll_free_number"}]
    same = administrator.patch(LINE, {"toll_free_number": number}, etag="*")
    assert same.expect(200).etag == answer.etag
    gone = administrator.patch(LINE, {"toll_free_number": None}, etag="*")
    assert gone.expect(200).json == {"has_number": False}
    assert contact.get("/v1/support-line")["toll_free_number"] is None
    for table in ("desk_events", "events", "idempotency_keys"):
        assert not sql.value(
            f"select exists (select from casework.{table} t where"
            " strpos(t::text, '555-0199') > 0) as told")
    assert "555-0199" not in log.path.read_text()


@pytest.mark.fact(34, 80)
def test_postgresql_sets_the_number_for_administrators_alone(
        as_role, advisor, administrator):
    setting = "select rules.set_toll_free_number('1') as another"
    role = as_role("staff")
    assert role.fails(setting, caller_id=advisor.id) == "CW403"
    assert role.fails(setting) == "CW403"
    assert role.acting(setting, caller_id=administrator.id) == [
        {"another": True}]


@pytest.mark.fact(13)
def test_every_contact_is_shown_the_course_that_is_set(
        administrator, contact, staff):
    path = f"/v1/contacts/{contact.id}"
    before = staff.get(path)
    administrator.patch(TRAINING, {"name": "First steps"}, etag="*"
                        ).expect(200)
    now = staff.get(path, headers={"If-None-Match": before.etag}).expect(200)
    assert now["training"] == {**before["training"], "name": "First steps"}
    assert contact.get(path)["training"]["name"] == "First steps"
    staff.patch(path, {"phone": "763-555-0142"}, etag=before.etag).expect(412)
    staff.patch(path, {"phone": "763-555-0142"}, etag=now.etag).expect(200)
    administrator.patch(TRAINING, {"name": "First steps"}, etag="*")
    assert staff.get(path)["phone"] == "763-555-0142"


@pytest.mark.fact(2, 53)
def test_the_scope_is_told_to_everybody_and_in_notes(
        administrator, public, case, advisor):
    change = {"text": "Campus as delivered.", "url": "https://scope.example/",
              "policy_sentence": "Policy is the district's."}
    administrator.patch(SCOPE, change, etag="*").expect(200)
    assert public.get("/v1/support/scope").expect(200).json == change
    case.act(advisor, "scope", {"scope": "out_of_scope",
                                "policy_question": True}).expect(200)
    assert case.notes()[-1]["text"] == "Policy is the district's."


@pytest.mark.direct
@pytest.mark.fact(70)
@pytest.mark.parametrize("name", ["Campus Support", "Unterstützung, Ltd. <x>"])
def test_mails_say_what_is_set(administrator, worker, case, advisor, name):
    administrator.patch(MAIL, {
        "sender_name": name, "footer": "Answer in the portal.",
        "portal_url": "https://portal.example/desk/", "case_subject": False},
        etag="*").expect(200)
    case.note(advisor).expect(201)
    mail = until(lambda: in_maildir(worker))[0]
    assert case["subject"] not in mail["Subject"]
    sender, = mail["From"].addresses
    assert sender.display_name == name
    assert sender.addr_spec == "no-reply@casework.example"
    assert text_of(mail).endswith(
        "\n\nAnswer in the portal.\n"
        f"https://portal.example/desk/cases/{case.id}\n")


@pytest.mark.direct
def test_mails_name_the_subject_as_that_is_set(
        administrator, worker, contact, advisor):
    case = contact.submit(subject="Fälle " + "x" * 150)
    case.note(advisor).expect(201)
    mail = until(lambda: in_maildir(worker))[0]
    assert mail["Subject"] == (
        f"Case {case.id}: new note from Support: Fälle " + "x" * 94)


# -- hours -----------------------------------------------------------------

@pytest.mark.fact(20)
@pytest.mark.rule("2.1")
def test_new_hours_count_from_the_next_day_that_has_not_begun(
        administrator, public, clock):
    def open_for(date):
        return public.get("/v1/calendar/business-time", query={
            "from": f"{date}T00:00:00-06:00", "to": f"{date}T23:59:59-06:00"
            })["seconds"] / 3600
    clock.at("2026-12-02T06:00:00-06:00")       # a Wednesday, just open
    later = {"opens": "08:00", "closes": "16:00"}
    administrator.patch(HOURS, {day: later for day in (
        "tuesday", "wednesday", "thursday")}, etag="*").expect(200)
    assert [open_for(f"2026-12-{day:02}") for day in (1, 2, 3, 4, 8, 9)] == [
        12, 12, 8, 12, 8, 8]
    clock.at("2026-12-08T07:59:59-06:00")       # not yet
    administrator.patch(HOURS, {"tuesday": None, "saturday": later}, etag="*"
                        ).expect(200)
    assert [open_for(f"2026-12-{day:02}") for day in (1, 2, 5, 8, 12, 15)] == [
        12, 12, 0, 0, 8, 0]
    clock.at("2026-12-08T08:00:00-06:00")
    assert public.get("/v1/calendar")["open_now"] is False


@pytest.mark.rule("2.1")
def test_changed_hours_are_not_taken_for_another_time_zone(
        administrator, clock, as_role):
    clock.at("2026-12-02T10:00:00-06:00")
    administrator.patch(HOURS, {"wednesday": {
        "opens": "08:00", "closes": "16:00"}}, etag="*").expect(200)
    assert as_role("worker").run("select rules.timer_time_zone(100)") == "0"


@pytest.mark.fact(20)
def test_open_targets_follow_the_hours(administrator, contact, clock, moved):
    clock.at("2026-12-02T16:00:00-06:00")
    case = contact.submit()
    change = {"thursday": {"opens": "10:00", "closes": "18:00"}}
    effect = administrator.post(HOURS + "/validation", change).expect(200)
    assert effect["open_targets"] >= 1
    assert administrator.get(HOURS)["thursday"]["opens"] == "06:00"
    administrator.patch(HOURS, change, etag="*").expect(200)
    moved()
    assert instant(case.target["due_at"]) == instant(
        "2026-12-04T08:00:00-06:00")
    assert case.target["business_seconds_elapsed"] == 0
    answer = administrator.post(HOURS + "/validation", {"thursday": {
        "opens": "10:00", "closes": "09:00"}})
    assert answer.expect(422).faults == ["/thursday/closes"]


@pytest.mark.fact(11, 43)
def test_open_follow_ups_follow_the_plan(
        administrator, contact, staff, clock, moved):
    clock.at("2026-11-02T10:00:00-06:00")
    case = contact.submit()
    case.resolve(staff).expect(200)
    change = {"slot_days": [2, 4], "length": 5, "automatic_at": "08:30"}
    assert administrator.post(PLAN + "/validation", change).expect(200)[
        "follow_ups"] >= 1
    administrator.patch(PLAN, change, etag="*").expect(200)
    moved()
    assert case["follow_up"]["due_dates"] == ["2026-11-04", "2026-11-06"]
    assert case["follow_up"]["auto_close_at"] == "2026-11-10T00:00:00Z"
    answer = administrator.post(PLAN + "/validation", {"length": 3})
    assert answer.expect(422).faults == ["/length"]


def test_everything_ends_within_the_calendar(administrator, clock):
    clock.at("2100-12-20T10:00:00-06:00")
    for path, change, fault in (
            (HOURS, {"monday": None}, ""), (PLAN, {"length": 11}, "/length"),
            ("/v1/service-levels/low", {"business_seconds": 900000},
             "/business_seconds")):
        for answer in (administrator.patch(path, change, etag="*"),
                       administrator.post(path + "/validation", change)):
            assert answer.expect(422).faults == [fault]
            assert answer["errors"][0]["code"] == "out-of-range"
