"""What the support desk says of itself in public."""

import pytest


@pytest.mark.fact(16, 18)
def test_the_profile_is_public_and_dated(public, contact):
    profile = public.get("/v1/support/profile").expect(200)
    assert profile["headquarters"] == "Blaine, Minnesota"
    assert profile["time_zone"] == "America/Chicago"
    facts = {(f["code"], f["year"]): f["statement"] for f in profile["facts"]}
    assert "over six years" in facts["average_tenure", None]
    assert {year for code, year in facts if code == "award_culture"} == {
        2019, 2024}
    assert contact.get("/v1/support/profile").expect(200).json == profile.json
