"""`parvis publish`: files straight to Kafka."""

import codecs
from pathlib import Path

import pytest

from tests.builders import a_request, as_lines
from tests.harness.running_stack import Caseworker, Installation

pytestmark = pytest.mark.journey


def test_a_bad_line_is_told_by_number_and_field_and_the_good_ones_go(parvis: Installation, anna: Caseworker, tmp_path: Path) -> None:
    good = [a_request(subject="From a file") for _ in range(3)]
    file = tmp_path / "requests.jsonl"
    file.write_text(as_lines(good[0], "{not json", good[1], a_request(body="", channel="pigeon"), good[2]))

    would = parvis.run("publish", "--dry-run", file)
    did = parvis.run("publish", file)

    for ended in (would, did):
        assert ended.returncode == 1
        second, fourth = [line for line in ended.stderr.splitlines() if str(file) in line]
        assert f"{file}:2: " in second
        assert "JSON" in second
        assert f"{file}:4: " in fourth
        assert "body" in fourth
        assert "channel" in fourth
    assert would.stdout.strip() == "3 would be published, 2 not"
    assert did.stdout.strip() == "3 published, 2 not"
    for request in good:
        anna.brings_to_approval(request["request_id"])
    assert len(anna.queue(q="From a file")) == 3


def test_a_file_of_good_lines_ends_well(parvis: Installation, anna: Caseworker, tmp_path: Path) -> None:
    request = a_request()
    file = tmp_path / "requests.jsonl"
    file.write_text(as_lines(request))

    assert parvis.prints("publish", file) == "1 published, 0 not"

    anna.brings_to_approval(request["request_id"])


def test_what_a_line_says_in_vain_is_named_and_the_line_goes(parvis: Installation, anna: Caseworker, tmp_path: Path) -> None:
    request = a_request(language="français", citizen={"name": "Ines Marlow", "email": ""})
    file = tmp_path / "requests.jsonl"
    file.write_bytes(codecs.BOM_UTF8 + as_lines(request).encode() + codecs.BOM_UTF8 + b"\n")

    ended = parvis.run("publish", file)

    assert (ended.returncode, ended.stdout.strip()) == (0, "1 published, 0 not")
    [line] = [line for line in ended.stderr.splitlines() if str(file) in line]
    assert line.startswith(f"{file}:1: sent without language: ")
    case = anna.brings_to_approval(request["request_id"])
    assert [(dropped["field"], dropped["value"]) for dropped in case["request"]["dropped"]] == [("language", "français")]
