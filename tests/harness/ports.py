"""Finds ports that nobody listens on."""

import random
import socket

_GIVEN: set[int] = set()
"""Ports that somebody in this process was given: a server that has not begun to listen on its own must not lose it to another."""


def free_port(together: int = 1) -> int:
    """The first of so many neighbouring ports that nobody listens on now, and that no outgoing connection is given later."""
    while True:
        port = random.randrange(10_000, 20_000)
        ports = range(port, port + together)
        if _GIVEN.isdisjoint(ports) and all(map(_is_free, ports)):
            _GIVEN.update(ports)
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
    return True
