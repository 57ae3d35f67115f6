"""TCP in front of a server, which can fall silent as a dead machine does: what
is sent arrives nowhere, and nobody is told.
"""

import contextlib
import selectors
import socket
import threading

from ports import free_port


class Relay:
    """Notes in `asked`, which several may share, that it was connected to."""

    def __init__(self, name, target, asked):
        self.name, self.target, self.asked = name, target, asked
        self.port = str(free_port())
        self.speaks = threading.Event()
        self.speaks.set()
        self.ended = False
        self.pairs = {}         # socket → the one at its other end
        self.selector = selectors.DefaultSelector()
        self.listener = socket.create_server(("127.0.0.1", int(self.port)),
                                             backlog=1024)
        self.newcomers = selectors.DefaultSelector()
        for selector in (self.selector, self.newcomers):
            selector.register(self.listener, selectors.EVENT_READ)
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    @contextlib.contextmanager
    def silent(self):
        """Until the end of the block; what was sent meanwhile arrives then."""
        self.speaks.clear()
        try:
            yield
        finally:
            self.speaks.set()

    def run(self):
        while not self.ended:
            selector = (self.selector if self.speaks.is_set() else
                        self.newcomers)
            for key, _ in selector.select(0.05):
                if key.fileobj is self.listener:
                    self.accept()
                elif self.speaks.is_set():
                    self.pass_on(key.fileobj)

    def accept(self):
        client, _ = self.listener.accept()
        self.asked.append(self.name)
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            client.close()
            return
        for one, other in ((client, server), (server, client)):
            self.pairs[one] = other
            self.selector.register(one, selectors.EVENT_READ)

    def pass_on(self, one):
        if one not in self.pairs:
            return              # its pair has ended in this turn
        try:
            data = one.recv(65536)
            if data:
                self.pairs[one].sendall(data)
                return
        except OSError:
            pass
        other = self.pairs.pop(one)
        del self.pairs[other]
        for end in (one, other):
            self.selector.unregister(end)
            end.close()

    def end(self):
        self.ended = True
        self.speaks.set()
        self.thread.join(60)
        for one in (*self.pairs, self.listener):
            one.close()
        self.selector.close()
        self.newcomers.close()
