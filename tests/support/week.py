"""A played week of the desk: who does what when, on a database of its own whose
clock the test moves, and what there is afterwards to show who was told.

Nobody waits for anything: after each step every timer runs until nothing is due,
and mails that may go out count as sent.
"""

import itertools

from client import Service
from sql import Psql, Role
from tokens import Tokens
from world import World

DISTRICTS = 40
# Monday; there is no holiday in the weeks that follow
DAYS = ("2031-03-03", "2031-03-04", "2031-03-05", "2031-03-06", "2031-03-07",
        "2031-03-08", "2031-03-09")
AREAS = ("grade_book", "attendance", "point_of_sale")


class Week:
    def __init__(self, instance, contract, scopes):
        self.instance = instance
        self.service = Service(instance.url, contract)
        self.sql = Psql(instance.owner_url)
        self.worker = Role("worker", instance.role_url("worker"), instance.env)
        self.world = World(self.service, Tokens(instance.keys_file, scopes),
                           self.sql)
        self.timers = [row["name"] for row in self.sql.rows(
            "select proname as name from pg_proc"
            " where pronamespace = 'rules'::regnamespace"
            " and proname like 'timer\\_%' and prorettype = 'int4'::regtype"
            " order by 1")]
        self.numbers = itertools.count(1)
        self.cases = []
        self.incidents = []

    def close(self):
        self.worker.close()
        self.sql.close()
        self.service.close()

    # -- time ------------------------------------------------------------

    def at(self, day, time):
        """What was due until then happens, then it is that time."""
        self.sql.run("update rules.clock set frozen_at = %s::timestamp at"
                     " time zone 'America/Chicago'", f"{day} {time}")
        self.settle()

    def settle(self):
        """Until no timer finds anything."""
        while sum(int(self.worker.value(f"select rules.{name}(500) as n"))
                  for name in self.timers):
            self.send()
        self.send()

    def send(self):
        """Mails that may go out do; those for later stay."""
        self.sql.run(
            "update casework.mails m set state = 'sent', attempts = 1,"
            " sent_at = clock_timestamp() where m.state = 'queued'"
            " and rules.may_be_mailed(m)")

    # -- people ----------------------------------------------------------

    def advisor(self, name, *roles, **columns):
        """A member of staff with an address."""
        person = self.world.staff(*(roles or ["advisor"]))
        for column, value in {"name": name, **columns}.items():
            self.sql.run(f"update casework.staff set {column} = %s"
                         " where id = %s", value, person.id)
        self.sql.run("update casework.staff set email = %s where id = %s",
                     f"staff-{person.id}@casework.example", person.id)
        return person

    def people(self):
        """Forty districts, a team for each area with two advisors, a lead."""
        for area in AREAS:
            self.sql.run(
                "insert into casework.teams (code, name) values (%s, %s);"
                " update casework.product_areas set team = %s where code = %s",
                f"team_{area}", f"Team {area}", f"team_{area}", area)
        self.advisors = [
            self.advisor(f"Advisor of {area} {n}", team=f"team_{area}",
                         product_areas=[area])
            for area in AREAS for n in (1, 2)]
        self.leads = [self.advisor(f"Lead of {area}", "lead", "advisor",
                                   team=f"team_{area}") for area in AREAS]
        self.engineer = self.advisor("Engineer", "development_engineer",
                                     "advisor", team="technical_services")
        self.on_call = self.advisor("On call", "advisor")
        self.chief = self.world.caller("staff:3")
        self.districts = []
        for number in range(DISTRICTS):
            district = self.world.district(
                hosting=("campus_hosted", "self_hosted")[number % 2])
            district.people = [district.contact()]
            if number % 4:                  # a quarter has one contact only
                district.people.append(district.contact(kind="technical"))
            if number % 3 == 0:
                self.sql.run("update casework.districts set product_areas ="
                             " %s where id = %s", ["attendance"], district.id)
            self.districts.append(district)
        self.analyst = self.advisor("Analyst", "state_reporting_analyst",
                                    "advisor")
        self.partners()

    def partners(self):
        """A partner of two people, and the Department of a state of its own."""
        self.partner = self.world.partner(*self.districts[20:25])
        self.partner.people = [self.sql.value(
            "insert into casework.partner_people (partner_id, name, email)"
            " values (%s, %s, %s) returning id", self.partner.id, name,
            f"{name.lower()}@partner.example") for name in ("Ada", "Grace")]
        self.sql.run("update casework.districts set state = 'WY'"
                     " where id = %s", self.districts[26].id)
        made = self.chief.post("/v1/partners", {
            "name": "Department of Education", "owner": "State reporting",
            "kind": "state_department", "state": "WY"}).expect(201)
        self.department = self.world.caller(f"partner:{made['id']}")

    # -- what they do ----------------------------------------------------

    def submit(self, number, **changes):
        """The first contact of that district submits a case."""
        district = self.districts[number]
        case = district.people[0].submit(
            product_area=AREAS[number % len(AREAS)], **changes)
        case.number, case.district = number, district
        self.cases.append(case)
        return case

    def take_all(self):
        """Each advisor takes what is next and answers it, until nobody finds
        anything; the case knows who has it."""
        by_id = {case.id: case for case in self.cases}
        idle = set()
        for advisor in itertools.cycle(self.advisors):
            if len(idle) == len(self.advisors):
                return
            answer = advisor.post("/v1/desk/next")
            if answer.status != 200:
                idle.add(advisor.id)
                continue
            case = by_id.get(answer["id"])
            if case is not None:            # not of the demonstration data
                case.owner = advisor
                case.note(advisor, "We look into it.").expect(201)


class Told:
    """Who was told of what, by what the database keeps: a mail that is sent or
    waits, an alert, or the reason why there is none."""

    def __init__(self, sql):
        self.mails = {}
        for row in sql.rows(
                "select source, event_id, recipient_kind, recipient_id,"
                " kind, state from casework.mails"):
            key = (row["source"], row["event_id"])
            self.mails.setdefault(key, {})[
                f"{row['recipient_kind']}:{row['recipient_id']}"] = row
        self.alerts = {}
        for row in sql.rows("select kind, cause, staff_ids"
                            " from casework.alerts"):
            for staff in row["staff_ids"]:
                self.alerts.setdefault(f"staff:{staff}", set()).add(
                    (row["kind"], row["cause"]))

    def mailed(self, source, event_id):
        """Everybody who has, or will get, a mail about the event."""
        return {who for who, row in self.mails.get((source, event_id), {}
                                                   ).items()
                if row["state"] in ("queued", "sent")}

    def alerted(self, kind, cause):
        return {who for who, alerts in self.alerts.items()
                if (kind, str(cause)) in alerts}
