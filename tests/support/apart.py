"""An instance on a PostgreSQL server of its own, for tests that do to the server
what others would not survive."""

import contextlib

from client import Service
from instance import Instance
from servers import Server
from tokens import Tokens
from world import World


class Apart:
    def __init__(self, contract, scopes):
        self.contract = contract
        with contextlib.ExitStack() as begun:
            self.primary = Server()
            begun.callback(self.primary.end)
            self.instance = Instance(DATABASE_URL=self.primary.url(),
                                     WORKER="0")
            begun.callback(self.instance.remove)
            service = Service(self.instance.url, contract)
            begun.callback(service.close)
            self.world = World(service, Tokens(self.instance.keys_file,
                                               scopes), self.primary.sql)
            self.contact = self.world.district().contact()
            self.end = begun.pop_all().close
