"""data/vectors.json: worked examples, computed by two other programs."""

import datetime
import json
import pathlib

import pytest

PATH = pathlib.Path(__file__).resolve().parents[1] / "data" / "vectors.json"
VECTORS = json.loads(PATH.read_text(encoding="utf-8"))


def each(section):
    """Runs a test once for each example; a passed run proves that one."""
    return pytest.mark.parametrize("vector", [
        pytest.param(vector, id=vector["id"],
                     marks=pytest.mark.vector(vector["id"]))
        for vector in VECTORS[section]])


each_target = each("response_targets")
each_answer = each("met_or_breached")
each_change = each("priority_changes")
each_reopening = each("reopen_60_days")
each_moment = each("open_now")

SECONDS = VECTORS["response_targets_business_seconds"]
HOLIDAYS = VECTORS["holidays"]


def instant(text):
    """An RFC 3339 time, comparable whatever its offset."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def seconds_between(one, other):
    return (instant(other) - instant(one)).total_seconds()
