"""`parvis drafts evaluate` holds a golden set to floors, and asks no model where told so."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli import drafts
from services.drafting import draft_report
from services.drafting.draft_report import Shares
from services.runtime.errors import InvalidInput

run = CliRunner()
LETTER = {"id": "x", "language": "en", "message": "Qwerty asdf zxcv?", "category": "other", "abstain": True, "must_say": [["Zanzibar"]]}


@pytest.fixture
def golden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    # Nothing answers there: a model that was asked would make the test wait and fail.
    monkeypatch.setenv("PARVIS_LLM_BASE_URL", "http://127.0.0.1:9/v1")
    (tmp_path / "golden.jsonl").write_text(json.dumps(LETTER) + "\n", encoding="utf-8")
    return str(tmp_path / "golden.jsonl")


def test_a_share_below_its_floor_ends_with_1_and_says_which(golden: str) -> None:
    done = run.invoke(drafts.drafts, ["evaluate", golden, "--template", "--floors", "silent=1, says_all=0.5,wrong_unmarked=0"])
    assert done.exit_code == 1
    assert done.stderr.strip() == "says all is 0.000, at least 0.5 is wanted"


def test_floors_that_are_held_end_with_0_and_json_stays_json(golden: str) -> None:
    done = run.invoke(drafts.drafts, ["evaluate", golden, "--template", "--json", "--floors", "silent=1"])
    assert done.exit_code == 0
    report = json.loads(done.stdout)
    assert (report["all"]["silent"], report["drafts"][0]["drafted_by"]) == (1.0, "template")


def test_wrong_drafts_that_nothing_marks_have_a_ceiling() -> None:
    shares = Shares(10, good=0.5, right_passage=0.5, silent=0.5, says_all=0.5, says_nothing_wrong=0.5, wrong_unmarked=0.4)
    assert draft_report.missed(shares, {"wrong_unmarked": 0.4, "good": 0.5}) == []
    assert draft_report.missed(shares, {"wrong_unmarked": 0.3}) == ["wrong unmarked is 0.400, at most 0.3 is wanted"]


@pytest.mark.parametrize("floors", ["good", "good=much", "best=0.5", "good=2", "good=-1", "good=nan", "messages=1"])
def test_floors_that_are_none_are_told_with_the_option(golden: str, floors: str) -> None:
    with pytest.raises(InvalidInput, match="--floors"):
        run.invoke(drafts.drafts, ["evaluate", golden, "--template", "--floors", floors], catch_exceptions=False)


def test_a_part_that_no_message_has_is_no_success(golden: str) -> None:
    with pytest.raises(InvalidInput, match="no message of the part 'dev'"):
        run.invoke(drafts.drafts, ["evaluate", golden, "--template", "--part", "dev"], catch_exceptions=False)
