"""The phone system of a test, and the calls that come through it."""


class Phone:
    def __init__(self, telephony):
        self.telephony = telephony

    def pin(self, contact):
        """Contact number and PIN, as the contact enters them."""
        answer = contact.post("/v1/phone-pin").expect(201)
        return {"contact_number": answer["contact_number"],
                "pin": answer["pin"]}

    def route(self, entered, **more):
        return self.telephony.post("/v1/calls/routing", {**entered, **more}
                                   ).expect(200)

    def call(self, **body):
        """A call as the phone system records it; nobody is verified."""
        return Call(self, self.telephony.post("/v1/calls", body).expect(201))

    def routed_call(self, contact, **more):
        """A call of a contact who has entered number and PIN."""
        routing = self.route(self.pin(contact), **more)
        return self.call(routing_id=routing["routing_id"])

    def talk(self, advisor, contact):
        """A call that the advisor answers, the caller verified."""
        call = self.call()
        call.answer(advisor).expect(200)
        call.verify(advisor, contact).expect(200)
        return call


class Call:
    def __init__(self, phone, answer):
        self.telephony = phone.telephony
        self.id = answer["id"]
        self.path = f"/v1/calls/{self.id}"
        self.record = answer

    def answer(self, advisor, by=None):
        return (by or self.telephony).post(self.path + "/answer", {
            "advisor_id": advisor.id})

    def hang_up(self):
        return self.telephony.post(self.path + "/hang-up")

    def verify(self, by, contact, method="call_back"):
        return by.post(self.path + "/verification", {
            "contact_id": contact.id, "method": method})

    def link(self, by, case):
        return by.post(self.path + "/case", {"case_id": case.id})

    def cases(self, by, **query):
        return by.get(self.path + "/cases", query=query).expect(200).ids


def take_calls(advisor, on_shift=True, paused=False, extension="2417"):
    """The advisor says whether it takes calls."""
    return advisor.post("/v1/availability", {
        "on_shift": on_shift, "paused": paused, "extension": extension})
