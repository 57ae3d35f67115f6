"""Articles (3.6): written by staff, read by whom they are for."""

import itertools

import pytest

from world import Defect

pytestmark = pytest.mark.rule("3.6")

ARTICLES = "/v1/articles"
counter = itertools.count(1)


def write(by, **changes):
    return by.post(ARTICLES, {
        "title": f"Posting grades ({next(counter)})",
        "text": "Open the posting window.", **changes})


def change(by, article, etag="*", **changes):
    return by.patch(article.location, changes, etag=etag)


def readers(article, *callers):
    """Who of them reads it, in the list and by itself."""
    by_list = [c.kind for c in callers if article["id"] in [
        a["id"] for a in c.all(ARTICLES, limit=100)]]
    by_itself = [c.kind for c in callers
                 if c.get(article.location).status == 200]
    assert by_list == by_itself
    return by_list


@pytest.mark.parametrize("audience, status, kinds", [
    ("public", "published", ["public", "telephony", "contact", "partner",
                             "staff"]),
    ("contacts", "published", ["contact", "partner", "staff"]),
    ("public", "draft", ["staff"]), ("contacts", "draft", ["staff"]),
    ("public", "archived", ["staff"])])
def test_an_article_is_read_by_whom_it_is_for(
        public, telephony, contact, partner, staff, advisor, audience, status,
        kinds):
    article = write(advisor, audience=audience, status="draft").expect(201)
    for step in {"draft": [], "published": ["published"],
                 "archived": ["published", "archived"]}[status]:
        change(advisor, article, status=step).expect(200)
    assert readers(article, public, telephony, contact, partner, staff
                   ) == kinds


def test_an_article_is_a_draft_for_contacts_unless_it_says_otherwise(
        advisor):
    article = write(advisor).expect(201)
    assert (article["status"], article["audience"]) == ("draft", "contacts")
    assert article["published_at"] is None
    assert article["created_by"]["id"] == advisor.id
    assert advisor.get(article.location).expect(200).json == article.json


def test_an_article_says_when_it_was_first_published(advisor, clock):
    at = "2026-11-23T16:00:00Z"
    clock.at(at)
    article = write(advisor, status="published").expect(201)
    assert article["published_at"] == at
    clock.at("2026-11-24T16:00:00Z")
    for status in ("archived", "published"):
        assert change(advisor, article, status=status).expect(200)[
            "published_at"] == at


def test_what_was_published_is_no_draft_again(advisor):
    draft = write(advisor).expect(201)
    assert change(advisor, draft, status="archived").expect(
        409, problem="illegal-transition")["allowed_transitions"] == [
        "published"]
    for status, others in (("published", ["archived"]),
                           ("archived", ["published"])):
        change(advisor, draft, status=status).expect(200)
        assert change(advisor, draft, status="draft").expect(
            409, problem="illegal-transition")["allowed_transitions"] == others


def test_what_an_article_names_exists(advisor, defect):
    refused = write(advisor, product_area="nowhere").expect(422)
    assert refused.faults == ["/product_area"]
    refused = write(advisor, defect_ids=[defect.id, 9007199254740991]
                    ).expect(422)
    assert refused.faults == ["/defect_ids/1"]
    article = write(advisor, product_area="grade_book",
                    defect_ids=[defect.id], versions=["2611"]).expect(201)
    assert article["defect_ids"] == [defect.id]
    assert change(advisor, article, product_area="nowhere").expect(
        422).faults == ["/product_area"]


def test_articles_are_listed_by_what_they_are_about(advisor, world):
    defect = Defect(world.staff(*["advisor"]))
    version = f"26.{defect.id}"
    one = write(advisor, defect_ids=[defect.id], versions=["2611", version],
                product_area="attendance").expect(201)
    two = write(advisor, versions=[version], status="published"
                ).expect(201)

    def listed(**query):
        return advisor.get(ARTICLES, query=query).expect(200).ids
    assert listed(version=version) == [two["id"], one["id"]]
    assert listed(defect_id=defect.id) == [one["id"]]
    assert listed(version=version, status="draft") == [one["id"]]
    assert listed(version=version, product_area="attendance") == [one["id"]]
    assert listed(version=version, audience="public") == []
    page = advisor.get(ARTICLES, query={"version": version, "limit": 1}
                       ).expect(200)
    assert page.ids == [two["id"]] and page["has_more"]


def test_changes_of_an_article_are_told_with_old_and_new(advisor, sql):
    article = write(advisor, title="Old").expect(201)
    changed = change(advisor, article, article.etag, title="New",
                     status="published").expect(200)
    change(advisor, article, article.etag, title="Newer").expect(412)
    change(advisor, article, changed.etag, title="New").expect(200)
    events = sql.rows("select type, actor_id, changes from casework.desk_events"
                      " where resource = %s and type ~ '^article[.]'"
                      " order by feed_id", str(article["id"]))
    assert [(e["type"], e["actor_id"]) for e in events] == [
        ("article.created", advisor.id), ("article.updated", advisor.id)]
    assert {"member": "title", "old": None, "new": "Old"
            } in events[0]["changes"]
    assert {c["member"]: (c["old"], c["new"]) for c in events[1]["changes"]
            } == {"title": ("Old", "New"), "status": ("draft", "published"),
                  "published_at": (None, changed["published_at"])}


def test_an_article_that_does_not_exist_is_404(advisor, public):
    for caller in (advisor, public):
        caller.get(f"{ARTICLES}/9007199254740991").expect(404)
    advisor.patch(f"{ARTICLES}/9007199254740991", {"title": "x"}, etag="*"
                  ).expect(404)


def test_no_role_of_others_writes_articles(sql):
    assert sql.rows("""
        select grantee from information_schema.column_privileges
        where table_schema = 'casework' and table_name = 'articles'
          and privilege_type <> 'SELECT'
          and grantee not in ('casework_staff', 'casework_owner')""") == []
