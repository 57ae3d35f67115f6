"""Scopes: what a token lacks is named (RFC 6750)."""

import pytest


@pytest.mark.parametrize("scope", [None, "", "cases", "cases:write",
                                   "cases:readx", "xcases:read", "CASES:READ",
                                   "cases:read,cases:write", "*"])
def test_a_missing_scope_is_403_and_named(anybody, tokens, district, scope):
    person = district.contact()
    token = tokens.mint(f"contact:{person.id}", scope=scope)
    answer = anybody(token).get("/v1/cases")
    answer.expect(403, problem="insufficient-scope")
    challenge = answer.headers["www-authenticate"]
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="cases:read"' in challenge


@pytest.mark.parametrize("scope", ["cases:read", "other cases:read more",
                                   "cases:write cases:read"])
def test_the_scope_may_stand_anywhere(anybody, tokens, district, scope):
    person = district.contact()
    anybody(tokens.mint(f"contact:{person.id}", scope=scope)
            ).get("/v1/cases").expect(200)
