"""What a password that somebody chooses must be: long, and none that is guessed first. Pure; the list is read at each use and not kept."""

import re
from collections.abc import Collection
from itertools import pairwise

from services.runtime.errors import InvalidInput

SHORTEST = 12
LONGEST = 1000  # characters that are hashed: more than any password, and no work for nothing
LEAST_DIFFERENT = 5
SHORTEST_NAME = 4  # of a part of a name that a password must not be made of

_LOOKALIKES = str.maketrans("013457@$!", "oleastasi")


def check_password(password: str, words_of_theirs: Collection[str], common: Collection[str]) -> None:
    """Raises InvalidInput where it is too short, or what others would try first. No kind of character is asked for."""
    if len(password) < SHORTEST:
        raise InvalidInput(f"new: at least {SHORTEST} characters, this has {len(password)}; a few words in a row do well", field="new")
    if len(password) > LONGEST:
        raise InvalidInput(f"new: at most {LONGEST} characters, this has {len(password)}", field="new")
    if len(set(password)) < LEAST_DIFFERENT or _is_a_row(password):
        raise InvalidInput("new: this is one character over and over, or a row of them; choose another", field="new")
    plain = password.lower()
    rest = plain
    for word in sorted(_parts(words_of_theirs), key=len, reverse=True):
        rest = rest.replace(word, "")
    if len(rest) < min(len(plain), SHORTEST - SHORTEST_NAME):
        raise InvalidInput("new: this is little more than your name or address; choose another", field="new")
    if cores_of(password) & set(common):
        raise InvalidInput("new: this is one of the passwords that are tried first; choose another", field="new")


def check_change(former: str, new: str, again: str, words_of_theirs: Collection[str], common: Collection[str]) -> None:
    """The same of a change, which is typed twice and is one."""
    if new != again:
        raise InvalidInput("again: the new password was not typed twice alike", field="again")
    if new == former:
        raise InvalidInput("new: this is the former password; choose another", field="new")
    check_password(new, words_of_theirs, common)


def cores_of(password: str) -> set[str]:
    """What the password comes to without ornaments: small letters, digits that stand for letters, what is put before and after, repeats."""
    plain = password.lower()
    bare = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    cores = {plain, bare, plain.translate(_LOOKALIKES), bare.translate(_LOOKALIKES), re.sub(r"[\W_]+", "", plain)}
    return {core for whole in cores for core in (whole, _once(whole)) if core}


def _once(text: str) -> str:
    """The part that is repeated, where the text is nothing else."""
    at = (text + text).find(text, 1)
    return text[:at]


def _is_a_row(text: str) -> bool:
    # As on a keyboard, 0 follows 9.
    return all(abs(ord(b) - ord(a)) in ((0, 1, 9) if (a + b).isdigit() else (0, 1)) for a, b in pairwise(text))


def _parts(words: Collection[str]) -> set[str]:
    return {part for word in words for part in re.split(r"[\W_]+", word.lower()) if len(part) >= SHORTEST_NAME}
