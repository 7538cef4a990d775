"""Valid sample requests in every form that the contract has allowed: a release that fails at one is broken, not what came in.

Lines are added to the file, never changed: they stand for what agencies have in flight when a release comes.
"""

from importlib.resources import files

NAME = "reference_requests.jsonl"


def values() -> list[bytes]:
    """Each as the bytes of a record."""
    return (files(__package__) / NAME).read_bytes().splitlines()
