"""Submitting, reading and changing a case: facts 3, 24, 31, 32, 39 to 42."""

import pytest

from vectors import instant
from world import a_case, a_question

CASES = "/v1/cases"
NOBODY = 9007199254740991


def submit(client, *statuses, **changes):
    return client.post(CASES, a_case(**changes)).expect(*(statuses or (201,)))


# -- submitting ------------------------------------------------------------

@pytest.mark.fact(39)
def test_a_contact_submits_a_case(contact, district):
    answer = submit(contact, priority="high", impact="All grade 9 teachers",
                    users_affected=40, workaround="Paper",
                    product_area="grade_book", product_version="2611",
                    platform="Chrome 142", due_on="2035-05-01")
    assert answer["district_id"] == district.id
    assert answer["contact_id"] == contact.id
    assert answer["submitted_by"]["kind"] == "contact"
    assert answer["submitted_by"]["id"] == contact.id
    assert answer["status"] == "new" and answer["channel"] == "portal"
    assert answer["type"] == "problem" and answer["issue_type"] is None
    assert answer["priority"] == answer["initial_priority"] == "high"
    assert answer["users_affected"] == 40 and answer["impact"]
    assert answer["due_on"] == "2035-05-01"
    assert answer["assigned_advisor"] is None
    assert answer["closed_at"] is None and answer["resolution"] is None


def test_the_location_of_a_case_is_its_number(contact):
    answer = submit(contact)
    assert answer.location == f"{CASES}/{answer['id']}"
    assert answer.headers["location"].startswith("http")
    read = contact.get(answer.location).expect(200)
    now = {name: read[name] for name in ("response_target", "waiting")}
    assert read.json == {**answer.json, **now}
    assert read.etag == answer.etag


def test_a_case_is_findable_when_its_post_returns(contact):
    answer = submit(contact, subject="Unmistakable 7c1e")
    assert contact.get(CASES, query={"subject_contains": "mistakable 7C1E"}
                       ).ids == [answer["id"]]


@pytest.mark.fact(41)
@pytest.mark.parametrize("member", ["subject", "description", "priority"])
def test_what_a_case_must_say(contact, member):
    case = a_case()
    del case[member]
    answer = contact.post(CASES, case).expect(422, problem="invalid-request")
    assert answer.faults == ["/" + member]


@pytest.mark.parametrize("blank", ["", " ", "\t", " \n\r\t "])
@pytest.mark.parametrize("member", [
    "subject", "description", "replication_steps"])
def test_blank_text_says_nothing(contact, member, blank):
    answer = submit(contact, 422, **{member: blank})
    assert set(answer.faults) == {"/" + member}


def test_every_fault_of_a_case_is_named_at_once(contact):
    answer = submit(contact, 422, priority="urgent", subject="",
                    users_affected=-1, due_on="soon", unknown=1)
    assert set(answer.faults) == {"/priority", "/subject", "/users_affected",
                                  "/due_on", "/unknown"}
    for fault in answer["errors"]:
        assert fault["code"] and fault["detail"]


@pytest.mark.fact(41)
def test_replication_steps_may_be_missing_for_a_low_question_only(contact):
    contact.post(CASES, a_question()).expect(201)
    for changes in ({"priority": "medium"}, {"type": "problem"},
                    {"type": "request"}):
        answer = contact.post(CASES, {**a_question(), **changes}).expect(422)
        assert answer.faults == ["/replication_steps"]
    contact.post(CASES, a_case(replication_steps=None)).expect(422)


@pytest.mark.fact(41)
@pytest.mark.rule("2.10")
def test_a_wished_date_in_the_past_is_refused(contact, clock):
    clock.at("2026-11-24T23:30:00-06:00")       # the 25th in UTC
    assert submit(contact, 422, due_on="2026-11-23").faults == ["/due_on"]
    submit(contact, 201, due_on="2026-11-24")


@pytest.mark.rule("2.10")
def test_a_wished_date_may_be_a_holiday(contact, clock):
    clock.at("2026-11-24T10:00:00-06:00")
    submit(contact, 201, due_on="2026-11-26")


@pytest.mark.fact(42)
@pytest.mark.parametrize("members", [
    {"issue_type": "data"}, {"support_provider": "campus"},
    {"submitted_at": "2026-01-05T15:00:00Z"}, {"channel": "phone"}])
def test_a_contact_does_not_decide_what_support_decides(contact, members):
    refused = submit(contact, 403, **members)
    assert refused.expect(403, problem="not-permitted").faults == [
        f"/{member}" for member in members]
    assert contact.get(CASES).ids == []


def test_a_partner_makes_no_phone_case(contact, partner):
    refused = submit(partner, 403, contact_id=contact.id, channel="phone")
    assert refused.faults == ["/channel"]


@pytest.mark.parametrize("member, value", [
    ("id", 1), ("status", "closed"), ("district_id", 1), ("closed_at", None),
    ("assigned_advisor", None), ("version", 1), ("initial_priority", "low"),
    ("response_target", {}), ("submitted_by", {})])
def test_nobody_writes_what_is_derived(contact, staff, member, value):
    assert submit(contact, 422, **{member: value}).faults == ["/" + member]
    assert submit(staff, 422, contact_id=contact.id, **{member: value}
                  ).faults == ["/" + member]


def test_the_contact_on_the_case_may_be_a_colleague(contact, colleague):
    answer = submit(contact, contact_id=colleague.id)
    assert answer["contact_id"] == colleague.id
    assert answer["submitted_by"]["id"] == contact.id


def test_a_contact_of_elsewhere_is_like_one_who_does_not_exist(
        contact, stranger):
    foreign = submit(contact, 422, contact_id=stranger.id)
    unknown = submit(contact, 422, contact_id=NOBODY)
    assert foreign.faults == unknown.faults == ["/contact_id"]
    assert foreign["errors"] == unknown["errors"]


def test_a_former_contact_is_on_no_new_case(contact, colleague, staff):
    staff.patch(f"/v1/contacts/{colleague.id}", {"authorized": False},
                etag="*").expect(200)
    assert submit(contact, 422, contact_id=colleague.id
                  ).faults == ["/contact_id"]
    assert submit(staff, 422, contact_id=colleague.id, site_id=NOBODY
                  ).faults == ["/site_id", "/contact_id"]


@pytest.mark.fact(3)
def test_a_case_may_name_a_site_of_its_district(contact, district, world):
    site = district.site()
    assert submit(contact, site_id=site)["site_id"] == site
    foreign = submit(contact, 422, site_id=world.district().site())
    unknown = submit(contact, 422, site_id=NOBODY)
    assert foreign["errors"] == unknown["errors"]
    assert foreign.faults == ["/site_id"]


@pytest.mark.fact(12)
def test_a_case_may_follow_one_of_its_district(case, contact, stranger):
    answer = submit(contact, follows_case_id=case.id)
    assert answer["follows_case_id"] == case.id
    foreign = submit(stranger, 422, follows_case_id=case.id)
    unknown = submit(stranger, 422, follows_case_id=NOBODY)
    assert foreign["errors"] == unknown["errors"]


@pytest.mark.fact(3)
def test_staff_who_see_every_district_mix_none_of_them(
        staff, contact, stranger):
    """What a case names is of its own district, whoever writes."""
    case = contact.submit()
    for member, foreign in (("site_id", stranger.district.site()),
                            ("follows_case_id", stranger.submit().id)):
        refused = submit(staff, 422, contact_id=contact.id,
                         **{member: foreign})
        unknown = submit(staff, 422, contact_id=contact.id,
                         **{member: NOBODY})
        assert refused.faults == unknown.faults == ["/" + member]
        assert refused["errors"] == unknown["errors"]
    for member, foreign in (("site_id", stranger.district.site()),
                            ("contact_id", stranger.id)):
        assert case.change(staff, **{member: foreign}).expect(
            422).faults == ["/" + member]


def test_a_former_contact_is_not_put_on_a_case(case, colleague, staff):
    staff.patch(f"/v1/contacts/{colleague.id}", {"authorized": False},
                etag="*").expect(200)
    for someone in (case.submitter, staff):
        assert case.change(someone, contact_id=colleague.id).expect(
            422).faults == ["/contact_id"]


@pytest.mark.fact(17)
def test_a_product_area_is_one_of_the_published(contact, public,
                                                inactive_area):
    for area in public.get("/v1/product-areas").items:
        submit(contact, product_area=area["code"])
    for code in ("astrology", inactive_area):
        refused = submit(contact, 422, product_area=code)
        assert refused.faults == ["/product_area"]
        assert "/v1/product-areas" in refused["errors"][0]["detail"]


@pytest.mark.fact(33)
def test_case_numbers_are_digits_and_never_the_same(contact):
    numbers = [submit(contact)["id"] for _ in range(5)]
    assert len(set(numbers)) == 5
    assert all(isinstance(n, int) and n > 0 for n in numbers)


# -- submitting for somebody else ------------------------------------------

def test_staff_submit_for_a_contact_who_decides_the_district(staff, contact):
    answer = submit(staff, contact_id=contact.id)
    assert answer["district_id"] == contact.district.id
    assert answer["submitted_by"]["kind"] == "staff"
    assert contact.get(answer.location).expect(200)


@pytest.mark.fact(19)
def test_a_partner_submits_and_provides_support(partner, contact):
    answer = submit(partner, contact_id=contact.id)
    assert answer["support_provider"] == "partner"
    assert answer["channel"] == "api"
    assert submit(partner, contact_id=contact.id, support_provider="campus"
                  )["support_provider"] == "campus"


@pytest.mark.parametrize("caller", ["staff", "partner"])
def test_support_must_name_the_contact(request, contact, caller):
    someone = request.getfixturevalue(caller)
    assert submit(someone, 422).faults == ["/contact_id"]
    assert submit(someone, 422, contact_id=NOBODY).faults == ["/contact_id"]


@pytest.mark.fact(19)
def test_a_partner_names_no_contact_of_another_district(partner, stranger):
    foreign = submit(partner, 422, contact_id=stranger.id)
    unknown = submit(partner, 422, contact_id=NOBODY)
    assert foreign["errors"] == unknown["errors"]


@pytest.mark.parametrize("members", [
    {"submitted_at": "2026-01-05T15:00:00Z"}, {"channel": "phone"},
    {"issue_type": "data"}])
def test_a_partner_does_not_decide_what_staff_decide(
        partner, contact, members):
    submit(partner, 403, contact_id=contact.id, **members
           ).expect(403, problem="not-permitted")


@pytest.mark.rule("2.10")
def test_staff_import_with_the_time_of_submission(staff, contact):
    answer = submit(staff, contact_id=contact.id, issue_type="data",
                    submitted_at="2026-01-05T09:00:00.123456-06:00")
    assert answer["submitted_at"] == "2026-01-05T15:00:00.123456Z"
    assert answer["created_at"] > "2026-01-05T15:00:01Z"


def test_no_case_comes_from_the_future(staff, contact, clock):
    clock.at("2026-11-23T10:00:00-06:00")
    assert submit(staff, 422, contact_id=contact.id,
                  submitted_at="2026-11-23T10:01:00-06:00"
                  ).faults == ["/submitted_at"]


@pytest.mark.parametrize("time", [
    "2026-01-05T15:00:00", "2026-01-05", "2026-01-05 15:00:00Z",
    "yesterday", "2026-13-05T15:00:00Z", "2026-01-05T25:00:00Z", 1767625200])
def test_a_naive_or_malformed_time_is_refused(staff, contact, time):
    assert submit(staff, 422, contact_id=contact.id, submitted_at=time
                  ).faults == ["/submitted_at"]


# -- next steps ------------------------------------------------------------

def steps(case):
    return [(s["action"], s["when"], s["option"]) for s in case["next_steps"]]


@pytest.mark.fact(31, 32)
def test_a_critical_case_is_to_be_called_about_now_while_open(
        contact, clock):
    clock.at("2026-11-23T10:00:00-06:00")
    assert steps(submit(contact, priority="critical")) == [
        ("call", "now", None)]


@pytest.mark.fact(31)
def test_a_critical_case_at_night_says_when_the_line_opens(contact, clock):
    clock.at("2026-11-25T20:00:00-06:00")
    (action, when, option), = steps(submit(contact, priority="critical"))
    assert (action, option) == ("call", None)
    assert instant(when) == instant("2026-11-30T06:00:00-06:00")


def test_an_outage_of_a_hosted_district_is_called_in_at_any_hour(
        contact, clock):
    clock.at("2026-11-26T03:00:00-06:00")
    assert steps(submit(contact, priority="critical", type="outage")) == [
        ("call", "now", 8)]


@pytest.mark.fact(31)
@pytest.mark.rule("2.10")
def test_an_outage_of_a_self_hosted_district_waits_for_the_line(
        world, clock):
    contact = world.district(hosting="self_hosted").contact()
    clock.at("2026-11-26T03:00:00-06:00")
    (_, when, option), = steps(
        submit(contact, priority="critical", type="outage"))
    assert option is None
    assert instant(when) == instant("2026-11-30T06:00:00-06:00")


@pytest.mark.rule("2.10")
def test_outage_rights_follow_a_change_of_hosting_at_once(
        contact, clock, sql):
    """2.10"""
    clock.at("2026-11-26T03:00:00-06:00")
    case = contact.submit(priority="critical", type="outage")
    assert steps(case) == [("call", "now", 8)]
    sql.run("update casework.districts set hosting = 'self_hosted'"
            " where id = %s", contact.district.id)
    (_, when, option), = steps(case)
    assert option is None and when != "now"


def test_an_answered_case_needs_no_call_any_more(contact, staff):
    case = contact.submit(priority="critical")
    case.note(staff).expect(201)
    assert steps(case) == []


@pytest.mark.parametrize("priority", ["high", "medium", "low"])
def test_other_cases_need_no_call(contact, priority):
    assert submit(contact, priority=priority)["next_steps"] == []
