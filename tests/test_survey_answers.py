"""Surveys: the link in the mail, answers, opting out, reviews (71-76)."""

import threading

import pytest

from sql import SqlError
from surveys import Survey, decision, ratings
from test_surveys import closed


@pytest.fixture
def survey(contact, sql):
    return Survey(sql, closed(contact))


# -- the link --------------------------------------------------------------

@pytest.mark.rule("2.7")
def test_only_the_hash_of_a_token_is_stored(survey, sql):
    assert len(survey.token) == 64      # HMAC-SHA-256
    stored = sql.value("select coalesce(string_agg(i::text, ' '), '') from"
                       " casework.survey_invitations i")
    assert survey.token not in stored
    assert sql.value("select count(*) from casework.survey_invitations where"
                     " token_sha256 = sha256(%s)", survey.token) == 1


def test_the_links_are_hmacs(survey, sql, contact):
    import hashlib
    import hmac
    key = bytes.fromhex(sql.value(
        "select encode(key, 'hex') from rules.link_key"))
    number = sql.value("select id from casework.survey_invitations where"
                       " token_sha256 = sha256(%s)", survey.token)
    assert survey.token == hmac.new(
        key, f"survey {number}".encode(), hashlib.sha256).hexdigest()
    assert survey.opt_out_path.endswith(f"/{contact.id}-" + hmac.new(
        key, f"survey-opt-out {contact.id}".encode(),
        hashlib.sha256).hexdigest())


@pytest.mark.fact(73)
def test_the_survey_asks_for_five_areas(survey, public):
    answer = public.get(survey.path).expect(200)
    assert [area["title"] for area in answer["areas"]] == [
        "Courtesy", "Knowledge", "Timeliness", "Quality", "Overall Service"]
    assert answer["scale"] == {"minimum": 1, "maximum": 5}


@pytest.mark.fact(73)
def test_a_survey_is_answered_once(survey, public, staff):
    survey.answer(public, comment="Quick.").expect(201)
    survey.answer(public, 1).expect(409, problem="survey-already-answered")
    public.get(survey.path).expect(409, problem="survey-already-answered")
    response = staff.get(
        f"/v1/survey-responses/{survey.response_id}").expect(200)
    assert {n: response[n] for n in ratings()} == ratings()
    assert response["comment"] == "Quick." and response["review"] is None


@pytest.mark.fact(73)
def test_of_two_answers_at_once_one_is_kept(district, public, sql):
    for _ in range(20):
        survey = Survey(sql, closed(district.contact()))
        barrier, found = threading.Barrier(2), []

        def send(value):
            barrier.wait()
            found.append(survey.answer(public, value).status)
        threads = [threading.Thread(target=send, args=(n,)) for n in (1, 5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(found) == [201, 409]


@pytest.mark.fact(73)
def test_all_five_ratings_are_needed(survey, public):
    for name in ratings():
        body = ratings()
        del body[name]
        answer = public.post(survey.path + "/response", body)
        assert answer.expect(422).faults == ["/" + name]
    for value in (0, 6, 4.5, "5", None):
        survey.answer(public, 5, courtesy=value).expect(422)
    survey.answer(public).expect(201)


@pytest.mark.fact(73)
@pytest.mark.parametrize("area", ratings())
def test_the_database_itself_keeps_no_other_rating(survey, public, sql, area):
    survey.answer(public).expect(201)
    for rating in (0, 6):
        with pytest.raises(SqlError) as refused:
            sql.run(f"update casework.survey_responses set {area} = %s"
                    " where id = %s", rating, survey.response_id)
        assert refused.value.state == "23514"


@pytest.mark.fact(73)
def test_a_survey_closes_after_thirty_days(contact, public, clock, sql):
    clock.at("2026-10-20T10:00:00-05:00")
    survey = Survey(sql, closed(contact))
    clock.at("2026-11-19T08:59:59.999999-06:00")
    public.get(survey.path).expect(200)
    clock.at("2026-11-19T09:00:00-06:00")
    public.get(survey.path).expect(410, problem="survey-expired")
    survey.answer(public).expect(410, problem="survey-expired")


def test_a_link_that_is_none_404(public, survey):
    for token in ("x", survey.token[:-1] + "g", survey.token.upper(), "%27"):
        public.get(f"/v1/surveys/{token}").expect(404)
        public.post(f"/v1/surveys/{token}/response", ratings()).expect(404)


@pytest.mark.fact(79)
def test_an_answer_is_in_the_history_of_staff(contact, advisor, public, sql):
    case = closed(contact)
    Survey(sql, case).answer(public, 1).expect(201)
    assert [e["type"] for e in case.history(advisor)][-1] == "survey.answered"
    assert "survey" not in str(case.history())


# -- opting out ------------------------------------------------------------

@pytest.mark.fact(74)
@pytest.mark.rule("2.7")
def test_one_click_opts_out_and_only_the_contact_opts_in(
        contact, colleague, stranger, survey, public, staff, sql):
    path = f"/v1/contacts/{contact.id}"
    assert contact.get(path)["survey_opt_out"] is False
    for _ in range(2):
        answer = public.post(
            survey.opt_out_path, b"List-Unsubscribe=One-Click",
            media="application/x-www-form-urlencoded").expect(200)
        assert answer.json == {"opted_out": True}
    assert contact.get(path)["survey_opt_out"] is True
    assert staff.get(path)["survey_opt_out"] is True
    assert colleague.get(path)["survey_opt_out"] is None
    assert decision(sql, closed(contact)) == ("suppressed", "opted_out")
    assert sql.value(
        "select count(*) from casework.events where contact_id = %s"
        " and type = 'contact.survey_opted_out'", contact.id) == 1

    colleague.delete(path + "/survey-opt-out").expect(
        403, problem="not-permitted")
    stranger.delete(path + "/survey-opt-out").expect(404)
    staff.delete(path + "/survey-opt-out").expect(403)
    contact.acting_for(f"contact:{colleague.id}").delete(
        path + "/survey-opt-out").expect(403)
    for _ in range(2):
        answer = contact.delete(path + "/survey-opt-out").expect(200)
        assert answer["survey_opt_out"] is False
    assert sql.value(
        "select count(*) from casework.events where contact_id = %s"
        " and type = 'contact.survey_opted_in'", contact.id) == 1


@pytest.mark.fact(74)
def test_a_mail_program_may_send_its_click_in_parts(contact, survey, public):
    """RFC 8058, 3.1: it SHOULD."""
    part = b'Content-Disposition: form-data; name="List-Unsubscribe"'
    for body in (b"", b"--x--", b"--x\r\n" + part + b"\r\n\r\nOne-Click",
                 b"--y\r\n" + part + b"\r\n\r\nOne-Click\r\n--y--"):
        public.post(survey.opt_out_path, body,
                    media="multipart/form-data; boundary=x").expect(400, 422)
    public.post(survey.opt_out_path, b"--x--",
                media="multipart/form-data").expect(415)
    assert contact.get(f"/v1/contacts/{contact.id}")[
        "survey_opt_out"] is False
    public.post(survey.opt_out_path,
                b"--x\r\n" + part + b"\r\n\r\nOne-Click\r\n--x--\r\n",
                media='multipart/form-data; boundary="x"').expect(200)
    assert contact.get(f"/v1/contacts/{contact.id}")[
        "survey_opt_out"] is True


@pytest.mark.fact(74)
def test_looking_at_the_link_does_not_opt_out(contact, survey, public):
    for _ in range(2):
        assert public.get(survey.opt_out_path).expect(200).json == {
            "opted_out": False}
        public.head(survey.opt_out_path).expect(200)
        public.get(survey.opt_out_path,
                   headers={"Accept": "text/html"}).expect(200)
    assert contact.get(f"/v1/contacts/{contact.id}")[
        "survey_opt_out"] is False


def test_an_opt_out_link_cannot_be_made_up(survey, colleague, public):
    number, _, signature = survey.opt_out_path.rsplit("/", 1)[1].partition("-")
    for token in (f"{colleague.id}-{signature}", f"{number}-{'0' * 64}",
                  f"9007199254740991-{signature}", number, f"0{number}-x",
                  survey.token, f"{number}-{signature}0"):
        public.get(f"/v1/survey-opt-out/{token}").expect(404)
        public.post(f"/v1/survey-opt-out/{token}",
                    {"List-Unsubscribe": "One-Click"}).expect(404)


@pytest.mark.fact(74)
def test_no_mail_goes_to_who_opted_out_in_between(contact, survey, public,
                                                  as_role, sql):
    worker = as_role("worker")
    asked = "select * from rules.survey_mail(%s)"
    assert [row["to_address"] for row in worker.rows(
        asked, survey.event_id)] == [contact.record["email"]]
    public.post(survey.opt_out_path, {"List-Unsubscribe": "One-Click"})
    assert worker.rows(asked, survey.event_id) == []


# -- reviews ---------------------------------------------------------------

@pytest.mark.fact(76)
def test_every_response_is_reviewed_once(contact, survey, public, lead):
    survey.answer(public, 3).expect(201)
    path = f"/v1/survey-responses/{survey.response_id}"
    query = {"district_id": contact.district.id}

    def listed(**more):
        return lead.get("/v1/survey-responses",
                           query={**query, **more}).expect(200).ids
    assert listed(reviewed="false") == [survey.response_id]
    before = lead.get(path).expect(200)
    lead.get(path, headers={"If-None-Match": before.etag}).expect(304)
    answer = lead.post(path + "/review", {
        "use": "coach", "comment": "Answer sooner."}).expect(200)
    assert answer["review"]["use"] == "coach"
    assert answer["review"]["reviewed_by"]["id"] == lead.id
    lead.post(path + "/review", {"use": "improve"}).expect(
        409, problem="already-reviewed")
    assert listed(reviewed="false") == []
    assert listed(reviewed="true", use="coach,recognize",
                  overall_service_at_most="3") == [survey.response_id]
    assert listed(overall_service_at_most="2") == []
    assert listed(submitted_from="2000-01-01T00:00:00Z",
                  submitted_to="2000-01-02T00:00:00Z") == []
    lead.get(path, headers={"If-None-Match": before.etag}).expect(200)


@pytest.mark.fact(76)
@pytest.mark.rule("2.7")
def test_responses_are_for_staff(
        contact, partner, survey, public, as_role, lead):
    survey.answer(public).expect(201)
    path = f"/v1/survey-responses/{survey.response_id}"
    for caller in (contact, partner):
        caller.get("/v1/survey-responses").expect(403)
        caller.get(path).expect(403)
        caller.post(path + "/review", {"use": "coach"}).expect(403)
    lead.get("/v1/survey-responses/9007199254740991").expect(404)
    lead.post("/v1/survey-responses/9007199254740991/review",
                 {"use": "coach"}).expect(404)
    for kind in ("contact", "partner", "telephony", "public"):
        for table in ("survey_invitations", "survey_responses",
                      "survey_customers", "case_figures"):
            assert as_role(kind).fails(
                f"select from casework.{table}") == "42501"
        assert as_role(kind).fails("select from rules.link_key") == "42501"
        for call in ("survey_token(1)", "opt_out_token(1)", "survey_mail(1)",
                     "link_hmac('x')", "opt_out_contact('x')"):
            assert as_role(kind).fails(
                f"select rules.{call}") == "42501", call
