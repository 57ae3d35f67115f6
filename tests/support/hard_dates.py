"""Moments at which what depends on time could go wrong: nights, weekends,
holidays, both changes of the clock and the year's end."""

import datetime

import pytest

from vectors import instant

SPANS = {
    "Friday evening to Monday": ("2026-11-20T18:30:00-06:00",
                                 "2026-11-23T06:00:00-06:00"),
    "Saturday night": ("2026-11-20T18:30:00-06:00",
                       "2026-11-21T23:30:00-06:00"),
    "Thanksgiving": ("2026-11-25T18:00:00-06:00",
                     "2026-11-26T12:00:00-06:00"),
    "year's end": ("2026-12-31T12:00:00-06:00", "2027-01-01T00:00:00-06:00"),
    "year's end in UTC": ("2026-12-31T12:00:00-06:00",
                          "2026-12-31T18:00:00-06:00"),
    # Ends with the hour that is left out, and with the one that comes twice.
    "spring": ("2027-03-13T18:00:00-06:00", "2027-03-14T03:00:00-05:00"),
    "autumn": ("2026-11-01T01:00:00-05:00", "2026-11-01T01:00:00-06:00"),
}
DAYS = {
    "Sunday": ("2026-11-22T00:00:00-06:00", "2026-11-23T00:00:00-06:00"),
    "Thanksgiving": ("2026-11-26T00:00:00-06:00",
                     "2026-11-27T00:00:00-06:00"),
    "New Year's Eve": ("2026-12-31T00:00:00-06:00",
                       "2027-01-01T00:00:00-06:00"),
    "New Year's Day": ("2027-01-01T00:00:00-06:00",
                       "2027-01-02T00:00:00-06:00"),
    "23 hours": ("2027-03-14T00:00:00-06:00", "2027-03-15T00:00:00-05:00"),
    "25 hours": ("2026-11-01T00:00:00-05:00", "2026-11-02T00:00:00-06:00"),
}


def each(spans):
    return pytest.mark.parametrize("begins, ends", spans.values(),
                                   ids=spans.keys())


each_span = each(SPANS)
each_day = each(DAYS)
each_start = pytest.mark.parametrize(
    "start", list(dict.fromkeys(begins for begins, _ in SPANS.values())))
each_end = pytest.mark.parametrize("moment", [ends for _, ends
                                              in SPANS.values()], ids=SPANS)


def later(moment, **duration):
    """By so much time that passes, whatever clocks show."""
    return (instant(moment) + datetime.timedelta(**duration)).isoformat()


def just_before(moment):
    return later(moment, microseconds=-1)
