"""The pages behind the links of survey mails, over HTTP and in Chromium."""

import html
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from browser import chromium, leave_page, resize, wait_for_page
from files import Log
from surveys import AREAS, FORM, PAGE, Survey, ratings

TITLES = ["Courtesy", "Knowledge", "Timeliness", "Quality", "Overall Service"]


@pytest.fixture
def survey(contact, sql):
    case = contact.submit(subject="<script>alert(1)</script>")
    case.close().expect(200)
    return Survey(sql, case)


def send(by, path, fields):
    return by.post(path, urlencode(fields).encode(), media=FORM, headers=PAGE)


class Outline(HTMLParser):
    """What the tests look at: elements with their attributes, and text."""

    def __init__(self, answer):
        super().__init__()
        self.elements, self.text = [], ""
        self.feed(answer.body.decode())

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements
                if name == tag]


# -- over HTTP -------------------------------------------------------------

@pytest.mark.fact(73)
def test_the_link_opens_a_form(survey, public):
    page = Outline(public.get(survey.path, headers=PAGE).expect(200))
    assert page.all("html") == [{"lang": "en"}]
    assert {"name": "viewport",
            "content": "width=device-width, initial-scale=1"} in page.all(
                "meta")
    assert len(page.all("fieldset")) == len(page.all("legend")) == 5
    radios = [i for i in page.all("input") if i["type"] == "radio"]
    assert [(r["name"], r["value"]) for r in radios] == [
        (name, str(n)) for name in AREAS for n in range(1, 6)]
    assert {"for": "comment", "class": "above"} in page.all("label")
    assert page.all("form")[0]["method"] == "post"
    assert page.all("form")[0]["action"] == survey.token + "/response"


@pytest.mark.fact(73)
def test_a_form_is_answered_with_thanks(survey, public, staff):
    answer = send(public, survey.path + "/response", {
        **ratings(4), "comment": "Two lines:\r\n<b>bold</b> & \"quoted\" é"})
    assert "Thank you" in Outline(answer.expect(201)).text
    response = staff.get(f"/v1/survey-responses/{survey.response_id}")
    assert {name: response[name] for name in AREAS} == ratings(4)
    assert response["comment"] == (
        "Two lines:\n<b>bold</b> & \"quoted\" é")


@pytest.mark.fact(73)
@pytest.mark.parametrize("comment", [
    "", " ", "\r\n\r\n", "\t", "\x0b\x0c", "\u200b", "\u00a0\u3164\u2800"])
def test_an_empty_comment_is_none(survey, public, staff, comment):
    send(public, survey.path + "/response", {
        **ratings(), "comment": comment}).expect(201)
    assert staff.get(f"/v1/survey-responses/{survey.response_id}")[
        "comment"] is None


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\x0c"])
def test_a_line_ends_with_one_character(survey, public, staff, end):
    """As the browser counts it against maxlength; Word has ends of its own."""
    lines = ["é" * 39] * 100
    long = end.join([*lines, ""])
    path = survey.path + "/response"
    page = send(public, path, {**ratings(3), "comment": long + "!"})
    assert Outline(page.expect(422)).text.count("é" * 39) == 100
    send(public, path, {**ratings(), "comment": long}).expect(201)
    response = staff.get(f"/v1/survey-responses/{survey.response_id}")
    assert response["comment"] == "\n".join([*lines, ""])
    assert len(response["comment"]) == 4000


def typed(page):
    """What stands in the page's text area: without its first line end."""
    text = page.body.decode().partition("<textarea")[2].partition(">")[2]
    return html.unescape(text.partition("</textarea>")[0].removeprefix("\n"))


@pytest.mark.parametrize("comment, shown", [
    (b"Slow%1b[0m", "Slow\ufffd[0m"), (b"%0d%0a%07Slow", "\n\ufffdSlow"),
    (b"caf%e9", "caf\ufffd"), (b"a%00b", "a\ufffdb"), (b"%7f", "\ufffd"),
    (b"%c3%28+x", "\ufffd( x"), (b"100%", "100%"), (b"a=b%3c/textarea>\x01",
                                                 "a=b</textarea>\ufffd"),
    (b"x" * 4001, "x" * 4001), (b"%0a%0a" + b"y" * 4000, "\n\n" + "y" * 4000)])
def test_what_is_refused_stays_on_the_page(survey, public, comment, shown):
    path = survey.path + "/response"
    body = urlencode(ratings(4)).encode() + b"&comment=" + comment
    page = public.post(path, body, media=FORM, headers=PAGE).expect(422)
    assert typed(page) == shown
    outline = Outline(page)
    assert [i["value"] for i in outline.all("input")
            if "checked" in i] == ["4"] * 5
    assert "Your answers were not sent" in outline.text
    problem = public.post(path, body, media=FORM)
    assert problem.expect(400, 422).problem in ("invalid-form",
                                                "invalid-request")
    send(public, path, ratings()).expect(201)


def faults_of(page):
    return [a["href"] for a in page.all("a") if a["href"].startswith("#")]


def test_the_comment_at_fault_is_named(survey, public):
    path = survey.path + "/response"
    for comment in ("\x1b", "z" * 4001):
        page = Outline(send(public, path, {**ratings(), "comment": comment})
                       .expect(422))
        assert faults_of(page) == ["#comment"]


@pytest.mark.fact(73)
def test_a_missing_rating_brings_the_form_back(survey, public):
    """With a message that names it, and with what was entered."""
    answer = send(public, survey.path + "/response", {
        "courtesy": "5", "quality": "6", "timeliness": "1",
        "overall_service": "x", "comment": "</textarea><b>&amp;"})
    page = Outline(answer.expect(422))
    links = faults_of(page)
    assert links == ["#knowledge", "#quality", "#overall_service"]
    for target in links:
        assert target[1:] in [f.get("id") for f in page.all("fieldset")]
    assert {"class": "alert", "role": "alert"} in page.all("div")
    assert "Knowledge: choose a rating" in page.text
    checked = [(i["name"], i["value"]) for i in page.all("input")
               if "checked" in i]
    assert checked == [("courtesy", "5"), ("timeliness", "1")]
    assert "</textarea><b>&amp;" in page.text and not page.all("b")
    send(public, survey.path + "/response", ratings()).expect(201)


def test_refusals_are_pages(survey, public, clock):
    path = survey.path + "/response"
    for answer in (public.get("/v1/surveys/nothing", headers=PAGE),
                   send(public, "/v1/surveys/nothing/response", ratings()),
                   send(public, "/v1/surveys/nothing/response", {}),
                   public.get("/v1/survey-opt-out/nothing", headers=PAGE),
                   send(public, "/v1/survey-opt-out/nothing",
                        {"List-Unsubscribe": "One-Click"})):
        assert "There is no such" in Outline(answer.expect(404)).text
    send(public, survey.opt_out_path, {"x": "y"}).expect(422)
    clock.at("2098-01-01T10:00:00-06:00")
    for answer in (public.get(survey.path, headers=PAGE),
                   send(public, path, ratings()), send(public, path, {})):
        assert "has closed" in Outline(answer.expect(410)).text
    clock.reset()
    send(public, path, ratings()).expect(201)
    for answer in (public.get(survey.path, headers=PAGE),
                   send(public, path, ratings()), send(public, path, {})):
        assert "already answered" in Outline(answer.expect(409)).text


def test_a_form_without_a_page_gets_a_problem(survey, public):
    """Who sends a form but wants JSON, such as a mail program."""
    path = survey.path + "/response"
    answer = public.post(path, b"courtesy=5", media=FORM)
    assert answer.expect(422, problem="invalid-request").faults == [
        f"/{name}" for name in AREAS[1:]]
    for body in (b"courtesy=5&courtesy=4", b"courtesy", b"a=%ff", b"a=b c",
                 b"&", b"a=%00"):
        public.post(path, body, media=FORM).expect(
            400, problem="invalid-form")
        page = public.post(path, body, media=FORM, headers=PAGE).expect(422)
        assert "Use the form as it is on this page" in Outline(page).text
    body = urlencode(ratings()).encode()
    public.post(path, body, media=FORM,
                headers={"Content-Encoding": "gzip"}).expect(415)
    public.post(path, body, media=FORM).expect(201)


def test_a_page_shows_no_more_than_the_mail(survey, contact, public):
    page = public.get(survey.path, headers=PAGE).body.decode()
    for secret in (contact.record["name"], contact.record["email"],
                   contact.district.name, "<script"):
        assert secret not in page
    answer = public.get(survey.path, headers=PAGE)
    assert answer.headers["cache-control"] == "no-store"


def test_a_page_runs_nothing_and_its_address_is_told_to_nobody(survey, public):
    for path in (survey.path, survey.opt_out_path):
        headers = public.get(path, headers=PAGE).expect(200).headers
        policy = dict(part.strip().partition(" ")[::2] for part
                      in headers["content-security-policy"].split(";"))
        assert policy == {
            "default-src": "'none'", "style-src": "'unsafe-inline'",
            "img-src": "data:",
            "form-action": "'self'", "base-uri": "'none'",
            "frame-ancestors": "'none'"}
        assert headers["referrer-policy"] == "no-referrer"


def test_no_link_is_in_the_log(survey, public, instance):
    log = Log(instance.log_file)
    mark = log.mark()
    send(public, survey.path + "/response", {}).expect(422)
    public.get(survey.opt_out_path, headers=PAGE).expect(200)
    lines = str(log.since(mark))
    assert survey.token not in lines and survey.opt_out_path not in lines


def test_a_page_names_what_is_missing_before_what_is_unknown(survey, public):
    page = send(public, survey.path + "/response",
                {f"f{i}": 1 for i in range(94)}).expect(422)
    assert page.body.count(b"<li>") == 5


def test_faults_of_a_form_are_listed_up_to_a_number(survey, public):
    answer = public.post(survey.path + "/response",
                         urlencode({f"f{i}": 1 for i in range(94)}).encode(),
                         media=FORM).expect(422, problem="invalid-request")
    assert len(answer.json["errors"]) == 20
    assert answer.json["errors_omitted"] == 5 + 94 - 20


# -- in the browser --------------------------------------------------------

@pytest.fixture(scope="module")
def browser():
    with chromium() as driver:
        yield driver


def find(browser, css):
    return browser.find_element("css selector", css)


def press(browser, heading):
    """Sends the page's form; returns once the answer is there."""
    leave_page(browser)
    find(browser, "button").click()
    arrive(browser, heading)


def arrive(browser, heading):
    wait_for_page(browser)
    assert find(browser, "h1").text == heading


@pytest.mark.direct
@pytest.mark.fact(73)
def test_somebody_answers_by_clicking(browser, survey, service, staff):
    browser.get(service.url + survey.path)
    assert [e.text for e in browser.find_elements("css selector", "legend")
            ] == TITLES
    press(browser, "How did we do?")
    assert "were not sent" in find(browser, "[role=alert]").text
    for number, name in enumerate(AREAS):
        label = browser.find_element("xpath", (
            f"//fieldset[@id='{name}']//label[{number % 5 + 1}]"))
        label.click()
    find(browser, "#comment").send_keys("Well done.\nReally.")
    press(browser, "Thank you")
    response = staff.get(f"/v1/survey-responses/{survey.response_id}")
    assert [response[name] for name in AREAS] == [1, 2, 3, 4, 5]
    assert response["comment"] == "Well done.\nReally."
    browser.get(service.url + survey.path)
    assert find(browser, "h1").text == "Already answered"


@pytest.mark.direct
@pytest.mark.fact(73)
def test_somebody_answers_with_the_keyboard(browser, survey, service, staff):
    browser.get(service.url + survey.path)
    keys = ActionChains(browser)
    for _ in AREAS:     # into each group, choose the first, then move right
        keys.send_keys(Keys.TAB, Keys.SPACE, Keys.ARROW_RIGHT)
    keys.send_keys(Keys.TAB, "By keyboard", Keys.TAB, Keys.ENTER)
    leave_page(browser)
    keys.perform()
    arrive(browser, "Thank you")
    response = staff.get(f"/v1/survey-responses/{survey.response_id}")
    assert {name: response[name] for name in AREAS} == ratings(2)


@pytest.mark.direct
@pytest.mark.fact(74)
def test_the_button_opts_out_and_looking_does_not(browser, contact, survey,
                                                  service):
    def opted_out():
        return contact.get(f"/v1/contacts/{contact.id}")["survey_opt_out"]
    browser.get(service.url + survey.opt_out_path)
    browser.refresh()
    assert opted_out() is False
    press(browser, "No more surveys")
    assert opted_out() is True


@pytest.mark.direct
@pytest.mark.parametrize("width", [320, 1280])
def test_a_page_fits_its_window(width, browser, survey, service):
    """WCAG 1.4.10 at 320 px, and targets of a finger's size."""
    resize(browser, width, 900)
    try:
        browser.get(service.url + survey.path)
        press(browser, "How did we do?")
        assert browser.execute_script(
            "return document.documentElement.scrollWidth") <= width
        for label in browser.find_elements("css selector", ".scale label"):
            assert label.size["height"] >= 44
    finally:
        resize(browser)
