"""The filters of the list of cases, each by itself and all together."""

import itertools
import random

import pytest

from client import Client, Service
from generate import good_text
from incidents import INCIDENTS, an_incident
from world import Case, Defect, a_case, a_question

CASES = "/v1/cases"
LATER = "2027-03-01T12:00:00-06:00"


@pytest.fixture
def pair(world, staff, phone, clock, lead, engineer):
    """Two cases that differ in everything a filter can look at."""
    clock.at("2027-01-04T10:00:00-06:00")
    district, other_district = world.district(), world.district()
    one, other = district.contact(), other_district.contact()
    partner, advisor = world.partner(district, other_district), world.staff()
    older = one.submit()
    goal = other.submit()
    deadline = lead.post("/v1/state-reporting/deadlines", {
        "state": "MN", "name": f"Count {older.id}", "due_on": "2027-05-01"
    }).expect(201)

    call = phone.talk(advisor, one)
    call.hang_up().expect(200)
    incident = lead.post(INCIDENTS, an_incident(
        scope={"districts": [district.id]})).expect(201)

    def submit(by, contact, **members):
        answer = by.post(CASES, a_case(contact_id=contact.id, **members))
        return {"answer": answer.expect(201), "contact": contact,
                "path": answer.location}

    wanted = submit(
        staff, one, type="outage", subject="Report cards 100% empty_",
        description="The PDF has no rows.", replication_steps="Print them.",
        impact="Grade nine", users_affected=30, workaround="Wait a day",
        product_area="state_reporting", product_version="2611",
        platform="Edge", due_on="2027-02-10", site_id=district.site(),
        follows_case_id=older.id, channel="phone", call_id=call.id,
        priority="critical",
        support_provider="partner", issue_type="data", test=True,
        submitted_at="2027-01-04T09:00:00-06:00",
        reporting_deadline_id=deadline["id"], incident_id=incident["id"])
    clock.at("2027-01-20T10:00:00-06:00")
    unlike = submit(
        partner, other, type="question", subject="report CARDS 1000 emptyx",
        description="How?", replication_steps="None.", impact="One teacher",
        users_affected=1, workaround="None", product_area="attendance",
        product_version="2612", platform="Safari", due_on="2027-03-10",
        site_id=other_district.site(), follows_case_id=goal.id,
        priority="low", support_provider="campus")
    return {"wanted": wanted, "unlike": unlike, "staff": staff,
            "advisor": advisor, "older": older, "goal": goal,
            "district": district, "partner": partner, "deadline": deadline,
            "defect": Defect(engineer).confirmed()}


@pytest.fixture
def life(pair, staff, phone, clock):
    """The wanted case has been through everything; the other one has not."""
    path = pair["wanted"]["path"]

    def act(action, **body):
        return staff.post(f"{path}/{action}", body, etag="*").expect(200)

    clock.at("2027-02-01T10:00:00-06:00")
    wanted = pair["wanted"]
    phone.talk(pair["advisor"], wanted["contact"]).link(
        staff, Case(wanted["contact"], wanted["answer"])).expect(200)
    act("assignment", advisor_id=pair["advisor"].id)
    act("scope", scope="out_of_scope", redirect_team="training",
        policy_question=True)
    act("resolution", kind="workaround", explanation="Use the old one.")
    wanted["contact"].post(f"{path}/close", {}, etag="*").expect(200)
    clock.at("2027-02-03T10:00:00-06:00")
    act("reopen", details="It is back.")
    act("assignment", advisor_id=pair["advisor"].id)
    staff.post(f"{path}/escalations", {
        "team": "technical_services", "text": "They look."}, etag="*"
        ).expect(201)
    staff.post(f"{path}/defects", {"defect_id": pair["defect"].id}
               ).expect(201)
    pair["defect"].fix("2613").expect(201)
    act("resolution", kind="update_recommended", fixed_in_release="2613",
        defect_id=pair["defect"].id, explanation="Take the update.")
    act("close", closure_reason="merged",
        merged_into_case_id=pair["older"].id)
    staff.world.sql.run("update casework.cases set scheduled_on = due_on + 1"
                        " where due_on in ('2027-02-10', '2027-03-10')")
    staff.world.sql.run("update casework.cases set external_id = 'E-' || id"
                        " where id in (%s, %s)", wanted["answer"]["id"],
                        pair["unlike"]["answer"]["id"])
    staff.post(f"{CASES}/{wanted['answer']['id']}/tags", {
        "tag": "life of a case"}).expect(201)
    return pair


def operators(field, contained, foreign, start, end, negated=True):
    """The filters on a text; foreign is in the text of the other case."""
    return {f"{field}_contains": contained,
            f"{field}_not_contains": foreign if negated else None,
            f"{field}_starts_with": start, f"{field}_ends_with": end}


def filters(pair):
    """Filter → a value that the wanted case has and the other has not."""
    case, other = (pair[n]["answer"] for n in ("wanted", "unlike"))
    return {
        "id": case["id"], "district_id": case["district_id"],
        "external_id": f"E-{case['id']}",
        "site_id": case["site_id"], "contact_id": case["contact_id"],
        "follows_case_id": case["follows_case_id"],
        "incident_id": case["incident_id"],
        "assigned_advisor_id": pair["advisor"].id, "assigned": "true",
        "merged_into_case_id": pair["older"].id,
        "submitted_by_kind": "staff", "submitted_by_id": pair["staff"].id,
        "type": "outage", "status": "closed", "priority": "critical",
        "initial_priority": "critical", "issue_type": "data",
        "channel": "phone", "support_provider": "partner",
        "partner_id": pair["partner"].id,
        "closure_reason": "merged", "resolution_kind": "update_recommended",
        "response_state": "met", "product_area": "state_reporting",
        "product_version": "2611", "platform": "Edge",
        "fixed_in_release": "2613", "test": "true", "escalation_level": 2,
        "resolution_defect_id": pair["defect"].id, "scope": "out_of_scope",
        "redirect_team": "training", "policy_question": "true",
        "support_team": "state_reporting",
        "reporting_deadline_id": pair["deadline"]["id"],
        "reporting_deadline_from": "2027-05-01",
        "reporting_deadline_to": "2027-05-02",
        "subject": "Report cards 100% empty_",
        "subject_not": "report CARDS 1000 emptyx",
        **operators("subject", "0% EMPTY_", "1000", "REPORT cards 100%",
                    "% EMPTY_"),
        **operators("description", "pdf", "HOW", "the", "NO rows."),
        **operators("replication_steps", "print", "one", "PRINT", "THEM."),
        **operators("impact", "NINE", "teach", "grade", "nine"),
        **operators("workaround", "a day", "NONE", "wait", "A DAY"),
        **operators("product_version", "611", "12", "2611", "11"),
        **operators("platform", "DG", "safari", "edge", "GE"),
        **operators("fixed_in_release", "61", "x", "26", "13",
                    negated=False),
        "district_id_not": other["district_id"],
        "site_id_not": other["site_id"],
        "contact_id_not": other["contact_id"],
        "type_not": "question,request", "status_not": "new,assigned",
        "priority_not": "low", "channel_not": "api,portal",
        "support_provider_not": "campus", "partner_id_not": None,
        "product_area_not": "attendance",
        "product_version_not": "2612", "platform_not": "Safari",
        "response_state_not": "pending,missed", "scope_not": "undetermined",
        # what the other case has not is not named either
        "assigned_advisor_id_not": None, "incident_id_not": None,
        "issue_type_not": None, "closure_reason_not": None,
        "resolution_kind_not": None, "fixed_in_release_not": None,
        "redirect_team_not": None,
        "users_affected_from": 30, "users_affected_to": None,
        "due_on_from": None, "due_on_to": "2027-03-10",
        "scheduled_on_from": None, "scheduled_on_to": "2027-03-11",
        "submitted_from": None, "submitted_to": "2027-01-05T00:00:00Z",
        "created_from": None, "created_to": "2027-01-05T00:00:00Z",
        "updated_from": "2027-02-03T00:00:00Z", "updated_to": None,
        "closed_from": "2027-02-03T00:00:00Z",
        "closed_to": "2027-02-04T00:00:00Z",
        "closed_by_kind": "staff", "closed_by_id": pair["staff"].id,
        "resolved_from": "2027-02-03T00:00:00Z",
        "resolved_to": "2027-02-04T00:00:00Z",
        "reopened_from": "2027-02-03T00:00:00Z",
        "reopened_to": "2027-02-04T00:00:00Z",
        "response_due_from": "2027-02-03T00:00:00Z", "response_due_to": None,
        "first_response_from": "2027-02-03T00:00:00Z",
        "first_response_to": "2027-02-04T00:00:00Z",
        "phone_follow_up_from": "2027-02-01T00:00:00Z",
        "phone_follow_up_to": "2027-02-02T00:00:00Z",
        "reopen_until_from": None, "reopen_until_to": None,
        # a closed case waits for nobody, and nothing of it is due
        "waiting_on": None,
        "tag": "Life of a case", "unread": None,
        "due_from": None, "due_to": None,
    }


@pytest.mark.fact(51)
def test_every_filter_finds_what_it_names_and_nothing_else(
        life, contract, staff):
    wanted = life["wanted"]["answer"]["id"]
    unlike = life["unlike"]["answer"]["id"]
    both = f"{wanted},{unlike}"
    failed = []
    for name, value in filters(life).items():
        if value is None:
            continue
        query = {name: value} if name == "id" else {name: value, "id": both}
        found = staff.get(CASES, query=query).expect(200).ids
        if found != [wanted]:
            failed.append((name, found))
    assert failed == []
    parameters = {p["name"] for p in
                  contract.by_id["list_cases"].parameters}
    assert parameters - {"count", "sort", "limit", "cursor"} == set(filters(life))


@pytest.mark.fact(51)
def test_what_is_not_asked_for_includes_what_has_no_value(life, staff):
    wanted = life["wanted"]["answer"]["id"]
    unlike = life["unlike"]["answer"]["id"]
    for name, value in {
            "assigned_advisor_id": life["advisor"].id,
            "incident_id": life["wanted"]["answer"]["incident_id"],
            "issue_type": "data", "closure_reason": "merged,withdrawn",
            "resolution_kind": "update_recommended",
            "fixed_in_release": "2613"}.items():
        found = staff.get(CASES, query={
            name + "_not": value, "id": f"{wanted},{unlike}"}).expect(200)
        assert found.ids == [unlike], name
    assert staff.get(CASES, query={
        "fixed_in_release_not_contains": "13", "id": f"{wanted},{unlike}"
        }).ids == [unlike]


def test_ranges_include_their_start_and_exclude_their_end(pair, staff):
    one, other = (pair[n]["answer"] for n in ("wanted", "unlike"))
    both = f"{one['id']},{other['id']}"

    def found(**query):
        return set(staff.get(CASES, query={"id": both, **query}
                             ).expect(200).ids)
    for name, member in (("users_affected", "users_affected"),
                         ("due_on", "due_on"), ("created", "created_at"),
                         ("submitted", "submitted_at"),
                         ("updated", "updated_at")):
        low, high = sorted((one, other), key=lambda case: case[member])
        assert found(**{name + "_from": high[member]}) == {high["id"]}
        assert found(**{name + "_to": high[member]}) == {low["id"]}
        assert found(**{name + "_from": low[member],
                        name + "_to": low[member]}) == set()
    due = {case["id"]: case["response_target"]["due_at"]
           for case in (one, other)}
    late = max(due, key=due.get)
    assert found(response_due_from=due[late]) == {late}
    assert late not in found(response_due_to=due[late])


def test_a_closed_case_is_found_by_the_end_of_its_reopening(contact, clock):
    clock.at("2027-02-01T10:00:00-06:00")
    case = contact.submit()
    closed = case.close().expect(200)
    until = closed["reopen_until"]
    assert contact.get(CASES, query={"reopen_until_from": until}
                       ).ids == [case.id]
    assert contact.get(CASES, query={"reopen_until_to": until}).ids == []


def test_every_public_field_of_a_case_is_a_filter(contract):
    op = contract.by_id["list_cases"]
    names = {p["name"] for p in op.parameters}
    fields = set(contract.by_id["get_case"].responses["200"]["content"][
        "application/json"]["schema"]["properties"])
    spelled = {
        "submitted_by": {"submitted_by_kind", "submitted_by_id"},
        "assigned_advisor": {"assigned_advisor_id", "assigned"},
        "resolution": {"resolution_kind", "fixed_in_release",
                       "resolution_defect_id", "resolved_from",
                       "resolved_to"},
        "closed_by": {"closed_by_kind", "closed_by_id"},
        "response_target": {"response_state", "response_due_from",
                            "response_due_to", "first_response_from",
                            "first_response_to"},
        "waiting": {"waiting_on"},
        "follow_up": {"status"},    # there while pending_verification
        "reporting_deadline": {"reporting_deadline_id",
                               "reporting_deadline_from",
                               "reporting_deadline_to"},
        "partner": {"partner_id"},
        "shared_with_state_at": {"product_area"},
        # computed for the answer, from other members that are filters
        "support_eligibility": {"product_version", "platform"},
        "next_steps": set(), "support_line": set()}
    for field in fields:
        stem = field.removesuffix("_at")
        wanted = spelled.get(field)
        if wanted is None:
            wanted = ({field} if field in names else
                      {field + "_contains"} if field + "_contains" in names
                      else {stem + "_from", stem + "_to"})
        assert wanted <= names, field


def test_several_values_are_alternatives_and_several_filters_add_up(
        contact):
    low = contact.submit(priority="low").id
    high = contact.submit(priority="high").id
    contact.submit(priority="medium")

    def found(**query):
        return set(contact.get(CASES, query=query).expect(200).ids)
    assert found(priority="low,high") == {low, high}
    assert found(priority="low,high", id=f"{low}") == {low}
    assert found(priority="critical") == set()


def test_a_field_without_a_value_matches_no_value(contact):
    contact.post(CASES, a_question()).expect(201)
    for query in ({"issue_type": "data"}, {"users_affected_from": 0},
                  {"due_on_to": "2099-01-01"}, {"closed_from":
                                                "2000-01-01T00:00:00Z"}):
        assert contact.get(CASES, query=query).expect(200).ids == []


@pytest.mark.parametrize("text", ["%", "_", "\\", "100%", "a_c", "'", '"',
                                  "a,b", "{", "*", "é!"])
def test_text_filters_take_their_text_as_it_is(contact, text):
    wanted = contact.submit(subject=f"before {text} after").id
    contact.submit(subject="before abc 1000 after")
    for query in ({"subject_contains": text},
                  {"subject_not_contains": "before abc"},
                  {"subject_starts_with": f"Before {text}"},
                  {"subject_ends_with": f"{text} After"},
                  {"subject_not": "before abc 1000 after"},
                  {"subject": f"before {text} after"}):
        assert contact.get(CASES, query=query).expect(200).ids == [wanted]


@pytest.mark.parametrize("query", [
    {"status": "open"}, {"status": ""}, {"status": "new,"}, {"id": "x"},
    {"id": "1,x"}, {"id": "0"}, {"id": "-1"}, {"id": "9007199254740992"},
    {"assigned": "yes"}, {"assigned": "TRUE"}, {"subject": ""},
    {"due_on_from": "2026-02-30"}, {"submitted_from": "2026-02-03"},
    {"submitted_from": "2026-02-03T10:00:00"}, {"limit": "0"},
    {"limit": "101"}, {"limit": "-1"}, {"limit": "1.5"}, {"limit": "1e1"},
    {"limit": "ten"}, {"limit": ""}, {"limit": " 5"}, {"limit": "+5"},
    {"users_affected_from": "1,2"}, {"cursor": ""}, {"cursor": "x"},
    {"unknown": "1"}, {"Status": "new"}, {"sort": "id"}, {"offset": "1"},
    {"status[0]": "new"}, {"priority": "low,low,urgent"}])
def test_a_wrong_parameter_is_named(contact, query):
    answer = contact.get(CASES, query=query).expect(400)
    (name, _), = query.items()
    assert answer.problem == (
        "invalid-cursor" if name == "cursor" else "invalid-parameter")
    assert answer.faults == [name]


@pytest.mark.parametrize("raw", [
    "assigned=true&assigned=true", "limit=1&limit=2", "limit=1&%6Cimit=2"])
def test_a_repeated_parameter_is_refused(contact, raw):
    contact.get(f"{CASES}?{raw}").expect(400, problem="invalid-parameter")


def test_names_and_values_are_decoded_like_those_of_a_form(contact):
    wanted = contact.submit(subject="one plus two").id
    contact.submit(subject="one+plus+two")
    assert contact.get(f"{CASES}?subject=one+plus%20two").ids == [wanted]
    assert contact.get(f"{CASES}?%6Cimit=1&%69d={wanted}").ids == [wanted]
    assert contact.get(f"{CASES}?").expect(200)


@pytest.mark.parametrize("raw", [
    "subject=%", "subject=%4", "subject=%zz", "subject=%00", "subject=%ff",
    "subject=%ed%a0%80", "subject=a%00b", "%00=1", "subject", "=1"])
def test_a_parameter_that_cannot_be_decoded_is_named(contact, raw):
    answer = contact.get(f"{CASES}?{raw}&x=1").expect(
        400, problem="invalid-parameter")
    assert answer.faults == [raw.partition("=")[0], "x"]


# -- several at once -------------------------------------------------------

def test_the_filters_of_the_document_combine(contact, contract):
    """Any two filters make a statement that PostgreSQL accepts."""
    op = contract.by_id["list_cases"]
    names = [p for p in op.parameters
             if p["name"] not in ("limit", "cursor")]
    for one, two in itertools.islice(
            itertools.combinations(names, 2), 0, None, 9):
        contact.get(CASES, query={
            p["name"]: good_text(p["schema"]) for p in (one, two)}
        ).expect(200)


@pytest.mark.direct
def test_more_combinations_than_are_kept_prepared_all_work(
        instance, contract, contact):
    """A statement has a variant for each set of filters seen; there are more
    sets than the service keeps."""
    case = contact.submit()
    rng = random.Random(3)
    parameters = [p for p in contract.by_id["list_cases"].parameters
                  if p["name"] not in ("limit", "cursor", "id")]
    with instance.beside() as process:
        service = Service(process.url, contract)
        client = Client(service, contact.token, "contact", check=False)
        for _ in range(2200):
            chosen = rng.sample(parameters, rng.randint(3, 5))
            client.get(CASES, query={
                p["name"]: good_text(p["schema"]) for p in chosen}
            ).expect(200)
        assert client.get(CASES).expect(200).ids == [case.id]
        service.close()


def test_all_filters_at_once(contact, contract):
    contact.get(CASES, query={
        p["name"]: good_text(p["schema"])
        for p in contract.by_id["list_cases"].parameters
        if p["name"] != "cursor"}).expect(200)
