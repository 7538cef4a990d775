"""Settings that can't be used, and what a person is told: the setting's name, one sentence, no traceback."""

import logging
import os
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rich.console import Console

from services.cli import context, error_messages, main, preflight
from services.domain import taxonomy, taxonomy_changes
from services.domain.taxonomy import InvalidTaxonomy
from services.local import run_file
from services.local.supervisor import last_message
from services.migrations.upgrade import upgrade
from services.runtime.errors import InvalidInput, ParvisError
from services.runtime.kafka_connection import tls_context
from services.runtime.settings import KafkaSettings, Settings

LETTER = "---\nid: lamp\ntitle: Lamps\nurl: https://city.example/lamps\nlanguage: en\n---\nWe repair lamps.\n"


@pytest.fixture(autouse=True)
def _data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARVIS_DATA_DIR", str(tmp_path / "data"))


def error_of(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    """What a command says that ends with 1."""
    monkeypatch.setattr("sys.argv", ["parvis", *words])
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 1
    return capsys.readouterr().err.strip()


@pytest.mark.parametrize("command", [("up",), ("serve", "drafting"), ("serve", "dispatch"), ("people", "list"), ("status",)])
@pytest.mark.parametrize(
    ("name", "value"),
    [("PARVIS_UNDO_SECONDS", "abc"), ("PARVIS_UNDO_SECONDS", "-5"), ("PARVIS_LOG_LEVEL", "LOUD"), ("PARVIS_LLM_AT_ONCE", "0")],
)
def test_a_setting_that_is_no_value_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    error = error_of(capsys, monkeypatch, *command)

    assert error.startswith(f"{name} is {value!r}: ")
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize(
    ("service", "name", "value"),
    [
        ("dispatch", "PARVIS_SMTP_URL", "http://x"),
        ("dispatch", "PARVIS_MAIL_FROM", "nobody"),
        ("drafting", "PARVIS_KNOWLEDGE_DIR", "/nope"),
        ("drafting", "PARVIS_LLM_BASE_URL", "localhost:8080/v1"),
        ("drafting", "PARVIS_LLM_BASE_URL", "ftp://x/v1"),
        ("triage", "PARVIS_TAXONOMY", "/nope"),
        ("review", "PARVIS_TAXONOMY", "/"),
        ("intake", "PARVIS_DATABASE_URL", "mysql://user:hunter2@x/parvis"),
        ("intake", "PARVIS_DATABASE_URL", "hunter2"),
        ("intake", "PARVIS_DATABASE_URL", "postgresql://user:hunter2@x:port/parvis"),
    ],
)
def test_nothing_starts_with_a_setting_that_a_service_can_not_start_with(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, service: str, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.setenv("PARVIS_KAFKA_BOOTSTRAP", "127.0.0.1:1")

    for command in (("up",), ("serve", service)):
        error = error_of(capsys, monkeypatch, *command)

        assert error.startswith(name)
        assert len(error.splitlines()) == 1
        assert "hunter2" not in error
    assert not (tmp_path / "data" / "logs").exists()


@pytest.mark.parametrize("articles", [{}, {"lamp.md": b"no front matter"}, {"lamp.md": b"\xff\xfe"}])
def test_knowledge_that_can_not_be_used_is_told_with_its_setting(tmp_path: Path, articles: dict[str, bytes]) -> None:
    for name, text in articles.items():
        (tmp_path / name).write_bytes(text)

    with pytest.raises(InvalidInput, match=r"^PARVIS_KNOWLEDGE_DIR: "):
        preflight.check(Settings(knowledge_dir=tmp_path), ["drafting"])


def test_settings_that_can_be_used_are(tmp_path: Path) -> None:
    (tmp_path / "lamp.md").write_text(LETTER)

    preflight.check(Settings(knowledge_dir=tmp_path, smtp_url="smtp://127.0.0.1:2525"))
    preflight.check(Settings(database_url="postgres://u:p@/parvis?host=/run/pg"))
    preflight.check(Settings(database_url=f"sqlite+aiosqlite:///{tmp_path}/a.db"))


def test_a_fault_of_another_service_does_not_stop_this_one() -> None:
    preflight.check(Settings(mail_from="nobody", knowledge_dir=Path("/nope"), taxonomy=Path("/nope")), ["intake"])


@pytest.mark.parametrize(
    "text", ["a: &a [*a]", "&a [*a]", "[" * 5000, "version: 2026-13-45", "version: [", "- 1", "", "\x00"], ids=lambda text: repr(text[:12])
)
def test_a_taxonomy_that_is_none_is_told_and_never_a_traceback(text: str) -> None:
    with pytest.raises(InvalidTaxonomy, match=r"^kinds\.yaml"):
        taxonomy.parse(text, "kinds.yaml")
    with pytest.raises(InvalidTaxonomy, match=r"^kinds\.yaml"):
        taxonomy_changes.read(text, "kinds.yaml")


def test_the_taxonomy_of_the_settings_is_told_by_every_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kinds = tmp_path / "kinds.yaml"
    kinds.write_bytes(b"\xff")
    monkeypatch.setenv("PARVIS_TAXONOMY", str(kinds))

    error = error_of(capsys, monkeypatch, "taxonomy", "check", str(taxonomy.DEFAULT))

    assert error == f"{kinds}: not UTF-8 at byte 0; save it as UTF-8 first"


def test_a_certificate_authority_that_is_not_there_is_named_with_its_setting(tmp_path: Path) -> None:
    no_pem = tmp_path / "empty.pem"
    no_pem.write_text("nothing")

    for file in (Path("/nope"), no_pem):
        with pytest.raises(InvalidInput, match=f"PARVIS_KAFKA_SECURITY_CAFILE: {file}"):
            tls_context(KafkaSettings(bootstrap="x:1", security_protocol="SSL", security_cafile=file))


def test_a_data_directory_that_is_a_file_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("PARVIS_DATA_DIR", str(tmp_path / "file"))

    for command in (("up",), ("people", "list"), ("up", "--data-dir", str(tmp_path / "file" / "below"))):
        assert "no directory: choose another with --data-dir" in error_of(capsys, monkeypatch, *command)


def test_a_damaged_database_is_told_with_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "parvis.db").write_bytes(b"not a database " * 1000)

    error = error_of(capsys, monkeypatch, "people", "list")

    assert "damaged" in error
    assert "backup" in error
    assert len(error.splitlines()) == 1


def test_a_bug_is_no_fault_of_the_person_and_keeps_its_traceback() -> None:
    assert error_messages.sentence(ValueError("ours")) is None
    assert error_messages.sentence(sa.exc.IntegrityError("insert", {}, Exception("not unique"))) is None


def test_the_data_directory_is_for_its_user_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    data = tmp_path / "new"
    before = os.umask(0)
    try:
        run_file.keep_private(data)
    finally:
        os.umask(before)

    assert data.stat().st_mode & 0o777 == 0o700
    assert not caplog.records


def test_an_open_data_directory_of_ours_is_closed_and_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    data = tmp_path / "old"
    data.mkdir()
    data.chmod(0o755)
    (data / "parvis.db").touch()

    run_file.keep_private(data)
    run_file.keep_private(data)

    assert data.stat().st_mode & 0o777 == 0o700
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_a_directory_with_other_things_in_it_is_left_as_it_is_and_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    shared = tmp_path / "shared"
    (shared / "holidays").mkdir(parents=True)
    shared.chmod(0o755)

    run_file.keep_private(shared)
    run_file.keep_private(shared)

    assert shared.stat().st_mode & 0o777 == 0o755
    assert len(caplog.records) == 1


def test_a_group_may_read_where_somebody_let_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    data = tmp_path / "group"
    data.mkdir()
    data.chmod(0o750)
    (data / "parvis.db").touch()

    run_file.keep_private(data)

    assert data.stat().st_mode & 0o777 == 0o750
    assert not caplog.records


def test_brackets_in_a_table_are_brackets() -> None:
    console = Console(width=200)
    with console.capture() as shown:
        console.print(context.table("in [/tmp]", ("[model]",), [("[/red] [bold]x[/]",)]))

    assert [line.strip() for line in shown.get().splitlines()] == ["in [/tmp]", "[model]", "[/red] [bold]x[/]"]


def test_an_empty_file_publishes_nothing_and_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    empty = tmp_path / "requests.jsonl"
    empty.write_text("\n\n")

    assert error_of(capsys, monkeypatch, "publish", "--dry-run", str(empty)).startswith(f"no request in {empty}: ")


@pytest.mark.parametrize(
    ("log", "last"),
    [
        ("a\nPARVIS_X is wrong\n\n", "PARVIS_X is wrong"),
        ('{"message": "first"}\n{"message": "it broke", "error": "ValueError"}\n', "it broke (ValueError)"),
        ("17\n", "17"),
        ("", "its log is empty"),
    ],
)
def test_what_a_service_said_last_is_found_in_its_log(tmp_path: Path, log: str, last: str) -> None:
    path = tmp_path / "triage.log"
    path.write_text(log)

    assert last_message(path) == last


def test_a_good_database_is_no_fault(tmp_path: Path) -> None:
    upgrade(f"sqlite+aiosqlite:///{tmp_path}/parvis.db")

    assert context.in_transaction(Settings(data_dir=tmp_path), _nothing) is None


async def _nothing(_: Any) -> None:
    """Work that does none."""


def test_every_error_that_we_raise_has_its_sentence() -> None:
    assert error_messages.sentence(ParvisError("say it")) == "say it"
