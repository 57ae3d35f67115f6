"""Requests that are sent again under an Idempotency-Key."""

import uuid

from world import a_case

KEY = "Idempotency-Key"


def new_key():
    return f'"{uuid.uuid4()}"'


def submit_with(contact):
    """What sends the same request each time, but for what is given."""
    def submit(key, by=contact, **changes):
        return by.post("/v1/cases", a_case(**{"subject": "Once", **changes}),
                       headers={KEY: key})
    return submit


def same_answer(one, other):
    return (one.status, one.body, one.etag, one.location) == (
        other.status, other.body, other.etag, other.location)
