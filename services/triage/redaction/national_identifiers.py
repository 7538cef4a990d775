"""Recognises national identity and insurance numbers by their shape and check digits."""

import re
from collections.abc import Callable
from functools import lru_cache

from stdnum import luhn, numdb
from stdnum.be import nn as be_nn
from stdnum.ch import ssn as ch_ssn
from stdnum.de import idnr as de_idnr
from stdnum.fr import nir as fr_nir
from stdnum.gb import nhs as gb_nhs
from stdnum.lt import asmens as lt_asmens
from stdnum.nl import bsn as nl_bsn
from stdnum.pl import pesel as pl_pesel
from stdnum.us import ssn as us_ssn

_Check = Callable[[str], bool]

_BY_LENGTH: dict[int, tuple[_Check, ...]] = {
    9: (us_ssn.is_valid, luhn.is_valid, nl_bsn.is_valid),
    10: (gb_nhs.is_valid, luhn.is_valid),
    11: (be_nn.is_valid, de_idnr.is_valid, pl_pesel.is_valid, lt_asmens.is_valid),
    13: (ch_ssn.is_valid,),
    15: (fr_nir.is_valid,),
}
_SHAPES: dict[int, frozenset[tuple[int, ...]]] = {
    9: frozenset({(9,), (3, 2, 4), (3, 3, 3)}),
    10: frozenset({(10,), (3, 3, 4), (6, 4)}),
    11: frozenset({(11,), (2, 2, 2, 3, 2), (6, 3, 2), (2, 3, 3, 3), (6, 5)}),
    13: frozenset({(13,), (3, 4, 4, 2)}),
    15: frozenset({(15,), (1, 2, 2, 2, 3, 3, 2), (13, 2)}),
}
NATIONAL_SHAPES: frozenset[tuple[int, ...]] = frozenset().union(*_SHAPES.values())


@lru_cache(maxsize=1)
def iban_lengths() -> dict[str, int]:
    """How many characters an account number has, for every country that python-stdnum's copy of the SWIFT registry knows."""
    registry = numdb.get("iban")
    return {
        country: len(country) + _CHECK_DIGITS + sum(map(int, _COUNTS.findall(str(facts["bban"]))))
        for _, country, _, facts, _ in registry.prefixes
    }


_COUNTS = re.compile(r"(\d+)!")  # "4!n20!c": four digits, twenty characters
_CHECK_DIGITS = 2


def is_national(digits: str, shape: tuple[int, ...]) -> bool:
    """Whether a country gives such numbers: the groups as they are written there, and the check digits right."""
    shapes = _SHAPES.get(len(digits))
    return shapes is not None and shape in shapes and _checks(digits)


@lru_cache(maxsize=8192)
def _checks(digits: str) -> bool:
    return any(check(digits) for check in _BY_LENGTH[len(digits)])
