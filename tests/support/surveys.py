"""Surveys of a test: what the mail would hold, and what its links do."""

FORM = "application/x-www-form-urlencoded"
PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
AREAS = ("courtesy", "knowledge", "timeliness", "quality", "overall_service")


def ratings(value=5, **changes):
    return {**dict.fromkeys(AREAS, value), **changes}


class Survey:
    """The latest invitation for a case, with the links of its mail."""

    def __init__(self, sql, case):
        self.sql = sql
        self.event_id = sql.value(
            "select max(id) from casework.events where case_id = %s"
            " and type = 'survey.invited'", case.id)
        mail = sql.row("select * from rules.survey_mail(%s)", self.event_id)
        self.to_address = mail["to_address"]
        self.path = mail["survey_path"]
        self.opt_out_path = mail["opt_out_path"]
        self.token = self.path.rsplit("/", 1)[1]

    def answer(self, by, value=5, headers=None, **changes):
        return by.post(self.path + "/response", ratings(value, **changes),
                       headers=headers)

    @property
    def response_id(self):
        return self.sql.value(
            "select r.id from casework.survey_responses r"
            " join casework.survey_invitations i on i.id = r.invitation_id"
            " where i.token_sha256 = sha256(%s)", self.token)


def invitations(sql, case):
    """(outcome, reason) of every closing of the case, oldest first."""
    return [(row["outcome"], row["reason"]) for row in sql.rows(
        "select outcome, reason from casework.survey_invitations"
        " where case_id = %s order by id", case.id)]


def decision(sql, case):
    return invitations(sql, case)[-1]
