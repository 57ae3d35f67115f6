"""data/vectors.json: worked examples, computed by two other programs."""

import datetime
import json
import pathlib

import pytest

PATH = pathlib.Path(__file__).resolve().parent / "data" / "vectors.json"
VECTORS = json.loads(PATH.read_text(encoding="utf-8"))

each_target = pytest.mark.parametrize(
    "vector", VECTORS["response_targets"], ids=lambda v: v["id"])
each_answer = pytest.mark.parametrize(
    "vector", VECTORS["met_or_breached"], ids=lambda v: v["id"])
each_change = pytest.mark.parametrize(
    "vector", VECTORS["priority_changes"], ids=lambda v: v["id"])
each_reopening = pytest.mark.parametrize(
    "vector", VECTORS["reopen_60_days"], ids=lambda v: v["id"])
each_moment = pytest.mark.parametrize(
    "vector", VECTORS["open_now"], ids=lambda v: v["id"])

SECONDS = VECTORS["response_targets_business_seconds"]
HOLIDAYS = VECTORS["holidays"]


def instant(text):
    """An RFC 3339 time, comparable whatever its offset."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def seconds_between(one, other):
    return (instant(other) - instant(one)).total_seconds()
