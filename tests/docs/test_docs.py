"""What is documented is compared with what there is."""

import json
import re
from importlib import import_module
from pathlib import Path

import pytest
import typer

from schemas.topics import TOPICS
from services.cli import asyncapi, schemas
from services.cli.lazy_commands import COMMANDS, loaded
from services.runtime.broker import kafka_broker
from services.runtime.retry import Health
from services.runtime.settings import SERVICES, EmbeddingsSettings, KafkaSettings, LlmSettings, OidcSettings, Settings, SigningSettings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def documented() -> dict[str, tuple[str, str]]:
    rows = re.findall(r"^\| `(PARVIS_[A-Z0-9_]+)` \| (.*?) \| (.*?) \|$", README, re.MULTILINE)
    return {name: (default.strip("`"), meaning) for name, default, meaning in rows}


def settings() -> dict[str, tuple[str, str]]:
    settings = {}
    for group, prefix in (
        (Settings, "PARVIS_"),
        (KafkaSettings, "PARVIS_KAFKA_"),
        (SigningSettings, "PARVIS_SIGNING_"),
        (OidcSettings, "PARVIS_OIDC_"),
        (LlmSettings, "PARVIS_LLM_"),
        (EmbeddingsSettings, "PARVIS_EMBEDDINGS_"),
    ):
        for name, field in group.model_fields.items():
            if name in ("embeddings", "kafka", "llm", "oidc", "signing"):
                continue
            default = field.get_default()
            shown = default.get_secret_value() if hasattr(default, "get_secret_value") else default
            text = "" if shown in ("", None, ()) else str(shown)
            settings[f"{prefix}{name.upper()}"] = (f"./{text}" if isinstance(shown, Path) else text, field.description or "")
    return settings


def test_the_readme_has_every_setting_with_its_default_and_meaning() -> None:
    assert documented() == settings()


def commands(command: typer.core.TyperGroup | object, name: str = "parvis") -> list[tuple[str, object]]:
    group = getattr(command, "commands", None)
    return [(name, command)] if group is None else [entry for key, sub in group.items() for entry in commands(sub, f"{name} {key}")]


EVERY_COMMAND = [entry for top in COMMANDS for entry in commands(loaded(top), f"parvis {top}")]


@pytest.mark.parametrize(("name", "command"), EVERY_COMMAND, ids=lambda value: value if isinstance(value, str) else "")
def test_every_command_says_what_it_does(name: str, command: object) -> None:
    assert str(getattr(command, "help", "")).strip(), name


def test_the_readme_names_every_group_of_commands() -> None:
    groups = {" ".join(name.split()[:2]) for name, _ in EVERY_COMMAND}
    assert {name for name in groups if f"`{name}" not in README} == set()


def test_the_runtimes_readme_lists_what_is_there() -> None:
    folder = ROOT / "services" / "runtime"
    listed = set(re.findall(r"^\| `(\w+\.py)` \|", (folder / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert listed == {path.name for path in folder.glob("*.py")} - {"__init__.py"}


def test_the_table_of_topics_says_who_reads_what() -> None:
    text = (ROOT / "services" / "README.md").read_text(encoding="utf-8")
    readers = {
        topic: set(re.findall(r"\w+", names))
        for topic, names in re.findall(r"^\| `(parvis\.[\w.-]+)` \| .*? \| (.*?) \|", text, re.MULTILINE)
    }
    assert set(readers) == {topic.name for topic in TOPICS}
    for service in SERVICES:
        broker = kafka_broker(service, Settings(kafka=KafkaSettings(bootstrap="127.0.0.1:1")), Health())
        handlers = import_module(f"services.{service}.handlers")
        broker.include_router(handlers.route if hasattr(handlers, "route") else handlers.routes(1))
        reads = {topic for subscriber in broker.subscribers for topic in subscriber.topic_names}  # type: ignore[attr-defined]  # Kafka's have it
        follows = {topic.name for topic in TOPICS if service in topic.followers}
        assert reads | follows == {topic for topic, names in readers.items() if service in names}, service


def test_the_asyncapi_document_is_what_the_code_says() -> None:
    exported = json.loads((schemas.FOLDER / asyncapi.FILE).read_text(encoding="utf-8"))
    assert exported == asyncapi.document(), "run `parvis schemas export`"


def test_each_topic_says_itself_what_it_is_called() -> None:
    for topic in TOPICS:
        assert getattr(topic.model, "topic", None) == topic.name or getattr(topic.model, "record_topic", None) == topic.name


def test_links_between_documents_lead_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "services").glob("**/README.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
