"""Product areas and platforms, as administrators keep them: facts 1 and 17."""

import uuid

import pytest

from instance import ROOT

AREAS, PLATFORMS = "/v1/product-areas", "/v1/platforms"


@pytest.fixture
def administrator(world):
    return world.staff("administrator")


@pytest.fixture
def area(administrator):
    """An area of the test's own; it ends with it."""
    answer = administrator.post(AREAS, {
        "code": f"area_{uuid.uuid4().hex[:12]}", "name": "Buses",
        "team": "state_reporting"}).expect(201)
    yield answer
    administrator.patch(answer.location, {"active": False}, etag="*")


@pytest.fixture
def word():
    """A word that names nothing yet."""
    return "w" + "".join(c for c in uuid.uuid4().hex if c.isalpha())


@pytest.fixture
def platform(administrator, word):
    return administrator.post(PLATFORMS, {
        "name": word.capitalize(), "minimum_version": "3.5"}).expect(201)


def events(sql, resource):
    return sql.rows("select type, actor_id, changes from casework.desk_events"
                    " where resource = %s order by id", resource)


# -- areas -------------------------------------------------------------------

@pytest.mark.fact(17)
def test_an_area_that_is_added_can_be_named(area, contact, public):
    assert area["position"] == max(
        a["position"] for a in public.get(AREAS).items)
    assert area.json in public.get(AREAS).items
    answer = public.get(area.location).expect(200)
    assert answer.json == area.json
    public.get(area.location, headers={"If-None-Match": answer.etag}
               ).expect(304)
    case = contact.submit(product_area=area["code"])
    assert case["support_team"] == "state_reporting"


def test_an_area_is_changed_and_its_event_tells_old_and_new(
        area, administrator, sql, public):
    path = area.location
    answer = administrator.patch(path, {"team": "support", "name": "Busses"},
                                 etag=area.etag).expect(200)
    assert (answer["team"], answer["name"]) == ("support", "Busses")
    administrator.patch(path, {"name": "x"}, etag=area.etag).expect(412)
    same = administrator.patch(path, {"name": "Busses"}, etag="*").expect(200)
    assert same.etag == answer.etag
    created, updated = events(sql, area["code"])
    assert created["type"] == "product_area.created"
    assert {c["member"]: c["new"] for c in created["changes"]} == area.json
    assert updated["actor_id"] == administrator.id
    assert updated["changes"] == [
        {"member": "name", "old": "Buses", "new": "Busses"},
        {"member": "team", "old": "state_reporting", "new": "support"}]
    assert administrator.patch(path, {"code": "other"}, etag="*").expect(
        422).faults == ["/code"]


def test_an_area_that_has_ended_stays_and_is_named_no_more(
        area, administrator, contact, public):
    case = contact.submit(product_area=area["code"])
    administrator.patch(area.location, {"active": False}, etag="*").expect(200)
    assert area["code"] not in [a["code"] for a in public.get(AREAS).items]
    assert public.get(area.location)["active"] is False
    assert case["product_area"] == area["code"]
    answer = case.change(product_area="grade_book").expect(200)
    assert case.change(product_area=area["code"]).expect(422).faults == [
        "/product_area"]
    assert answer["product_area"] == "grade_book"


def test_codes_and_positions_are_one_area_s(area, administrator, public):
    again = administrator.post(AREAS, {"code": area["code"], "name": "x"})
    assert again.expect(409, problem="already-exists").faults == ["/code"]
    other = administrator.post(AREAS, {
        "code": area["code"] + "_2", "name": "x",
        "position": area["position"]})
    assert other.expect(409, problem="already-exists").faults == ["/position"]
    first = public.get(AREAS + "/grade_book")["position"]
    moved = administrator.patch(area.location, {"position": first}, etag="*")
    assert moved.expect(409, problem="already-exists").faults == ["/position"]


def test_what_there_is_not_is_404(administrator, public):
    for path in (AREAS + "/none_such", PLATFORMS + "/None%20such"):
        public.get(path).expect(404)
        administrator.patch(path, {}, etag="*").expect(404)


# -- platforms ---------------------------------------------------------------

@pytest.mark.fact(1)
def test_a_platform_is_known_by_its_name(platform, contact, public, word):
    assert platform["also_called"] == [word]
    assert platform.json in public.get(PLATFORMS).items
    answer = public.get(platform.location).expect(200)
    public.get(platform.location, headers={"If-None-Match": answer.etag}
               ).expect(304)
    for version, codes in (("3.4", {"platform_below_minimum"}), ("3.5", set())):
        case = contact.submit(platform=f"{word.upper()} {version}")
        reasons = case["support_eligibility"]["reasons"]
        assert {r["code"] for r in reasons} - {
            "product_version_not_stated"} == codes


@pytest.mark.fact(1)
def test_names_are_taken_as_people_write_them(
        platform, administrator, contact, word, sql):
    """And replaced whole; what each says of a version counts."""
    names = [{"name": f"{word.capitalize()}-Book", "counts": False},
             {"name": f"{word.upper()}  Ultra", "version": "2.0"}]
    answer = administrator.patch(platform.location, {"names": names},
                                 etag=platform.etag).expect(200)
    known = [{"name": f"{word} book", "version": None, "counts": False},
             {"name": f"{word} ultra", "version": "2.0", "counts": True}]
    assert answer["names"] == known
    for written, code in ((f"{word} Book 7", "platform_version_not_stated"),
                          (f"{word} ultra", "platform_below_minimum"),
                          (f"{word} 4", "platform_unknown")):
        reasons = contact.submit(platform=written)["support_eligibility"][
            "reasons"]
        assert code in {r["code"] for r in reasons}, written
    event = events(sql, platform["name"])[-1]
    assert event["type"] == "platform.updated"
    assert event["changes"] == [
        {"member": "names", "new": known, "old": [
            {"name": word, "version": None, "counts": True}]}]
    same = administrator.patch(platform.location, {"names": names}, etag="*")
    assert same.expect(200).etag == answer.etag
    administrator.patch(platform.location, {"minimum_version": "4"},
                        etag=platform.etag).expect(412)


@pytest.mark.fact(1)
def test_a_name_means_one_platform(platform, administrator, word):
    before = administrator.get(platform.location)
    for names, pointer, code in (
            (["Windows"], "/names/0/name", "already-exists"),
            ([word, word.upper()], "/names/1/name", "already-exists"),
            ([word, "11 Pro"], "/names/1/name", "unfit"),
            (["\u4e2d\u6587"], "/names/0/name", "unfit")):
        answer = administrator.patch(platform.location, {
            "names": [{"name": name} for name in names]}, etag="*")
        assert answer.expect(422).faults == [pointer]
        assert answer["errors"][0]["code"] == code
    assert administrator.get(platform.location).json == before.json
    again = administrator.post(PLATFORMS, {
        "name": platform["name"].upper(), "minimum_version": "1"})
    assert again.expect(409, problem="already-exists").faults == ["/name"]


def test_a_platform_with_two_words_is_reached(administrator, public, word):
    answer = administrator.post(PLATFORMS, {
        "name": f"{word} OS", "minimum_version": "1"}).expect(201)
    assert public.get(answer.location).expect(200)["name"] == f"{word} OS"


@pytest.mark.rule("3.5")
@pytest.mark.fact(17)
def test_a_new_vendors_areas_are_shared_out_among_teams(public):
    teams = {a["code"]: a["team"]
             for a in public.get("/v1/product-areas")["items"]}
    assert len({teams[code] for code in (
        "grade_book", "attendance", "point_of_sale", "state_reporting",
        "hosting", "other")}) == 6


@pytest.mark.rule("3.2")
def test_a_desk_that_has_people_keeps_its_areas(new_session):
    """What the migration says, said to a database in use."""
    text = (ROOT / "sql/schema/051_desk_at_work.sql").read_text("utf-8")
    session = new_session()
    session.run("begin; update casework.product_areas set team = 'support',"
                " version = 1 where code = 'grade_book'")
    session.run(text[text.index("with teams as ("):])
    assert session.value("select team from casework.product_areas"
                         " where code = 'grade_book'") == "support"
    session.run("rollback")
