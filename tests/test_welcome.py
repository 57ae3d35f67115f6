"""The mail that welcomes a contact who may call (facts 13, 14, 22)."""

import pytest

from world import counter

KIND = "contact.welcomed"


@pytest.fixture(autouse=True)
def welcomed(world):
    world.welcomes(True)
    yield
    world.welcomes(False)


def somebody(district, **changes):
    return {"district_id": district.id, "name": f"Contact {next(counter)}",
            "email": f"new-{next(counter)}@district.example", **changes}


def add(by, district, **changes):
    return by.post("/v1/contacts", somebody(district, **changes)).expect(201)


def authorize(by, contact, authorized):
    by.patch(f"/v1/contacts/{contact['id']}", {"authorized": authorized},
             etag="*").expect(200)


def welcomes(post, contact):
    post.dispatch()
    return [m for m in post.mails()
            if (m["kind"], m["recipient_kind"], m["recipient_id"]) == (
                KIND, "contact", contact["id"])]


@pytest.mark.fact(13, 20)
def test_a_new_contact_is_told_how_to_reach_support(staff, district, post):
    new = add(staff, district)
    mail, = welcomes(post, new)
    assert mail["to_address"] == new["email"]
    for told in (new["training"]["name"], new["training"]["url"], "{portal}",
                 "Monday to Friday, 6:00 a.m. to 6:00 p.m. Central Time"):
        assert told in mail["text"]
    assert new["name"] not in mail["subject"] + mail["text"]
    assert mail["unsubscribe"] is None
    post.dispatch()
    assert len(welcomes(post, new)) == 1


@pytest.mark.fact(34)
def test_no_welcome_holds_the_toll_free_number(staff, district, post, sql):
    number = sql.value("select toll_free_number from casework.support_line")
    mail, = welcomes(post, add(staff, district))
    assert "toll-free number" in mail["text"] and number not in mail["text"]


def test_who_may_not_call_is_welcomed_once_it_may(staff, district, post):
    new = add(staff, district, authorized=False)
    assert welcomes(post, new) == []
    authorize(staff, new, True)
    assert len(welcomes(post, new)) == 1


def test_who_is_welcomed_is_not_at_each_change(staff, district, post, sql):
    new = add(staff, district)
    assert len(welcomes(post, new)) == 1
    sql.run("update casework.mails set state = 'sent'"
            " where recipient_id = %s and kind = %s", new["id"], KIND)
    staff.patch(f"/v1/contacts/{new['id']}", {"phone": "763-555-0142"},
                etag="*").expect(200)
    assert len(welcomes(post, new)) == 1


def test_who_is_authorized_again_is_welcomed_again(staff, district, post,
                                                   sql):
    new = add(staff, district)
    welcome, = welcomes(post, new)
    sql.run("update casework.mails set state = 'sent' where id = %s",
            welcome["id"])
    authorize(staff, new, False)
    assert len(welcomes(post, new)) == 1
    authorize(staff, new, True)
    assert len(welcomes(post, new)) == 2


def test_what_happens_at_once_makes_one_welcome(staff, district, post):
    new = add(staff, district)
    for authorized in (False, True):
        authorize(staff, new, authorized)
    assert len(welcomes(post, new)) == 1


def test_a_contact_of_a_district_that_was_let_go_is_not_welcomed(
        world, staff, district, post):
    new = add(staff, district)
    world.staff("administrator").patch(
        f"/v1/districts/{district.id}", {"active": False}, etag="*"
    ).expect(200)
    assert welcomes(post, new) == []
