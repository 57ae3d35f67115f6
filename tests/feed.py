"""A reader of the event feed, who keeps its place."""

from instance import until

EVENTS = "/v1/events"


class Feed:
    """What a caller reads from now on, or from the beginning."""

    def __init__(self, caller, start="now", **filters):
        self.caller = caller
        self.query = {"start": start, **filters}
        self.position = None
        self.etag = None
        self.seen = []
        if start == "now":
            self.read()

    def ask(self, **options):
        query = dict(self.query)
        if self.position is not None:
            query["cursor"] = self.position
        return self.caller.get(EVENTS, query=query, **options)

    def read(self):
        """Reads on to the end; returns what is new."""
        new = []
        while True:
            page = self.ask().expect(200)
            new += page.items
            self.position, self.etag = page["position"], page.etag
            if not page["has_more"]:
                break
            assert page["next"] == page["position"]
        self.seen += new
        return new

    def until(self, wanted, seconds=10):
        """The first event that wanted(event), among all seen so far."""
        def found():
            self.read()
            return next((e for e in self.seen if wanted(e)), None)
        return until(found, seconds)

    def of_type(self, name):
        return self.until(lambda event: event["type"] == name)

    def types(self):
        return [event["type"] for event in self.seen]

    def ids(self):
        return [event["id"] for event in self.seen]
