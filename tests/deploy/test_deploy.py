"""What can be said of the image and the compose file where no container engine is: they fit their rules, each other, and the settings."""

import contextlib
import json
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import compose_spec
import pytest
import yaml
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from services.runtime.settings import SERVICES, EmbeddingsSettings, KafkaSettings, LlmSettings, OidcSettings, Settings, SigningSettings
from tests.harness.ports import free_port

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
OURS = {*SERVICES, "migrate", "topics"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """With its anchors resolved, and its variables as they are written."""
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return loaded


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    services: dict[str, Any] = compose["services"]
    return services


def variables() -> dict[str, bool]:
    """Those that the compose file asks for, and whether it insists."""
    text = "\n".join(line for line in (DEPLOY / "compose.yaml").read_text().splitlines() if not line.lstrip().startswith("#"))
    references = re.findall(r"(?<!\$)\$\{(\w+)(:[?-])?", text)
    return {name: how == ":?" for name, how in references}


GROUPS = (Settings, EmbeddingsSettings, KafkaSettings, LlmSettings, OidcSettings, SigningSettings)


def all_settings() -> dict[str, FieldInfo]:
    return {str(group.model_config["env_prefix"]) + name.upper(): field for group in GROUPS for name, field in group.model_fields.items()}


def known_settings() -> set[str]:
    return set(all_settings())


def secret_settings() -> set[str]:
    """What a service can be told that is nobody else's to know; the agency's own key is for `parvis publish` alone."""
    return {name for name, field in all_settings().items() if field.annotation is SecretStr} - {"PARVIS_AGENCY_KEY"}


def test_the_compose_file_fits_the_compose_specification(compose: dict[str, Any]) -> None:
    filled = re.sub(r"\$\{\w+:-(.*?)\}", r"\1", re.sub(r"\$\{\w+:\?.*?\}", "secret", json.dumps(compose)))
    read = compose_spec.PyCompose.from_json(filled)
    assert set(read.service_names()) >= {*OURS, "kafka", "postgres", "otel-collector"}


def test_hadolint_has_nothing_to_say_of_the_dockerfile() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, DEPLOY / "Dockerfile"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_service_is_there_and_runs_what_its_name_says(services: dict[str, Any]) -> None:
    assert {service: services[service]["command"] for service in SERVICES} == {service: ["serve", service] for service in SERVICES}


@pytest.mark.parametrize("name", sorted(OURS))
def test_what_is_ours_can_do_no_more_than_it_must(services: dict[str, Any], name: str) -> None:
    service = services[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_nothing_is_reached_from_outside_this_machine(services: dict[str, Any]) -> None:
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert set(ports) == {"intake", "review"}
    assert all(port.startswith("127.0.0.1:") for each in ports.values() for port in each)


def test_who_is_waited_for_can_say_that_it_is_ready(services: dict[str, Any]) -> None:
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "test" in services[other]["healthcheck"], f"{name} waits for {other}"
            else:
                assert services[other].get("restart", "no") == "no", f"{other} has to end"


def test_every_setting_is_one_that_parvis_knows(services: dict[str, Any]) -> None:
    used = {name for ours in OURS for name in services[ours]["environment"] if name.startswith("PARVIS_")}
    assert used <= known_settings()


def test_every_secret_that_parvis_can_be_given_has_its_place(services: dict[str, Any]) -> None:
    given = {name for ours in OURS for name in services[ours]["environment"]}
    assert secret_settings() - given == {"PARVIS_KAFKA_SECURITY_PASSWORD"}  # of the broker beside it, which knows no users


def test_who_is_told_to_run_a_command_runs_it_where_the_database_is(services: dict[str, Any]) -> None:
    commands = re.findall(r"compose.yaml (?:run --rm|exec) (\S+) (?:parvis )?(\S+)", (DEPLOY / "README.md").read_text())
    assert commands
    for name, _ in commands:
        assert "PARVIS_DATABASE_URL" in services[name]["environment"], f"{name} has a database of its own that goes with it"


def test_who_has_files_of_letters_reaches_the_store_that_was_named(services: dict[str, Any]) -> None:
    with_files = {name for name, service in services.items() if "PARVIS_FILES_URL" in service.get("environment", {})}
    assert with_files == {"intake", "review", "dispatch", "mail-in"}
    assert {name for name, service in services.items() if "env_file" in service} == with_files
    for name in with_files:
        assert services[name]["env_file"] == [{"path": "files.env", "required": False}]
    assert "files.env" in (DEPLOY / ".gitignore").read_text().split()


def test_drafting_and_review_read_the_same_articles(services: dict[str, Any]) -> None:
    folders = [services[name]["environment"]["PARVIS_KNOWLEDGE_DIR"] for name in ("drafting", "review")]
    assert folders == ["${PARVIS_KNOWLEDGE_DIR:-}"] * 2


def test_who_counts_by_address_can_be_told_which_proxies_to_believe(services: dict[str, Any]) -> None:
    for name in ("intake", "review"):
        assert services[name]["environment"]["PARVIS_TRUSTED_PROXIES"] == "${PARVIS_TRUSTED_PROXIES:-}"
    assert {f"PARVIS_{name.upper()}" for name in Settings.model_fields if name.startswith("forms")} <= set(
        services["intake"]["environment"]
    )


def test_who_has_no_business_with_the_database_is_not_given_its_password(services: dict[str, Any]) -> None:
    with_database = {name for name in OURS if "PARVIS_DATABASE_URL" in services[name]["environment"]}
    assert with_database == {"intake", "review", "dispatch", "migrate"}
    assert all("PARVIS_LLM_API_KEY" not in services[name]["environment"] for name in OURS - {"drafting"})
    assert all("PARVIS_SMTP_URL" not in services[name]["environment"] for name in OURS - {"dispatch"})


def test_the_example_has_every_variable_and_no_secret() -> None:
    lines = [line.partition("=") for line in (DEPLOY / "parvis.env.example").read_text().splitlines() if line and not line.startswith("#")]
    defaults = {name: value for name, _, value in lines}
    assert {*defaults, "PARVIS_VERSION"} == set(variables())
    assert {name: value for name, value in defaults.items() if value} == {"PARVIS_SECURE_COOKIES": "false"}
    assert {name for name, needed in variables().items() if needed} == {name for name in defaults if name.endswith("PASSWORD")}
    assert "parvis.env" in (DEPLOY / ".gitignore").read_text().split()


def test_the_kafka_is_the_one_that_the_tests_run_on(services: dict[str, Any]) -> None:
    tested = re.search(r"kafka_2\.13</artifactId>\s*<version>([^<]+)", (ROOT / "tests" / "harness" / "pom.xml").read_text())
    assert tested
    assert services["kafka"]["image"] == f"apache/kafka:{tested[1]}"


def test_a_process_has_longer_to_end_than_its_work_may_take(services: dict[str, Any]) -> None:
    from services.runtime.broker import DRAIN_SECONDS  # noqa: PLC0415

    for service in SERVICES:
        assert int(services[service]["stop_grace_period"].removesuffix("s")) >= DRAIN_SECONDS + 5


def test_what_the_image_copies_is_there_and_not_kept_out() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    assert all((ROOT / name).exists() for name in names)
    let_in = {line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines() if line.startswith("!")}
    assert names == let_in


def health_check(port: int) -> list[str]:
    """The image's own, asked of another port."""
    check = re.search(r"HEALTHCHECK.*\\\n\s+CMD (\[.+\])", (DEPLOY / "Dockerfile").read_text())
    assert check
    program, *arguments = [str(word) for word in yaml.safe_load(check[1])]
    assert program == "python"
    return [sys.executable, *(argument.replace(":8080/", f":{port}/") for argument in arguments)]


@contextlib.contextmanager
def answering(status: int) -> Iterator[int]:
    """A service that says so at /healthz."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_health_check_tells_a_healthy_service_from_an_ill_one_and_from_none() -> None:
    with answering(200) as well, answering(503) as ill:
        codes = [subprocess.run(health_check(port), capture_output=True, check=False).returncode for port in (well, ill, free_port())]
    assert codes[0] == 0
    assert codes[1] != 0
    assert codes[2] != 0


def test_the_package_that_the_image_installs_has_every_file_of_the_services(tmp_path: Path) -> None:
    tracked = subprocess.run(["git", "ls-files", "schemas", "services"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    wanted = {name for name in tracked if name and not name.endswith((".gitkeep", ".gitignore"))}
    source = tmp_path / "source"
    for name in (*wanted, "pyproject.toml", "README.md", "LICENSE"):
        if (ROOT / name).exists():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    build = f"from setuptools.build_meta import build_wheel; print(build_wheel({str(tmp_path)!r}))"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", build], cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    wheel = tmp_path / done.stdout.split()[-1]
    listed = set(subprocess.run([sys.executable, "-m", "zipfile", "-l", wheel], capture_output=True, text=True, check=True).stdout.split())
    assert {name for name in wanted if (ROOT / name).exists()} - listed == set()


def test_the_words_of_the_readme_are_commands_that_exist(services: dict[str, Any]) -> None:
    for name in ("migrate", "topics"):
        command = [Path(sys.executable).with_name("parvis"), *services[name]["command"], "--help"]
        assert subprocess.run(command, capture_output=True, check=False).returncode == 0, shlex.join(map(str, command))
