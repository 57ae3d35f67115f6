"""Incidents of a test, and what is said of them."""

import itertools

INCIDENTS = "/v1/incidents"
counter = itertools.count(1)


def an_incident(**changes):
    """A good incident that touches every district."""
    return {"title": f"Grade book is slow ({next(counter)})",
            "severity": "major", "scope": {"all": True},
            "text": "We know of it.", **changes}


def say(by, incident, status, text="More is known."):
    """Adds an update to an incident, known by its answer or its path."""
    path = incident if isinstance(incident, str) else incident.location
    return by.post(f"{path}/updates", {"status": status, "text": text})


def hand_out(sql, contact):
    """As if all mails about incidents that wait had been sent at this moment."""
    sql.run("update casework.mails set state = 'sent', attempts = 1,"
            " sent_at = clock_timestamp() where source = 'incident'"
            " and recipient_kind = 'contact' and recipient_id = %s",
            contact.id)


class Incidents:
    """Opens incidents for one test, and ends them with it."""

    def __init__(self, lead):
        self.lead = lead
        self.opened = []

    def __call__(self, **changes):
        answer = self.lead.post(INCIDENTS, an_incident(**changes))
        self.opened.append(answer.expect(201))
        return answer

    def end(self):
        for answer in self.opened:
            say(self.lead, answer, "resolved" if answer["kind"]
                == "incident" else "completed")
