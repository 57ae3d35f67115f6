"""Ports for what tests start. Several test runs may be at work on a machine."""

import contextlib
import secrets
import socket

held = []       # what keeps other processes from choosing ours as well


def free_port():
    """Below those that the system gives to others before it is listened on.
    It is this process's until it ends: nobody else gets it from here before
    something listens. A name in the kernel says so and needs no clearing."""
    while True:
        port = secrets.choice(range(9000, 32768))
        claim = socket.socket(socket.AF_UNIX)
        with socket.socket() as probe, contextlib.suppress(OSError):
            claim.bind(f"\0casework-tests-port-{port}")
            probe.bind(("127.0.0.1", port))
            held.append(claim)
            return port
        claim.close()
