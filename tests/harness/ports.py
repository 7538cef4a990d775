"""Finds ports that nobody listens on."""

import random
import socket


def free_port(together: int = 1) -> int:
    """The first of so many neighbouring ports that nobody listens on now, and that no outgoing connection is given later."""
    while True:
        port = random.randrange(10_000, 20_000)
        if all(_is_free(port + further) for further in range(together)):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
    return True
