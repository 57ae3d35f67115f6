"""What is found by what: the inputs of data/searches.json, through the search
and every filter that looks into a text.

There, `same` are texts that mean the same, either way round; `within` says of a
kept text what finds it: the search by words, the filters by parts, both or
neither; by `nothing` no search can find anything."""

import json
import unicodedata

import pytest

from instance import ROOT
from world import Defect, a_case

SEARCH, CASES = "/v1/cases/search", "/v1/cases"
DATA = json.loads((ROOT / "tests/data/searches.json").read_text("utf-8"))
SAME = [pair for one, other in DATA["same"]
        for pair in ((one, other), (other, one))]
KEPT = list(dict.fromkeys([kept for kept, _ in SAME]
                          + [row["kept"] for row in DATA["within"]]))
LOOKING = ("contains", "starts_with", "ends_with")


def rows(*finders):
    """(kept, asked, whether one of these finds it)"""
    for kept, asked in SAME:
        yield kept, asked, True
    for row in DATA["within"]:
        for finder in ("both", "words", "text", "neither"):
            for asked in row.get(finder, []):
                yield row["kept"], asked, finder in finders


def unlike(found, finders):
    """The inputs that find what they should not, or do not what they should;
    found(kept, asked) says whether there is something."""
    return [(kept, asked) for kept, asked, wanted in rows(*finders)
            if found(kept, asked) is not wanted]


# -- the search -------------------------------------------------------------

@pytest.mark.parametrize("member", ["subject", "description",
                                    "replication_steps"])
def test_a_search_finds_words_however_they_are_written(world, member):
    contact = world.district().contact()
    plain = {"subject": "x", "description": "x", "replication_steps": "x"}
    cases = {kept: contact.submit(**{**plain, member: kept}).id
             for kept in KEPT}

    def found(kept, asked):
        if asked in DATA["nothing"]:
            return False
        answer = contact.get(SEARCH, query={"q": asked, "limit": 100})
        return cases[kept] in answer.expect(200).ids
    assert unlike(found, ("both", "words")) == []


@pytest.mark.parametrize("q", DATA["nothing"])
def test_a_search_for_no_word_is_told_so(contact, q):
    answer = contact.get(SEARCH, query={"q": q}).expect(
        400, problem="invalid-parameter")
    assert answer.faults == ["q"] and "word" in answer["detail"]


@pytest.mark.parametrize("letter", ["\ufdfa", "\u3316", "\u33ac", "\ufb03"])
def test_letters_that_are_many_cost_what_others_cost(sql, contact, letter):
    """One becomes up to eighteen when it is folded; a few are found by all."""
    count = "select length(rules.words(repeat(%s, 20000))) as n"
    assert sql.value(count, letter) < 1.5 * sql.value(count, "\u4e2d")
    case = contact.submit(subject=letter * 20)
    whole = unicodedata.normalize("NFKC", letter * 20)
    assert contact.get(SEARCH, query={"q": whole}).expect(
        200).ids == [case.id]


# -- the filters ------------------------------------------------------------

class Cases:
    """A case of each kept text, in everything that a filter looks into."""
    members = ("subject", "description", "replication_steps", "impact",
               "workaround", "product_version", "platform")

    def __init__(self, world):
        self.by = world.district().contact()
        self.ids = {kept: self.by.submit(
            **{member: kept for member in self.members}).id for kept in KEPT}
        for kept, number in self.ids.items():
            world.sql.run("update casework.cases set fixed_in_release = %s"
                          " where id = %s", kept, number)

    def found(self, kept, name, asked):
        return self.by.get(CASES, query={
            name: asked, "id": self.ids[kept]}).expect(200).ids


class Defects:
    def __init__(self, world):
        self.by = world.caller("staff:1")
        self.ids = {kept: Defect(self.by, title=kept).id for kept in KEPT}

    def found(self, kept, name, asked):
        mine = self.ids[kept]
        return [d for d in self.by.get("/v1/defects", query={
            name: asked, "limit": 100}).expect(200).ids if d == mine]


class Districts:
    def __init__(self, world):
        self.ids, self.by = {}, {}
        for kept in KEPT:
            district = world.district()
            world.sql.run("update casework.districts set name = %s"
                          " where id = %s", kept, district.id)
            self.ids[kept] = district.id
            self.by[kept] = world.partner(district)

    def found(self, kept, name, asked):
        return self.by[kept].get("/v1/districts", query={name: asked}
                                 ).expect(200).ids


class Contacts:
    def __init__(self, world):
        self.by = world.caller("staff:1")
        contacts = {kept: world.district().contact(name=kept)
                    for kept in KEPT}
        self.ids = {kept: one.id for kept, one in contacts.items()}
        self.districts = {kept: one.district.id
                          for kept, one in contacts.items()}

    def found(self, kept, name, asked):
        return self.by.post("/v1/contacts/search", {
            name: asked, "district_id": self.districts[kept]}
        ).expect(200).ids


class Replies:
    """A prepared answer of each, in its name and in its text."""

    def __init__(self, world):
        self.by = world.staff("lead")
        self.ids = {kept: self.by.post("/v1/replies", {
            "name": kept, "text": kept}).expect(201)["id"] for kept in KEPT}

    def found(self, kept, name, asked):
        return [r for r in self.by.get("/v1/replies", query={
            name: asked, "limit": 100}).expect(200).ids
            if r == self.ids[kept]]


PLACES = {"list_cases": Cases, "list_defects": Defects,
          "list_districts": Districts, "list_replies": Replies,
          "search_contacts": Contacts}


def filters(contract):
    """(operation, its parameter or member that looks into a text)"""
    for op in contract.operations:
        names = [p["name"] for p in op.parameters_in("query")]
        for media in op.bodies.values():
            names += media.get("schema", {}).get("properties", {})
        for name in names:
            if name.endswith(LOOKING):
                yield op.id, name


@pytest.mark.parametrize("operation", PLACES)
def test_every_filter_finds_texts_however_they_are_written(
        world, contract, operation):
    place = PLACES[operation](world)
    names = [name for op, name in filters(contract) if op == operation]
    failed = []
    for name in names:
        if name.endswith("_contains"):
            hits = name.endswith("_not_contains")

            def found(kept, asked):
                return bool(place.found(kept, name, asked)) is not hits
            failed += [(name, *pair) for pair in unlike(
                found, ("both", "text"))]
        else:
            failed += [(name, *pair) for pair in SAME
                       if not place.found(pair[0], name, pair[1])]
            failed += [(name, pair[0], "zz") for pair in SAME[:3]
                       if place.found(pair[0], name, "zz")]
    assert names and failed == []


def test_no_filter_that_looks_into_a_text_is_left_out(contract):
    found = set(filters(contract))
    # count_cases has the very filters of list_cases (test_case_list.py).
    assert {op for op, _ in found} - {"count_cases"} == set(PLACES)
    assert {name.removesuffix("_contains") for op, name in found
            if op == "list_cases" and name.endswith("_contains")
            and "_not_" not in name} == {*Cases.members, "fixed_in_release"}


COMPOSED, PARTED = "Zo\u00eb 7 \u00c5", "Zoe\u0308 7 A\u030a"


@pytest.mark.parametrize("kept, asked", [(COMPOSED, PARTED),
                                         (PARTED, COMPOSED)])
def test_an_exact_text_is_the_same_however_it_is_composed(
        contact, kept, asked):
    case = contact.submit(subject=kept, platform=kept, product_version=kept)
    other = contact.submit(subject="Zoe 7 A", platform="Zoe 7 A")
    for name in ("subject", "platform", "product_version"):
        assert contact.get(CASES, query={name: asked}).expect(200).ids == [
            case.id], name
        assert contact.get(CASES, query={name + "_not": asked}
                           ).expect(200).ids == [other.id], name


# -- what is offered before a submission ------------------------------------

@pytest.mark.parametrize("title, subject, offered", [
    ("Zeugnisse für Straße", "STRASSE", True),
    ("Maintenance of grade.book", "my book", True),
    ("The grade and the book", "of the and", False),
    ("登录问题", "无法登录", True),
    ("A&B=1", "http://x.example/?A&b", True)])
def test_an_announcement_is_offered_by_its_words(
        contact, title, subject, offered, lead):
    made = lead.post("/v1/announcements", {
        "title": title, "text": "x"}).expect(201)
    answer = contact.post(CASES + "/validation",
                          a_case(subject=subject)).expect(200)
    assert (made["id"] in [m["id"] for m in answer["matches"]
                           if m["kind"] == "announcement"]) is offered
