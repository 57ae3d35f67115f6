"""The registers of a district as JSON and as CSV: facts 8, 9 and 10."""

import pytest

import tables

pytestmark = pytest.mark.rule("3.5")

MORNING = "2026-11-23T10:00:00-06:00"
NOON = "2026-11-23T12:00:00-06:00"
EVENING = "2026-11-23T18:00:00-06:00"
TABLE = {"Accept": "text/csv"}


@pytest.fixture
def site(district):
    return district.site()


def register(district, name):
    return f"/v1/districts/{district.id}/site-{name}"


def table(caller, path, **query):
    return tables.rows(caller.get(path, query=query, headers=TABLE
                                  ).expect(200))


# -- what is in them -------------------------------------------------------

@pytest.mark.fact(8, 9)
def test_accesses_on_all_cases_newest_first(
        district, contact, colleague, advisor, partner, site, clock):
    seen = []
    for at in (MORNING, NOON, EVENING):
        clock.at(at)
        case = contact.submit()
        seen.insert(0, case.visit(advisor, site).expect(201).json)
    for someone in (contact, colleague, partner, advisor):
        assert someone.all(register(district, "accesses")) == seen
    pages = list(contact.pages(register(district, "accesses"), limit=2))
    assert [page.ids for page in pages] == [
        [seen[0]["id"], seen[1]["id"]], [seen[2]["id"]]]


@pytest.mark.fact(8)
def test_accesses_by_time_site_case_and_purpose(
        district, contact, advisor, site, clock):
    other_site, path = district.site(), register(district, "accesses")
    clock.at(MORNING)
    first, second = contact.submit(), contact.submit()
    one = first.visit(advisor, site).expect(201)["id"]
    clock.at(NOON)
    two = second.visit(advisor, other_site, "replicate").expect(201)["id"]

    def found(**query):
        return [item["id"] for item in contact.all(path, **query)]
    assert found(accessed_from=NOON) == [two]
    assert found(accessed_to=NOON) == [one]
    assert found(accessed_from=EVENING) == []
    assert found(site_id=site) == [one]
    assert found(case_id=second.id) == [two]
    assert found(purpose="replicate") == [two]
    assert found(purpose="view,replicate") == [two, one]


@pytest.mark.fact(10)
def test_permissions_by_state_time_and_scope(
        district, contact, colleague, partner, advisor, site, clock):
    path = register(district, "permissions")
    clock.at(MORNING)
    case = contact.submit()
    live = case.permit(site_id=site).expect(201)
    revoked = case.permit(site_id=site, scope="test").expect(201)
    clock.at(NOON)
    expired = contact.submit().permit(
        site_id=site, expires_at="2026-11-23T13:00:00-06:00").expect(201)
    contact.post(revoked.location + "/revocation", etag="*").expect(200)
    clock.at(EVENING)

    def found(**query):
        return [item["id"] for item in contact.all(path, **query)]
    for someone in (colleague, partner, advisor):
        assert [p["id"] for p in someone.all(path)] == [
            expired["id"], revoked["id"], live["id"]]
    assert found(state="live") == [live["id"]]
    assert found(state="revoked") == [revoked["id"]]
    assert found(state="expired,live") == [expired["id"], live["id"]]
    assert found(granted_from=NOON) == [expired["id"]]
    assert found(granted_to=NOON) == [revoked["id"], live["id"]]
    assert found(scope="test") == [revoked["id"]]
    assert found(case_id=case.id) == [revoked["id"], live["id"]]


@pytest.mark.parametrize("name", ["accesses", "permissions"])
def test_a_register_is_its_districts(
        district, case, advisor, site, stranger, name):
    case.permit(site_id=site).expect(201)
    case.visit(advisor, site).expect(201)
    stranger.get(register(district, name)).expect(404)
    stranger.get(register(district, name), headers=TABLE).expect(404)
    assert stranger.all(register(stranger.district, name)) == []


# -- as a table ------------------------------------------------------------

@pytest.mark.fact(8)
@pytest.mark.parametrize("name", ["accesses", "permissions"])
def test_the_table_tells_what_the_json_tells(
        district, case, contact, advisor, site, name):
    case.permit(site_id=site, scope="test").expect(201)
    case.visit(advisor, site, "test", note="Looked,\n\"twice\"; ok").expect(
        201)
    case.visit(advisor, site).expect(201)
    path = register(district, name)
    answer = contact.get(path, headers=TABLE).expect(200)
    names, _ = tables.fields(answer.body.decode())
    assert tables.rows(answer) == [
        tables.flat(item, names) for item in contact.all(path)]
    assert answer.body.count(b"\n") - answer.body.count(b"\r\n") == (
        1 if name == "accesses" else 0)


@pytest.mark.fact(8)
def test_the_exact_lines(district, contact, advisor, site, clock):
    clock.at(MORNING)
    case = contact.submit()
    made = case.visit(advisor, site, note='A "quick" look').expect(201)
    answer = contact.get(register(district, "accesses"), headers=TABLE)
    by = made["accessed_by"]
    assert answer.body.decode() == (
        "id,case_id,site_id,purpose,note,site_permission_id,accessed_at,"
        "accessed_by.kind,accessed_by.id,accessed_by.name,"
        "on_behalf_of.kind,on_behalf_of.id,on_behalf_of.name\r\n"
        f'{made["id"]},{case.id},{site},view,"A ""quick"" look",,'
        f'{made["accessed_at"]},staff,{advisor.id},'
        f'{quoted(by["name"])},,,\r\n')


def quoted(text):
    return f'"{text}"' if " " in text else text


def test_an_empty_table_has_its_columns(contact):
    answer = contact.get(register(contact.district, "accesses"),
                         headers=TABLE).expect(200)
    assert tables.rows(answer) == []
    assert answer.body.startswith(b"id,case_id,site_id,purpose,note,")
    assert answer.body.count(b"\r\n") == 1


@pytest.mark.parametrize("sign", [
    "=1+1", "+1", "-1", "@SUM(A1)", "'x", " =1", "\t=1", "\n=1", "＝1", "＋1",
    "－1", "＠x", "\n \t@x"])
def test_no_text_is_run_as_a_formula(
        district, contact, advisor, site, sign):
    case = contact.submit()
    case.visit(advisor, site, note=sign + " end").expect(201)
    answer = contact.get(register(district, "accesses"), headers=TABLE)
    _, (line,) = tables.fields(answer.body.decode())
    assert line[4] == f"'{sign} end"
    assert tables.rows(answer)[0]["note"] == sign + " end"


@pytest.mark.parametrize("text", ["a=1", "a-b", "1+1", "Ünïcödé 日本語 🙂", "x'"])
def test_other_texts_are_as_they_are(
        district, contact, advisor, site, text):
    contact.submit().visit(advisor, site, note=text).expect(201)
    answer = contact.get(register(district, "accesses"), headers=TABLE)
    _, (line,) = tables.fields(answer.body.decode())
    assert line[4] == text


def test_the_next_page_of_a_table_is_a_table_too(
        district, contact, advisor, site):
    case = contact.submit()
    made = [str(case.visit(advisor, site).expect(201)["id"])
            for _ in range(3)]
    path, found = register(district, "accesses") + "?limit=2", []
    while path:
        answer = contact.get(path, headers=TABLE).expect(200)
        found += [row["id"] for row in tables.rows(answer)]
        link = answer.link("next")
        path = link and link[link.index("/v1/"):]
    assert found == made[::-1]


def test_a_refusal_is_no_table(district, contact):
    contact.get(register(district, "accesses"), query={"purpose": "x"},
                headers=TABLE).expect(400, problem="invalid-parameter")


def test_a_list_without_a_table_has_none(contact):
    contact.get("/v1/cases", headers=TABLE).expect(
        406, problem="not-acceptable")
