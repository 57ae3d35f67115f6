"""A reader of the event feed, who keeps its place."""

from instance import until
from sql import until_settled

EVENTS = "/v1/events"


class Feed:
    """What a caller reads from now on, or from the beginning. From now on is
    what is written from now on, unless it begins while something is open."""

    def __init__(self, caller, start="now", open_=False, **filters):
        self.caller = caller
        self.query = {"start": start, **filters}
        self.position = None
        self.etag = None
        self.seen = []
        if start == "now":
            if not open_:
                until_settled(caller.world.sql)
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

    def until(self, wanted):
        """The first event that wanted(event), among all seen so far."""
        def found():
            self.read()
            return next((e for e in self.seen if wanted(e)), None)
        return until(found)

    def until_seen(self, ids):
        """Reads on until all these have come."""
        wanted = set(ids)
        self.until(lambda _: wanted <= set(self.ids()))

    def of_type(self, name):
        return self.until(lambda event: event["type"] == name)

    def types(self):
        return [event["type"] for event in self.seen]

    def ids(self):
        return [event["id"] for event in self.seen]
