"""The ids of mails (RFC 5322) that a reply may name: checked, since whoever wrote the mail has chosen them. Pure."""

import re
from collections.abc import Iterable

LONGEST = 400  # characters: the longest seen of mail programs are half of it, and a header field's line ends at 998
MOST = 20
"""Ids of one thread: the first, which names it, and the newest."""
_ID = re.compile(r"[!-;=?-~]{1,400}")  # visible ASCII but < and >


def message_id(text: str | None) -> str | None:
    """The id as a header field has it, in angle brackets; None where it is none that may stand there."""
    inner = (text or "").strip().removeprefix("<").removesuffix(">")
    # An encoded word would be read as the text that it stands for.
    return f"<{inner}>" if len(inner) <= LONGEST and _ID.fullmatch(inner) and "=?" not in inner else None


def thread(ids: Iterable[str]) -> list[str]:
    """The usable ids of a thread, the oldest first, each once: the first and the last of more than 20."""
    usable = list(dict.fromkeys(checked for text in ids if (checked := message_id(text))))
    return usable if len(usable) <= MOST else [usable[0], *usable[1 - MOST :]]
