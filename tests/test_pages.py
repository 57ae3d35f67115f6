"""Every page for people: which there are says the document; what each has to
be is judged in Chromium, by axe-core among others (fact 68, 3.8)."""

import base64
from urllib.parse import urlencode

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

import desk
from browser import chromium, resize
from incidents import say
from pages import FOCUS, LOOKS, look, picture, results, save, violations
from surveys import FORM, PAGE, Survey, ratings

pytestmark = [pytest.mark.direct, pytest.mark.rule("3.8")]
VENDOR = "Lakeside & Sons Software"
LOGO = "data:image/svg+xml;base64," + base64.b64encode(
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40">'
    b'<circle cx="20" cy="20" r="18" fill="#0b5cad"/>'
    b'<path d="M10 22l7 7 14-16" stroke="#fff" stroke-width="5" fill="none"/>'
    b"</svg>").decode()


class Desk:
    """A district with a case that was closed, its links, and who reads them."""

    def __init__(self, public, contact, advisor, lead, sql):
        self.public, self.contact, self.advisor = public, contact, advisor
        self.lead, self.sql = lead, sql
        self.case = contact.submit(subject="Grades <b>cannot</b> be posted")
        self.case.close().expect(200)
        self.survey = Survey(sql, self.case)
        self.mail_link = sql.value(
            "select replace(rules.mail_opt_out_link(row ('contact', %s, '')"
            "::rules.mail_recipient, 'notes'), '{api}', '')", contact.id)

    def get(self, path, by=None):
        return (by or self.public).get(path, headers=PAGE)

    def send(self, path, fields):
        return self.public.post(path, urlencode(fields).encode(), media=FORM,
                                headers=PAGE)

    def answer(self, **changes):
        return self.send(f"{self.survey.path}/response", ratings(**changes))

    def answered(self):
        self.answer().expect(201)
        return self

    def announced(self):
        for text in ("It opens on Monday.", "Words.\n\n" + "More words. " * 40):
            self.lead.post("/v1/announcements", {
                "title": "A seating chart", "text": text}).expect(201)
        return self


ONE_CLICK = {"List-Unsubscribe": "One-Click"}
# The page of an operation with a status, as somebody comes to it.
PAGES = {
    "get_home 200": lambda d: d.get("/"),
    "get_case_page 200": lambda d: d.get(f"/cases/{d.case.id}"),
    "get_announcements_page 200":
        lambda d: d.announced().get("/announcements"),
    "get_figures 200": lambda d: d.get("/v1/metrics"),
    "get_district_figures 200": lambda d: d.get(
        f"/v1/districts/{d.contact.district.id}/metrics", d.contact),
    "get_survey 200": lambda d: d.get(d.survey.path),
    "get_survey 404": lambda d: d.get("/v1/surveys/nothing"),
    "get_survey 409": lambda d: d.answered().get(d.survey.path),
    "get_survey 410": lambda d: d.get(d.survey.path),
    "answer_survey 201": lambda d: d.answer(),
    "answer_survey 404": lambda d: d.send(
        "/v1/surveys/nothing/response", ratings()),
    "answer_survey 409": lambda d: d.answered().answer(),
    "answer_survey 410": lambda d: d.answer(),
    "answer_survey 422": lambda d: d.answer(quality=6, comment="<Fine> & so"),
    "get_survey_opt_out 200": lambda d: d.get(d.survey.opt_out_path),
    "get_survey_opt_out 404": lambda d: d.get("/v1/survey-opt-out/nothing"),
    "opt_out_of_surveys 200":
        lambda d: d.send(d.survey.opt_out_path, ONE_CLICK),
    "opt_out_of_surveys 404":
        lambda d: d.send("/v1/survey-opt-out/nothing", ONE_CLICK),
    "opt_out_of_surveys 422": lambda d: d.send(d.survey.opt_out_path, {}),
    "get_mail_opt_out 200": lambda d: d.get(d.mail_link),
    "get_mail_opt_out 404": lambda d: d.get("/v1/mail-opt-out/nothing"),
    "opt_out_of_mail 200": lambda d: d.send(d.mail_link, ONE_CLICK),
    "opt_out_of_mail 404":
        lambda d: d.send("/v1/mail-opt-out/nothing", ONE_CLICK),
    "opt_out_of_mail 422": lambda d: d.send(d.mail_link, {}),
}


@pytest.fixture(scope="module")
def browser():
    with chromium() as driver:
        yield driver


@pytest.fixture
def vendor(sql):
    """The desk of somebody with a name and a logo, and put back."""
    desk.keep_desk(sql)
    sql.run("update casework.desk_texts set vendor_name = %s, vendor_logo ="
            " %s, mail_portal_url = 'https://portal.example'", VENDOR, LOGO)
    yield
    desk.put_desk_back(sql)


@pytest.fixture
def place(public, contact, advisor, lead, sql):
    return Desk(public, contact, advisor, lead, sql)


def documented(contract):
    """The pages of the document, by operation and status."""
    return {f"{op.id} {status}" for op in contract.operations
            for status, answer in op.responses.items()
            if "text/html" in answer.get("content", {})}


def test_each_page_of_the_document_is_looked_at(contract):
    assert documented(contract) == PAGES.keys()


def judge(browser, name, address):
    """Everything that a page has to be, in each look of it."""
    for scheme, width in LOOKS:
        browser.get(address)
        look(browser, scheme, width)
        where = f"{name}, {scheme}, {width} pixels"
        assert violations(browser) == [], where
        assert browser.execute_script(
            "return document.documentElement.scrollWidth") <= width, where
        assert browser.execute_script(
            "return [...document.images].map(i => i.naturalWidth > 0)"
            ) == [True], f"{where}: the logo is not there"
        picture(browser, results("pages") / (
            f"{name.replace(' ', '-')}.{scheme}.{width}.png"))
    assert VENDOR in browser.find_element("css selector", "header").text
    assert VENDOR in browser.title
    reach_everything(browser)
    look(browser, "light", 1280)


def reach_everything(browser):
    """With the keyboard alone, and it can be seen where one is."""
    wanted = len(browser.execute_script(
        "return [...document.querySelectorAll('a, button, textarea, summary,"
        " [tabindex], input:not([type=hidden]):not([type=radio])')].filter("
        "e => e.checkVisibility())"))
    groups = browser.execute_script(
        "return new Set([...document.querySelectorAll('[type=radio]')].map("
        "r => r.name)).size")
    browser.execute_script("document.activeElement.blur()")
    reached = set()
    for _ in range(8 * (wanted + groups) + 2):      # a date has several fields
        ActionChains(browser).send_keys(Keys.TAB).perform()
        found = browser.execute_script(FOCUS)
        if found is None:
            break
        assert found[2] != "none" or found[0] == "INPUT", found
        reached.add(browser.execute_script(
            "const e = document.activeElement; return [...document."
            "querySelectorAll('*')].indexOf(e)"))
    assert len(reached) >= wanted + groups


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_for_everybody(name, place, browser, vendor, clock,
                                 tmp_path):
    status = int(name.split()[1])
    if status == 410:
        clock.at("2098-01-01T10:00:00-06:00")
    answer = PAGES[name](place).expect(status)
    assert answer.headers["content-type"].startswith("text/html")
    judge(browser, name, save(
        tmp_path / "page.html", answer.body.decode(),
        answer.headers["content-security-policy"]))


@pytest.fixture
def quiet(sql):
    """No incident on the status page but those of the test; put back."""
    sql.run("create temporary table hidden as select id, channels"
            " from casework.incidents where 'status' = any (channels);"
            " update casework.incidents set channels = array_remove("
            "channels, 'status') where id in (select id from hidden)")
    yield
    sql.run("update casework.incidents i set channels = h.channels"
            " from hidden h where h.id = i.id; drop table hidden")


def test_the_status_page_is_for_everybody(
        quiet, feed, outage, open_incident, lead, browser, vendor):
    say(lead, open_incident(channels=["status"]), "resolved").expect(201)
    open_incident(channels=["status"])
    page = feed.update().read("index.html")
    assert f"<title>Major Service Outage – {VENDOR.replace('&', '&amp;')}" in page
    judge(browser, "status page", feed.directory.joinpath(
        "index.html").as_uri())


@pytest.mark.parametrize("width", [320, 360, 414, 1280])
def test_the_scale_of_a_survey_stays_in_one_row(
        width, place, browser, service):
    resize(browser, width, 900)
    browser.get(service.url + place.survey.path)
    for scale in browser.find_elements("css selector", ".scale"):
        labels = scale.find_elements("css selector", "label")
        assert len({label.location["y"] for label in labels}) == 1
        assert len({label.size["width"] // 2 for label in labels}) == 1
        assert all(label.size["height"] >= 44 and label.size["width"] >= 40
                   for label in labels)
    resize(browser)


def test_a_survey_names_vendor_subject_and_the_way_out(place, vendor):
    page = place.get(place.survey.path).expect(200).body.decode()
    assert "Lakeside &amp; Sons Software</span></header>" in page
    assert "Grades &lt;b&gt;cannot&lt;/b&gt; be posted" in page
    assert f'href="{place.survey.opt_out_path}"' in page
    thanks = place.answer().expect(201).body.decode()
    assert thanks.count("Thank you") == 2        # of the tab and of the page
    assert f'href="https://portal.example/cases/{place.case.id}"' in thanks
    assert f'href="{place.survey.opt_out_path}"' in thanks


def test_a_survey_tells_no_subject_where_mails_tell_none(place, sql, vendor):
    sql.run("update casework.desk_texts set mail_case_subject = false")
    page = place.get(place.survey.path).expect(200).body.decode()
    assert "be posted" not in page and f"case {place.case.id}" in page


def test_who_the_vendor_is_is_a_setting(vendor, world, public):
    administrator = world.staff("administrator")
    path = "/v1/settings/vendor"
    for logo in ("https://evil.example/logo.png", "data:text/html;base64,aa",
                 "data:image/png;base64,a\" onerror=\"x", LOGO + "A" * 4096):
        administrator.patch(path, {"logo": logo}, etag="*").expect(422)
    administrator.patch(path, {"name": "Harbor <School> Software", "logo":
                               LOGO}, etag="*").expect(200)
    page = public.get("/", headers=PAGE).expect(200).body.decode()
    assert "Support desk – Harbor &lt;School&gt; Software</title>" in page
    assert (f'<img alt="" src="{LOGO}"><span>Harbor &lt;School&gt; Software'
            in page)
    assert "<name>Harbor &lt;School&gt; Software</name>" in public.get(
        "/announcements.atom").expect(200).body.decode()
    administrator.patch(path, {"name": None, "logo": None}, etag="*"
                        ).expect(200)
    page = public.get("/", headers=PAGE).expect(200).body.decode()
    assert "Support desk – Support</title>" in page and "<img" not in page


def test_an_opt_out_says_whose_address_it_is(place):
    address = place.contact.record["email"]
    for path in (place.survey.opt_out_path, place.mail_link):
        assert address in place.get(path).expect(200).body.decode()
        assert address in place.send(path, ONE_CLICK).expect(
            200).body.decode()


def test_on_paper_a_page_is_dark_on_white_without_buttons(
        place, browser, tmp_path):
    for path in (place.survey.path, "/v1/metrics"):
        browser.get(save(tmp_path / "page.html", place.get(path).expect(
            200).body.decode()))
        look(browser, "dark", 800, "print")
        assert browser.execute_script(
            "return getComputedStyle(document.body).backgroundColor"
            ) == "rgb(255, 255, 255)"
        assert browser.execute_script(
            "return getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
        assert not browser.find_element("css selector", "button"
                                        ).is_displayed()
    look(browser, "light", 1280)
