"""The security pages stay true to the house: every requirement once, and what is named as proof is there."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ASVS = (ROOT / "docs" / "security-asvs.md").read_text(encoding="utf-8")
SECURITY = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+\.\d+\.\d+) \| ([^|]*) \| ([^|]*) \|([^|]*)\|$", ASVS, re.MULTILINE)

LEVELS_1_AND_2 = {
    "1": {1: 2, 2: 9, 3: 11, 4: 3, 5: 2},
    "2": {1: 3, 2: 3, 3: 4, 4: 1},
    "3": {2: 2, 3: 4, 4: 6, 5: 5, 7: 2},
    "4": {1: 3, 2: 1, 3: 2, 4: 4},
    "5": {1: 1, 2: 3, 3: 2, 4: 3},
    "6": {1: 3, 2: 12, 3: 4, 4: 4, 5: 5, 6: 3, 8: 4},
    "7": {1: 3, 2: 4, 3: 2, 4: 5, 5: 2, 6: 2},
    "8": {1: 2, 2: 3, 3: 1, 4: 1},
    "9": {1: 3, 2: 4},
    "10": {1: 2, 2: 2, 3: 4, 4: 11, 5: 5, 6: 2, 7: 3},
    "11": {1: 2, 2: 3, 3: 3, 4: 4, 5: 1, 6: 1},
    "12": {1: 3, 2: 2, 3: 4},
    "13": {1: 1, 2: 5, 3: 2, 4: 5},
    "14": {1: 2, 2: 4, 3: 3},
    "15": {1: 3, 2: 3, 3: 7},
    "16": {1: 1, 2: 5, 3: 4, 4: 3, 5: 3},
    "17": {1: 1, 2: 4, 3: 2},
}
"""How many requirements of ASVS 5.0.0 each section has; in every section those of level 3 come last."""


def proofs(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def names_of_tests() -> set[str]:
    files = (ROOT / "tests").rglob("test_*.py")
    return {name for file in files for name in re.findall(r"^(?:async )?def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)}


def test_every_requirement_of_both_levels_stands_there_once_and_in_order() -> None:
    wanted = [
        f"{chapter}.{section}.{number}"
        for chapter, sections in LEVELS_1_AND_2.items()
        for section, count in sections.items()
        for number in range(1, count + 1)
    ]
    assert [number for number, *_ in ROWS] == wanted
    assert len(re.findall(r"^\| \d", ASVS, re.MULTILINE)) == len(ROWS)


def test_every_line_has_a_state_and_a_reason_and_what_is_met_has_a_proof() -> None:
    for number, state, how, shown_by in ROWS:
        assert state in ("met", "not met", "does not apply"), number
        assert how.strip(), number
        assert state != "met" or proofs(shown_by), number


def test_every_test_and_file_that_is_named_as_proof_is_there() -> None:
    named = {proof for *_, shown_by in ROWS for proof in proofs(shown_by)}
    tests = {proof for proof in named if proof.startswith("test_")}
    assert tests - names_of_tests() == set()
    assert {proof for proof in named - tests if not (ROOT / proof).is_file()} == set()


def test_the_figures_at_the_top_are_those_of_the_lines() -> None:
    states = Counter(state for _, state, *_ in ROWS)
    top = f"**{states['met']} met, {states['not met']} not met, {states['does not apply']} do not apply.**"
    assert top in ASVS
    assert f"Each of the {len(ROWS)} requirements" in ASVS


@pytest.mark.parametrize("command", ["people sign-out", "people remove", "tokens revoke", "agencies revoke", "agencies webhook"])
def test_every_command_that_the_page_names_is_there(command: str) -> None:
    from typer.testing import CliRunner  # noqa: PLC0415

    from services.cli.main import app  # noqa: PLC0415 - the pages alone need no command

    assert f"parvis {command}" in SECURITY
    assert CliRunner().invoke(app, [*command.split(), "--help"]).exit_code == 0
