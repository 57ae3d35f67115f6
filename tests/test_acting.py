"""On behalf of: who may act in whose name (fact 36)."""

import pytest

KINDS = ("contact", "partner", "staff", "telephony")

# who acts → in whose name; everything else is refused
MAY = {("contact", "contact"), ("partner", "contact"), ("staff", "contact"),
       ("staff", "partner"), ("staff", "staff"), ("staff", "telephony")}


def a_caller(kind, world, district):
    """An active caller of that kind, nobody else's, for that district."""
    if kind == "contact":
        return district.contact()
    if kind == "partner":
        return world.partner(district)
    if kind == "staff":
        return world.staff()
    return world.caller("telephony:%d" % world.sql.value(
        "insert into casework.telephony_clients (name, owner)"
        " values ('Another switch', 'Phone team') returning id"))


def me(subject, actor):
    return subject.acting_for(f"{actor.kind}:{actor.id}").get("/v1/me")


@pytest.mark.fact(36)
@pytest.mark.parametrize("actor", KINDS)
@pytest.mark.parametrize("subject", KINDS)
def test_who_may_act_for_whom(world, district, subject, actor):
    for_whom = a_caller(subject, world, district)
    who = a_caller(actor, world, district)
    if (actor, subject) in MAY:
        answer = me(for_whom, who).expect(200)
        assert answer["actor"] == f"{actor}:{who.id}"
    else:
        me(for_whom, who).expect(403, problem="caller-not-active")


@pytest.mark.fact(36)
@pytest.mark.parametrize("actor", ["contact", "partner"])
def test_who_acts_for_a_contact_is_of_its_district(world, district, stranger,
                                                   actor):
    me(district.contact(), a_caller(actor, world, stranger.district)).expect(
        403, problem="caller-not-active")


@pytest.mark.fact(36)
@pytest.mark.parametrize("kind", KINDS)
def test_nobody_acts_for_itself(world, district, kind):
    who = a_caller(kind, world, district)
    me(who, who).expect(403, problem="caller-not-active")


TABLES = {"staff": "staff", "partner": "partners", "contact": "contacts",
          "telephony": "telephony_clients"}


@pytest.mark.fact(36)
@pytest.mark.parametrize("actor, subject", sorted(MAY))
def test_who_is_no_longer_active_acts_for_nobody(world, sql, district,
                                                 subject, actor):
    for_whom = a_caller(subject, world, district)
    who = a_caller(actor, world, district)
    column = "authorized" if actor == "contact" else "active"
    sql.run(f"update casework.{TABLES[actor]} set {column} = false"
            " where id = %s", who.id)
    me(for_whom, who).expect(403, problem="caller-not-active")
