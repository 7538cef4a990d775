"""The token by which an answer joins its case from an address or a subject."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain import reply_tokens
from services.domain.reply_tokens import request_in, token_of

CASE = UUID("6f1d3a52-8c0e-4b7a-9d21-0e5f6a7b8c9d")
TOKEN = token_of(CASE)


@given(st.uuids())
def test_every_case_number_comes_back_from_its_token_however_a_server_writes_it(number: UUID) -> None:
    token = token_of(number)
    assert len(token) == reply_tokens.LENGTH
    assert request_in(f"answers+{token}@city.example") == [number]
    assert request_in(f"Re: Lamp [{token.upper()}]") == [number]


@pytest.mark.parametrize(
    "text",
    [
        f"City <answers+{TOKEN}@city.example>",
        f"ANSWERS+{TOKEN.upper()}@CITY.EXAMPLE",
        f"AW: Antw: the lamp [{TOKEN}]",
        f"{TOKEN} and once more {TOKEN}",
    ],
)
def test_a_token_is_read_where_mails_carry_one(text: str) -> None:
    assert request_in(text) == [CASE]


@pytest.mark.parametrize(
    "text",
    ["", f"answers+{TOKEN}x@city.example", f"answers+{TOKEN[:-1]}@city.example", f"{TOKEN[:-1]}b", f"{TOKEN[:-1]}1", str(CASE)],
    ids=["nothing", "longer", "shorter", "bits left over", "no base32", "the whole number"],
)
def test_what_is_no_token_names_no_case(text: str) -> None:
    assert request_in(text) == []


def test_of_very_many_tokens_the_first_are_read() -> None:
    numbers = [UUID(int=number) for number in range(1, 100)]
    assert request_in(" ".join(token_of(number) for number in numbers)) == numbers[: reply_tokens.MOST]
