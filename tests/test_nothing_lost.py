"""Nothing is lost, nothing is done twice: a day of 500 cases while server,
PostgreSQL and worker are killed. support/fixtures_service.py runs the day
once; what mail came of it is looked at in test_nothing_lost_mail.py."""

import collections

import pytest

pytestmark = pytest.mark.direct


@pytest.fixture(scope="module")
def cases(day):
    """Every case of the day: id → (case, notes, history)."""
    staff = day.world.registrar
    found = {}
    for contact in day.contacts:
        for row in staff.all("/v1/cases", limit=100,
                             district_id=contact.district.id):
            path = f"/v1/cases/{row['id']}"
            found[row["id"]] = (staff.get(path).expect(200).json,
                                staff.all(path + "/notes", limit=100),
                                staff.all(path + "/history", limit=100))
    return found


def events(history, kind):
    return [event for event in history if event["type"] == "case." + kind]


def statuses(history):
    return [(change["old"], change["new"]) for event in history
            for change in event["changes"] if change["member"] == "status"]


def test_the_day_had_its_accidents(day):
    assert len(day.acknowledged["submitted"]) == day.count
    assert day.uncertain > 0, "nothing was interrupted"
    for name in ("server_process", "server", "backend", "postgres"):
        assert day.killed[name] >= 1, name


def test_no_request_was_answered_twice(day):
    assert [r for r, n in day.request_ids.items() if n > 1] == []


@pytest.mark.fact(78)
def test_every_acknowledged_case_is_there(day, cases):
    for number, acknowledged in day.acknowledged["submitted"]:
        assert cases[number][0]["subject"] == acknowledged["subject"]


def test_every_case_was_submitted_once(day, cases):
    """Though requests were sent again, not knowing what became of them."""
    assert sorted(case["subject"] for case, _, _ in cases.values()) == sorted(
        day.subjects)


@pytest.mark.fact(47, 78)
def test_every_acknowledged_note_is_there_once(day, cases):
    for number, acknowledged in day.acknowledged["note_added"]:
        assert acknowledged in cases[number][1]
    texts = collections.Counter(
        note["text"] for _, notes, _ in cases.values() for note in notes)
    assert texts == {text: 1 for text in day.texts}


@pytest.mark.fact(78)
@pytest.mark.parametrize("kind, status", [
    ("assigned", "assigned"), ("resolved", "pending_verification"),
    ("closed", "closed"), ("reopened", "assigned")])
def test_every_acknowledged_action_is_in_the_history(
        day, cases, kind, status):
    wanted = collections.Counter(
        number for number, _ in day.acknowledged[kind])
    assert wanted
    for number, times in wanted.items():
        assert len(events(cases[number][2], kind)) == times, number
    for _, answer in day.acknowledged[kind]:
        assert answer["status"] == status


@pytest.mark.fact(79)
def test_every_change_has_its_event_exactly_once(cases):
    for number, (case, notes, history) in cases.items():
        kinds = collections.Counter(note["kind"] for note in notes)
        ids = [event["note_id"] for event in events(history, "note_added")]
        assert sorted(ids) == sorted(
            note["id"] for note in notes if note["kind"] == "note"), number
        assert len(events(history, "submitted")) == 1, number
        assert len(events(history, "resolved")) == kinds["resolution"]
        assert len(events(history, "reopened")) == kinds["reopening"]
        assert len(events(history, "closed")) == sum(
            new == "closed" for _, new in statuses(history)), number
        chain = statuses(history)
        assert [old for old, _ in chain[1:]] == [
            new for _, new in chain[:-1]], number
        assert (chain or [("", "new")])[-1][1] == case["status"], number


@pytest.mark.rule("2.3")
def test_a_missed_target_is_told_once_in_a_cycle(day, cases):
    assert len(day.overdue) >= day.count / 10
    for number, (_, _, history) in cases.items():
        cycles = [0]
        for event in history:
            if event["type"] == "case.reopened":
                cycles.append(0)
            cycles[-1] += event["type"] == "case.response_target.breached"
        assert cycles == [number in day.overdue] + [0] * (len(cycles) - 1), (
            number)
