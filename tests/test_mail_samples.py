"""Every kind of mail as people get it, to be read in data/mails/: a file a
kind, with what differs from run to run replaced. After a change on purpose,
RENEW_MAILS=1 make try TEST=tests/test_mail_samples.py writes them anew; read
the difference before it is kept."""

import html
import os
import pathlib
import re

import pytest

from browser import chromium
from instance import until
from mail import html_of, in_maildir, text_of
from pages import (
    FEW_LOOKS, WCAG, look, picture, results, save, violations)
from partners import a_person

pytestmark = pytest.mark.direct

SAMPLES = pathlib.Path(__file__).parent / "data" / "mails"
HEADERS = ("From", "To", "Date", "Subject", "Message-ID", "Auto-Submitted",
           "MIME-Version", "Content-Type", "In-Reply-To", "References",
           "List-Unsubscribe", "List-Unsubscribe-Post")

# What rules put into the texts besides the case's number and the links.
FIELDS = {
    "about": "\n\nGrades & attendance <slow>\nAffected: Grade Book\n\n"
             "Monday, November 30, 2026, 9:00 a.m. Central Time\n"
             "Posting takes minutes. Details: https://evil.example/x\n\n"
             "Status page: {status}",
    "title": "Grades & attendance <slow>",
    "assigned": "assigned to you",
    "next": "If it is not resolved, you can reopen it within 60 days.",
    "closes": "Wednesday, December 9, 2026, 5:00 p.m. Central Time",
    "which": "follow-up 2 of 3",
    "headline": "is scheduled for Tuesday, December 1, 2026",
    "what": "Work on case 100001 is scheduled for Tuesday, December 1, 2026.",
    "survey": "{api}/v1/surveys/token",
    "since": "November 30, 2026, 09:00 Central Time",
    "why": "no district is assigned to your organization any more",
    "ended": "2 sign-ins and 1 webhook",
    "webhook": "1001",
    "course": "Introduction to Support",
    "address": "https://training.casework.example/introduction-to-support",
    "hours": "Monday to Friday, 6:00 a.m. to 6:00 p.m. Central Time",
    "telephone": " The toll-free number is for Authorized Contacts alone:"
                 " the portal shows it.",
    "percent": 75,
    "days": 3,
    "deadline": "Fall enrollment",
    "state": "Minnesota",
    "due": "Tuesday, December 15, 2026",
    "left": "5",
    "count": "2 messages",
    "messages": "Case 100001: new note from Support: Grades\n"
                "Support has written a note on case 100001.\n"
                "{portal}/cases/100001\n\n"
                "Case 100002: a product defect was fixed: Roster\n"
                "A product defect linked to case 100002 is fixed.\n"
                "{portal}/cases/100002",
}


def queue(sql, case, staff, person):
    """Writes one mail of each text there is."""
    return [(row["type"], row["audience"]) for row in sql.rows(
        "with texts as (select t.*, row_number() over () as n"
        " from rules.mail_texts t)"
        " select t.type, t.audience, rules.queue_mail('test',"
        " 100 * (select max(id) from casework.events) + t.n, c.district_id,"
        " case when t.type ~ '^(case|alert|survey)[.]'"
        " then c.id end, row(coalesce(k.kind, 'contact'),"
        " coalesce(k.id, c.contact_id), t.audience ||"
        " '@district.example')::rules.mail_recipient, row (t.type, t.by_kinds,"
        " t.audience, t.subject, t.text, t.topic)::rules.mail_texts, %s || case"
        " when t.audience = 'survey' then"
        " '{\"unsubscribe\": \"{api}/v1/survey-opt-out/token\"}'"
        " else '{}' end::jsonb)::text"
        " from casework.cases c, texts t left join (values"
        " ('{advisor,owners,alerted,analysts}'::text[], 'staff', %s),"
        " ('{partner_people}', 'partner_person', %s)) as k (audiences, kind,"
        " id) on t.audience = any (k.audiences) where c.id = %s",
        FIELDS, staff, person, case.id)]


def readable(mail, case):
    """Headers, text and HTML; nothing of this run."""
    lines = [f"{name}: {mail[name]}" for name in HEADERS if name in mail]
    text = "\n".join(lines) + f"\n\n{text_of(mail)}\n{html_of(mail)}"
    for pattern, word in (
            (rf"(?<!\d){case.id}(?!\d)", "100001"),
            (r"(/v1/mail-opt-out)/([ps]?)\d+-([a-z]+)-\w+",
             r"\1/\g<2>1-\3-0a1b2c"),
            (r"Message-ID: <.*@", "Message-ID: <message-id@"),
            (r"Date: .*", "Date: Mon, 30 Nov 2026 15:00:00 +0000")):
        text = re.sub(pattern, word, text)
    return text


@pytest.fixture
def mails(new_worker, post, contact, partner, world, sql):
    """By the name of their file."""
    case = contact.submit(subject="Grades cannot be posted")
    post.begin()
    advisor = world.staff()
    sql.run("update casework.staff set email = 'advisor@desk.example'"
            " where id = %s", advisor.id)
    kinds = queue(sql, case, advisor.id, a_person(world, partner.id))
    assert len(kinds) > 30
    worker = new_worker(PUBLIC_URL="https://desk.example",
                        PORTAL_URL="https://portal.example",
                        STATUS_URL="https://status.example")
    return case, until(lambda: (
        lambda found: len(found) == len(kinds) and found)({
            f"{kind}.{audience}.txt": mail for mail in in_maildir(worker)
            for kind, audience in kinds if mail["To"] == address(audience)
            and kind == kind_of(sql, mail)}))


def address(audience):
    return f"{audience}@district.example"


def kind_of(sql, mail):
    return sql.value("select kind from casework.mails where message_id = %s",
                     mail["Message-ID"].strip("<>").partition("@")[0])


def test_every_kind_of_mail_reads_as_it_is_kept(mails):
    case, mails = mails
    found = {name: readable(mail, case) for name, mail in mails.items()}
    if os.environ.get("RENEW_MAILS"):
        SAMPLES.mkdir(exist_ok=True)
        for old in SAMPLES.glob("*.txt"):
            old.unlink()
        for name, text in found.items():
            (SAMPLES / name).write_text(text)
    kept = {path.name: path.read_text() for path in SAMPLES.glob("*.txt")}
    how = ("; if that is meant: RENEW_MAILS=1 make try"
           " TEST=tests/test_mail_samples.py")
    assert found.keys() == kept.keys(), f"mails come or go{how}"
    for name, text in found.items():
        assert text == kept[name], f"{name} has changed{how}"


def test_every_mail_says_the_same_as_text_and_as_html(mails):
    for name, mail in mails[1].items():
        assert [part.get_content_type() for part in mail.iter_parts()] == [
            "text/plain", "text/html"], name
        page = html_of(mail)
        assert '<html lang="en">' in page
        said = re.sub(r"<[^>]*>", "", page.partition("<body")[2].partition(">")[2])
        assert html.unescape(said).split() == text_of(mail).split(), name
        assert "{" not in text_of(mail), name


def test_a_mail_loads_nothing_and_links_to_us_alone(mails):
    for name, mail in mails[1].items():
        page = html_of(mail)
        assert set(re.findall(r"<(\w+)", page)) <= {
            "html", "head", "meta", "title", "body", "p", "br", "a"}, name
        links = re.findall(r'href="([^"]*)"', page)
        assert links and all(re.match(
            r"https://(desk|portal|status)\.example(/|$)", link)
            for link in links), name


def test_every_mail_is_looked_at_in_a_browser(mails):
    """As HTML in light and dark, narrow and wide, and as text: the files are
    for a person to look at."""
    case, mails = mails
    place = results("mails")
    with chromium() as browser:
        for name, mail in mails.items():
            name = name.removesuffix(".txt")
            (place / f"{name}.txt").write_text(readable(mail, case))
            address = save(place / f"{name}.html", html_of(mail))
            browser.get(address)
            for scheme, width in FEW_LOOKS:
                look(browser, scheme, width)
                where = f"{name}, {scheme}, {width} pixels"
                assert violations(browser, WCAG) == [], where
                assert browser.execute_script(
                    "return document.documentElement.scrollWidth"
                    ) <= width, where
                picture(browser, place / f"{name}.{scheme}.{width}.png")
