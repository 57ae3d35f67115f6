"""Lists in a query: one parameter again and again, as the document's style
says and most clients do by default (some call it name[]); commas between values;
or both. A comma within a value is encoded."""

from urllib.parse import quote, urlencode

import pytest

from examples import query_of
from generate import good_value
from world import a_case

CASES = "/v1/cases"
PLATFORMS = ("Windows 11, 64 bit", "Edge", "iPad, 9th gen,")


def lists_of(op):
    return [p for p in op.parameters_in("query")
            if p["schema"].get("type") == "array"]


def some_values(schema):
    """As many as there may be, of what there is."""
    kind = schema["items"]
    if "enum" in kind:
        return kind["enum"][:schema["maxItems"]]
    if kind["type"] == "integer":
        return [kind["minimum"] + i for i in range(3)]
    return [good_value(kind)]


def spelled(name, values):
    """The same list in every way that clients write it."""
    words = [quote(str(value), safe="") for value in values]
    pairs = [f"{name}={word}" for word in words]
    yield "&".join(pairs)
    yield f"{name}={','.join(words)}"
    yield "&".join([f"{name}={','.join(words[:2])}", *pairs[2:]])
    yield "&&".join(reversed(pairs))
    yield "&".join(f"{name}[]={word}" for word in words)
    yield "&".join([f"{name}%5B%5D={words[0]}", *pairs[1:]])


@pytest.fixture
def get(stage):
    """A good request of the operation, with that query besides."""
    def get(op, query):
        required = urlencode(query_of(op))
        return stage.someone(op).get(
            f"{stage.path(op)}?{required}&{query}".replace("?&", "?"))
    return get


@pytest.mark.parametrize("query", [
    "limit[]=1", "q[]=x", "[]=new", "status[0]=new", "status[a]=new",
    "status[][]=new", "statusx[]=new"])
def test_only_lists_are_called_so(contact, query):
    answer = contact.get(f"{CASES}?{query}").expect(
        400, problem="invalid-parameter")
    assert [fault["code"] for fault in answer["errors"]] == ["unknown"]


# -- every list of the document --------------------------------------------

@pytest.mark.operations(where=lists_of)
def test_every_way_of_writing_a_list_is_taken(op, get):
    for parameter in lists_of(op):
        assert (parameter["style"], parameter["explode"]) == ("form", True)
        values = some_values(parameter["schema"])
        for query in spelled(parameter["name"], values):
            get(op, query).expect(200)


@pytest.mark.operations(where=lists_of)
def test_a_list_is_bounded_however_it_is_written(op, get):
    for parameter in lists_of(op):
        name, schema = parameter["name"], parameter["schema"]
        value = quote(str(some_values(schema)[0]), safe="")
        more = schema["maxItems"] + 1
        if (len(name) + len(value) + 2) * more > 7900:
            more = 0        # the target ends before
        for query in ("&".join([f"{name}={value}"] * more),
                      f"{name}=" + ",".join([value] * more),
                      f"{name}={value}&{name}=" + ",".join(
                          [value] * (more - 1))) if more else ():
            answer = get(op, query).expect(400, problem="invalid-parameter")
            assert set(answer.faults) == {name}
            assert answer["errors"][0]["code"] in ("maxItems", "uniqueItems")


@pytest.mark.operations(where=lists_of)
def test_an_empty_item_is_refused_however_it_is_written(op, get):
    for parameter in lists_of(op):
        name = parameter["name"]
        value = quote(str(some_values(parameter["schema"])[0]), safe="")
        for query in (f"{name}=", name, f"{name}={value}&{name}=",
                      f"{name}={value},", f"{name}&{name}={value}",
                      f"{name}={value}&{name}=,"):
            answer = get(op, query).expect(400, problem="invalid-parameter")
            assert set(answer.faults) == {name}


# -- what comes ------------------------------------------------------------

@pytest.fixture
def ids(contact):
    """Platform → case."""
    return {platform: contact.submit(platform=platform).id
            for platform in PLATFORMS}


def found(contact, query):
    return set(contact.get(f"{CASES}?{query}").expect(200).ids)


def test_each_way_finds_the_same(contact, ids):
    wanted = {ids[PLATFORMS[0]], ids[PLATFORMS[2]]}
    for query in spelled("platform", (PLATFORMS[0], PLATFORMS[2])):
        assert found(contact, query) == wanted
    for query in spelled("platform_not", (PLATFORMS[0], PLATFORMS[2])):
        assert found(contact, query) == {ids["Edge"]}
    for query in spelled("id", ids.values()):
        assert found(contact, query) == set(ids.values())


def test_a_comma_that_is_encoded_is_part_of_a_text(contact, ids):
    assert found(contact, "platform=Windows 11%2C 64 bit".replace(
        " ", "+")) == {ids[PLATFORMS[0]]}
    assert found(contact, "platform=Windows+11,+64+bit") == set()
    assert found(contact, "platform=iPad%2C%209th%20gen%2c,Edge") == {
        ids[PLATFORMS[2]], ids["Edge"]}
    assert found(contact, "platform=%2C") == set()


def test_between_words_of_a_fixed_list_a_comma_may_be_encoded(contact, ids,
                                                              advisor):
    taken = contact.submit()
    taken.assign(advisor, advisor).expect(200)
    one, other, _ = ids.values()
    for comma in (",", "%2C", "%2c"):
        assert found(contact, f"status=new{comma}closed") == set(ids.values())
        assert found(contact, f"status=closed&status=new{comma}assigned") == {
            taken.id, *ids.values()}
        assert found(contact, f"id={one}{comma}{other}") == {one, other}
        assert found(contact, f"status_not=assigned{comma}closed") == set(
            ids.values())


def test_the_next_page_is_of_the_same_list(contact, ids):
    wanted = {ids[PLATFORMS[0]], ids[PLATFORMS[2]]}
    for query in spelled("platform", (PLATFORMS[0], PLATFORMS[2])):
        first = contact.get(f"{CASES}?limit=1&{query}").expect(200)
        link = first.link("next")
        second = contact.get(link[link.index("/v1/"):]).expect(200)
        assert {*first.ids, *second.ids} == wanted
        assert second.link("next") is None


def test_a_cursor_fits_the_list_however_it_is_written(contact, ids):
    one, other = list(spelled("platform", PLATFORMS[:2]))[:2]
    first = contact.get(f"{CASES}?limit=1&{one}").expect(200)
    contact.get(f"{CASES}?limit=1&{other}&cursor={first['next']}").expect(200)
    contact.get(f"{CASES}?platform=Edge&cursor={first['next']}").expect(
        400, problem="invalid-cursor")


def test_what_is_no_value_is_named_with_its_place(contact):
    for query in ("status=new&status=open", "status=new,open",
                  "status=new%2Copen"):
        answer = contact.get(f"{CASES}?{query}").expect(400)
        assert answer.faults == ["status"]
        assert answer["errors"][0]["detail"].startswith("Item 2: ")


def test_a_query_is_bounded_and_says_what_helps(contact):
    names = ("id", "site_id", "contact_id")
    pairs = [f"{name}={i}" for i in range(1, 67) for name in names]
    pairs += ["status=new", "limit=1"]              # 2 * 199 + 1 pieces
    contact.get(f"{CASES}?{'&'.join(pairs)}").expect(200)
    for more, name in ((["assigned=true", "test=true"], "test"),
                       (["status=closed", "test=true"], "status")):
        answer = contact.get(f"{CASES}?{'&'.join(pairs + more)}").expect(400)
        assert answer.faults == [name]
        assert answer["errors"][0]["code"] == "too-many"
        assert "with commas" in answer["errors"][0]["detail"]
    words = [f"{name}=" + ",".join(map(str, range(1, 101))) for name in names]
    contact.get(f"{CASES}?{'&'.join(words)}&limit=5").expect(200)


def test_a_list_of_a_search_comes_in_each_way(contact):
    case = contact.submit(**a_case(subject="Gradebook freezes"))
    for query in spelled("status", ("closed", "new", "assigned")):
        page = contact.get(f"/v1/cases/search?q=gradebook&{query}").expect(200)
        assert case.id in [item["id"] for item in page.items]
