"""Followers of a case: fact 62."""

import pytest

pytestmark = pytest.mark.fact(62)


def followers(case, by=None):
    return [f["contact_id"] for f in (by or case.submitter).all(
        case.path + "/followers")]


def follow(case, by, **body):
    return by.post(case.path + "/followers", body)


def unfollow(case, by, contact):
    return by.delete(f"{case.path}/followers/{contact.id}")


def test_a_contact_follows_a_case_of_its_district(case, colleague, partner):
    answer = follow(case, colleague).expect(201)
    assert answer["contact_id"] == colleague.id and answer["since"]
    for someone in (case.submitter, colleague, partner):
        assert followers(case, someone) == [colleague.id]
    assert case.history()[-1]["type"] == "case.followed"
    follow(case, colleague, contact_id=colleague.id).expect(
        409, problem="already-exists")


def test_a_contact_adds_colleagues_of_its_district(
        case, contact, colleague, stranger, staff):
    answer = follow(case, contact, contact_id=colleague.id).expect(201)
    assert answer["added_by"]["id"] == contact.id
    assert followers(case) == [colleague.id]
    former = contact.district.contact()
    staff.patch(f"/v1/contacts/{former.id}", {"authorized": False}, etag="*"
                ).expect(200)
    for nobody in (stranger, former):
        assert follow(case, contact, contact_id=nobody.id).expect(
            422).faults == ["/contact_id"]


def test_a_contact_takes_back_whom_it_has_added(case, contact, colleague):
    follow(case, contact, contact_id=colleague.id).expect(201)
    unfollow(case, contact, colleague).expect(200)
    assert followers(case) == []


def test_a_contact_takes_back_nobody_else(
        case, contact, colleague, advisor):
    follow(case, colleague).expect(201)
    unfollow(case, contact, colleague).expect(403, problem="not-permitted")
    other = contact.district.contact()
    follow(case, advisor, contact_id=other.id).expect(201)
    unfollow(case, contact, other).expect(403, problem="not-permitted")
    assert followers(case) == [colleague.id, other.id]


def test_who_acts_for_a_contact_adds_colleagues_too(
        case, contact, colleague, advisor):
    answer = follow(case, contact.acting_for(f"staff:{advisor.id}"),
                    contact_id=colleague.id).expect(201)
    assert answer["added_by"]["id"] == advisor.id


def test_who_was_added_leaves_by_itself(case, contact, colleague):
    follow(case, contact, contact_id=colleague.id).expect(201)
    unfollow(case, colleague, colleague).expect(200)


def test_a_contacts_role_adds_nobody_of_another_district_by_sql(
        case, contact, colleague, stranger, as_role):
    role = as_role("contact")
    add = ("insert into casework.case_followers (district_id, case_id,"
           " contact_id, since, added_by_kind, added_by_id, added_by_name)"
           " values (%s, %s, %s, now(), 'contact', %s, 'Somebody')")
    for follower, adder, outcome in (
            (colleague, contact, None), (stranger, contact, "42501")):
        assert role.fails(add, contact.district.id, case.id, follower.id,
                          adder.id, caller_id=contact.id) == outcome


def test_staff_add_and_remove_a_contact(case, colleague, advisor):
    answer = follow(case, advisor, contact_id=colleague.id).expect(201)
    assert answer["added_by"]["id"] == advisor.id
    unfollow(case, advisor, colleague).expect(200)
    assert followers(case) == []


def test_staff_name_a_contact_of_the_district(case, advisor, stranger):
    assert follow(case, advisor).expect(422).faults == ["/contact_id"]
    for number in (stranger.id, 9007199254740991):
        assert follow(case, advisor, contact_id=number).expect(
            422).faults == ["/contact_id"]


def test_a_contact_stops_following(case, colleague):
    follow(case, colleague).expect(201)
    assert unfollow(case, colleague, colleague).expect(200)[
        "contact_id"] == colleague.id
    assert followers(case) == []
    assert case.history()[-1]["type"] == "case.unfollowed"
    unfollow(case, colleague, colleague).expect(404)


def test_nobody_follows_across_districts(case, stranger):
    follow(case, stranger).expect(404)
    unfollow(case, stranger, stranger).expect(404)
    stranger.get(case.path + "/followers").expect(404)


def test_whoever_leaves_the_district_follows_no_longer(
        case, colleague, staff, stranger):
    follow(case, colleague).expect(201)
    staff.patch(f"/v1/contacts/{colleague.id}",
                {"district_id": stranger.district.id}, etag="*").expect(200)
    assert followers(case) == []
    unfollow(case, staff, colleague).expect(404)


def test_following_changes_no_version(case, colleague):
    etag = case.etag
    follow(case, colleague).expect(201)
    assert case.etag == etag
