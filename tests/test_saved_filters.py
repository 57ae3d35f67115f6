"""Filters of cases that staff save for themselves and for each other (3.5)."""

import pytest

from generate import good_text
from world import ROLES

pytestmark = pytest.mark.rule("3.5")

SAVED = "/v1/saved-filters"
NEW = {"parameter": "status", "values": ["new"]}


def save(advisor, *filters, **more):
    return advisor.post(SAVED, {"name": "Mine", "filters": list(filters or [
        NEW]), **more})


def asked(parameter, *values):
    return {"parameter": parameter, "values": list(values)}


def test_what_is_saved_is_what_the_list_takes(contact, advisor):
    case = contact.submit(priority="high", subject="Grades, all of them")
    contact.submit(priority="high")
    filters = [asked("priority", "high", "low"),
               asked("subject_contains", "grades, ALL"),
               asked("district_id", str(contact.district.id)),
               asked("submitted_from", "2020-01-01T00:00:00Z"),
               asked("assigned", "false"), asked("sort", "due")]
    saved = save(advisor, *filters).expect(201)
    assert saved["filters"] == filters
    query = {f["parameter"]: f["values"] for f in
             advisor.get(saved.location).expect(200)["filters"]}
    query = {name: values if len(values) > 1 else values[0]
             for name, values in query.items()}
    query["priority"] = "high,low"
    assert advisor.get("/v1/cases", query=query).expect(200).ids == [case.id]


@pytest.mark.parametrize("one, where", [
    (asked("no_such_parameter", "1"), "parameter"),
    (asked("limit", "10"), "parameter"), (asked("cursor", "x"), "parameter"),
    (asked("status", "open"), "values/0"),
    (asked("status", "new", "none"), "values/1"),
    (asked("contact_id", "x"), "values/0"),
    (asked("contact_id", "0"), "values/0"),
    (asked("contact_id", "01"), "values/0"),
    (asked("contact_id", "99999999999999999999"), "values/0"),
    (asked("assigned", "yes"), "values/0"),
    (asked("assigned", "true", "false"), "values"),
    (asked("due_on_from", "2026-02-30"), "values/0"),
    (asked("due_on_from", "tomorrow"), "values/0"),
    (asked("submitted_from", "2026-02-03"), "values/0"),
    (asked("submitted_from", "2026-13-03T10:00:00Z"), "values/0"),
    (asked("product_area", "x" * 101), "values/0"),
    (asked("sort", "subject"), "values/0")])
def test_what_the_list_would_not_take_is_refused(advisor, one, where):
    filters = [asked("type", "outage"), one]
    assert save(advisor, *filters).expect(422).faults == [
        f"/filters/1/{where}"]
    saved = save(advisor).expect(201)
    assert advisor.patch(saved.location, {"filters": filters}, etag="*"
                         ).expect(422).faults == [f"/filters/1/{where}"]


def test_a_parameter_is_named_once(advisor):
    assert save(advisor, NEW, asked("status", "closed")).expect(
        422).faults == ["/filters/1/parameter"]


def test_every_parameter_of_the_list_can_be_saved(advisor, contract):
    """None is forgotten, but those that turn pages and count."""
    for parameter in contract.by_id["list_cases"].parameters_in("query"):
        one = asked(parameter["name"], good_text(
            parameter["schema"].get("items", parameter["schema"])))
        if one["parameter"] in ("limit", "cursor", "count"):
            save(advisor, one).expect(422)
        else:
            advisor.delete(save(advisor, one).expect(201).location
                           ).expect(200)


def test_nobody_saves_more_than_a_hundred(advisor, sql):
    sql.run("insert into casework.saved_filters (owner_id, name, shared,"
            " filters, created_at, updated_at) select %s, 'x', false, '[]',"
            " rules.now(), rules.now() from generate_series(1, 99)",
            advisor.id)
    saved = save(advisor).expect(201)
    save(advisor).expect(409, problem="conflict")
    advisor.delete(saved.location).expect(200)
    save(advisor).expect(201)


def test_a_filter_is_its_owners_until_it_is_shared(advisor, world):
    other = world.staff(*ROLES)
    mine = save(advisor).expect(201)
    other.get(mine.location).expect(404)
    assert mine["id"] not in [f["id"] for f in other.all(
        f"{SAVED}?owner_id={advisor.id}")]
    advisor.patch(mine.location, {"shared": True}, etag=mine.etag
                  ).expect(200)
    assert other.get(mine.location).expect(200)["owner"]["id"] == advisor.id
    assert [f["id"] for f in other.all(f"{SAVED}?owner_id={advisor.id}")] == [
        mine["id"]]


def test_a_shared_filter_is_changed_by_its_owner(advisor, world):
    other = world.staff(*ROLES)
    ours = save(advisor, shared=True).expect(201)
    other.patch(ours.location, {"name": "Ours"}, etag="*").expect(
        403, problem="not-permitted")
    other.delete(ours.location).expect(403, problem="not-permitted")
    mine = save(advisor).expect(201)
    other.delete(mine.location).expect(404)
    advisor.patch(ours.location, {"name": "Ours"}, etag="*").expect(200)
    assert advisor.delete(ours.location).expect(200)["name"] == "Ours"
    advisor.get(ours.location).expect(404)


def test_another_ones_filter_is_not_written_by_sql(advisor, world, as_role):
    ours = save(advisor, shared=True).expect(201)
    other = world.staff(*ROLES)
    for change in ("delete from casework.saved_filters",
                   "update casework.saved_filters set name = 'x'"):
        assert as_role("staff").acting(
            change + " where id = %s returning id", ours["id"],
            caller_id=other.id) == []
