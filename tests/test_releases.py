"""Releases, platforms and eligibility for support: facts 1, 3 and 4."""

import uuid

import pytest

RELEASES = "/v1/releases"


@pytest.fixture
def publish(engineer):
    """Publishes a release of the test's own; returns its name."""
    def publish(support_status="current", released_on="2026-09-01"):
        name = str(uuid.uuid4().int)[:12]
        engineer.post(RELEASES, {
            "release": name, "released_on": released_on,
            "support_status": support_status}).expect(201)
        return name
    return publish


def codes(answer):
    return {r["code"] for r in answer["support_eligibility"]["reasons"]}


# -- releases --------------------------------------------------------------

@pytest.mark.fact(1)
def test_everybody_reads_what_is_supported(public, contact, publish):
    name = publish("prior")
    for someone in (public, contact):
        items = someone.get(RELEASES).expect(200)["items"]
        assert {"release": name, "released_on": "2026-09-01",
                "support_status": "prior"} in items
        assert someone.get(f"{RELEASES}/{name}").expect(200)[
            "support_status"] == "prior"
    dates = [r["released_on"] for r in items]
    assert dates == sorted(dates, reverse=True)


@pytest.mark.fact(1)
def test_releases_are_found_by_their_support_status(public, publish):
    current, gone = publish("current"), publish("unsupported")
    found = [r["release"] for r in public.get(RELEASES, query={
        "support_status": "unsupported"}).expect(200)["items"]]
    assert gone in found and current not in found


def test_staff_publish_and_change_a_release(engineer, publish):
    path = f"{RELEASES}/{publish()}"
    first = engineer.get(path).expect(200)
    answer = engineer.patch(path, {"support_status": "prior"}, etag=first.etag)
    assert answer.expect(200)["support_status"] == "prior"
    assert answer.etag != first.etag
    engineer.patch(path, {"support_status": "current"}, etag=first.etag).expect(
        412)
    again = engineer.patch(path, {"support_status": "prior"}, etag=answer.etag)
    assert again.expect(200).etag == answer.etag
    engineer.get(path, headers={"If-None-Match": answer.etag}).expect(304)
    assert engineer.get(path)["support_status"] == "prior"


@pytest.mark.fact(79)
def test_changes_of_releases_name_their_actor(engineer, publish, sql):
    name = publish()
    engineer.patch(f"{RELEASES}/{name}", {"support_status": "prior"}, etag="*"
                ).expect(200)
    events = sql.rows("select type, actor_kind, actor_id, changes from"
                      " casework.desk_events where resource = %s order by id",
                      name)
    assert [e["type"] for e in events] == ["release.published",
                                           "release.updated"]
    assert {(e["actor_kind"], e["actor_id"]) for e in events} == {
        ("staff", engineer.id)}
    assert events[1]["changes"] == [{
        "member": "support_status", "old": "current", "new": "prior"}]


def test_a_release_has_one_name_for_ever(engineer, publish):
    name = publish()
    answer = engineer.post(RELEASES, {
        "release": name, "released_on": "2026-01-01",
        "support_status": "prior"}).expect(409, problem="already-exists")
    assert answer.faults == ["/release"]
    assert engineer.get(f"{RELEASES}/{name}")["support_status"] == "current"


def test_an_unknown_release_is_404(engineer, public):
    public.get(RELEASES + "/none-such").expect(404)
    engineer.patch(RELEASES + "/none-such", {"support_status": "prior"},
                etag="*").expect(404)


@pytest.mark.parametrize("kind", ["contact", "partner", "telephony"])
def test_only_staff_write_releases(request, kind, publish):
    someone = request.getfixturevalue(kind)
    someone.post(RELEASES, {}).expect(403, problem="caller-not-allowed")
    someone.patch(f"{RELEASES}/{publish()}", {"support_status": "prior"},
                  etag="*").expect(403, problem="caller-not-allowed")


# -- eligibility -----------------------------------------------------------

@pytest.mark.fact(1)
@pytest.mark.parametrize("status, eligible", [
    ("current", True), ("prior", True), ("unsupported", False)])
def test_current_and_prior_versions_are_supported(
        contact, publish, status, eligible):
    case = contact.submit(product_version=publish(status),
                          platform="Windows Server 2022")
    answer = case.read()
    assert answer["support_eligibility"]["eligible"] is eligible
    assert codes(answer) == (
        set() if eligible else {"product_version_unsupported"})


BELOW, UNSTATED, UNKNOWN = ("platform_below_minimum",
                            "platform_version_not_stated", "platform_unknown")


@pytest.mark.fact(1)
@pytest.mark.parametrize("platform, reason", [
    ("Windows Server 2019", None), ("windows server 2022", None),
    ("macOS 12", None), ("macOS 12.0.1", None), ("ChromeOS v120", None),
    ("Windows Server 2016", BELOW), ("macOS 11.7.10", BELOW),
    ("ChromeOS 9", BELOW), ("Windows Server", UNSTATED),
    # as people name them
    ("Windows 11 Pro", None), ("Microsoft Windows 10 Enterprise 22H2", None),
    ("WIN11", None), ("Windows Pro 11", None), ("Windows 10.0.19045", None),
    ("Windows 8.1", BELOW), ("Windows XP", BELOW), ("Windows 95", BELOW),
    ("Windows 2012 R2", BELOW), ("Windows", UNSTATED),
    ("Chromebook", UNSTATED), ("Lenovo 300e Chromebook Gen 4", UNSTATED),
    ("Chrome 131", None), ("Google Chrome, version 131.0.6778", None),
    ("Chrome 80", BELOW), ("Chrome OS 131", None),
    ("Safari 17", None), ("Safari 15.6", BELOW), ("Edge", UNSTATED),
    ("Internet Explorer 11", BELOW), ("Firefox ESR 128", None),
    ("macOS Sonoma", None), ("macOS Sonoma 14.2", None),
    ("Mac OS X 10.15 Catalina", BELOW), ("MacBook Air M1", UNSTATED),
    ("iPad 9th generation", UNSTATED), ("iPadOS 17.4", None),
    ("iOS\u00a015", BELOW), ("\uff37indows \uff11\uff11", None),
    ("Chrome 64-bit", UNSTATED), ("Windows 64 bit", UNSTATED),
    ("Windows 11 Pro (64-bit)", None), ("Chrome, 3 PCs", UNSTATED),
    ("Windows 11 computers", None), ("Chrome x64", UNSTATED),
    # several
    ("Chrome 131 on Windows 11 Home", None), ("Chrome on Windows 11", UNSTATED),
    ("Windows 11 / Chrome 90", BELOW), ("Safari 17 (Mac Mini)", UNSTATED),
    ("Chromebook, ChromeOS 131", None), ("Windows 7 and Windows 11", BELOW),
    ("Firefox, Edge 131", UNSTATED),
    # what nobody has heard of
    ("Amiga 4000", UNKNOWN), ("Ubuntu 24.04", UNKNOWN), ("11", UNKNOWN),
    ("Windowsill 3", UNKNOWN), ("\u4e2d\u6587", UNKNOWN)])
def test_a_platform_is_known_as_people_name_it(
        contact, publish, platform, reason):
    """It complies from its minimum on; what is unknown is not unsupported."""
    answer = contact.submit(product_version=publish(),
                            platform=platform).read()
    assert codes(answer) == ({reason} if reason else set())
    assert answer["support_eligibility"]["eligible"] is (reason != BELOW)


@pytest.mark.fact(1)
@pytest.mark.parametrize("written", [
    "{}", "v{}", "{}.2", "Campus.{}.14", "Campus {} (build 7)", "{}-hotfix.1"])
def test_a_build_is_of_its_release(contact, publish, written):
    for status in ("prior", "unsupported"):
        answer = contact.submit(
            platform="macOS 14",
            product_version=written.format(publish(status))).read()
        assert codes(answer) == (
            {"product_version_unsupported"} if status == "unsupported"
            else set())


@pytest.mark.fact(1)
def test_of_two_releases_the_one_named_in_full_counts(
        contact, engineer, publish):
    name = publish("unsupported")
    engineer.post(RELEASES, {
        "release": name + ".3", "released_on": "2026-10-01",
        "support_status": "current"}).expect(201)
    for written, code in ((name + ".3.1", None),
                          (name + ".31", "product_version_unsupported"),
                          (name[:-1], "product_version_unknown")):
        answer = contact.submit(product_version=written,
                                platform="macOS 14").read()
        assert codes(answer) == ({code} if code else set())


@pytest.mark.fact(1)
def test_an_unknown_version_is_said_and_blocks_nothing(contact):
    answer = contact.submit(product_version="none-such").answer
    assert answer["support_eligibility"]["eligible"] is True
    assert codes(answer) == {"product_version_unknown",
                             "platform_not_stated"}
    assert answer["status"] == "new"


@pytest.mark.fact(1)
def test_what_is_not_stated_does_not_count_against_the_district(contact):
    answer = contact.submit().answer
    assert answer["support_eligibility"]["eligible"] is True
    assert codes(answer) == {"product_version_not_stated",
                             "platform_not_stated"}


@pytest.mark.fact(1)
def test_eligibility_follows_the_release(contact, publish, engineer):
    name = publish()
    case = contact.submit(product_version=name)
    engineer.patch(f"{RELEASES}/{name}", {"support_status": "unsupported"},
                etag="*").expect(200)
    assert case["support_eligibility"]["eligible"] is False


@pytest.mark.fact(1)
def test_minimum_requirements_are_published(public):
    platforms = {item["name"]: item for item in public.get(
        "/v1/platforms").expect(200)["items"]}
    assert platforms["Windows Server"]["minimum_version"] == "2019"
    assert "chromebook" in platforms["ChromeOS"]["also_called"]
    assert all(platforms[name]["also_called"] for name in (
        "Windows", "Windows Server", "macOS", "ChromeOS", "iPadOS"))


# -- recommended updates ---------------------------------------------------

@pytest.mark.fact(4)
def test_an_update_is_recommended_to_a_release_there_is(
        case, advisor, publish, defect):
    case.link(advisor, defect).expect(201)

    def resolve(**members):
        return case.resolve(advisor, kind="update_recommended",
                            defect_id=defect.id, **members)
    for wrong in ({}, {"fixed_in_release": None},
                  {"fixed_in_release": "none-such"}):
        assert resolve(**wrong).expect(422).faults == ["/fixed_in_release"]
    assert case["status"] == "new" and case.notes() == []
    name = publish()
    defect.confirmed().fix(name).expect(201)
    answer = resolve(fixed_in_release=name).expect(200)
    assert answer["resolution"]["kind"] == "update_recommended"
    assert answer["resolution"]["fixed_in_release"] == name


@pytest.mark.fact(3)
def test_a_case_belongs_to_one_district_and_perhaps_a_site(
        contact, stranger):
    site = contact.district.site()
    answer = contact.submit(site_id=site).answer
    assert answer["district_id"] == contact.district.id
    assert answer["site_id"] == site
    assert contact.submit()["site_id"] is None
    foreign = contact.post("/v1/cases", {
        "subject": "x", "description": "x", "replication_steps": "x",
        "priority": "low", "site_id": stranger.district.site()})
    assert foreign.expect(422).faults == ["/site_id"]
