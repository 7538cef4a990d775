"""What journeys share: where they run, and one installation for those that leave it as they found it."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.harness.mail_server import MailServer
from tests.harness.running_stack import Agency, Caseworker, Installation, add_agency, add_caseworker

Begin = Callable[..., Installation]
"""Makes an installation with further settings, on a data directory of its own; it is ended with the fixture's scope."""


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """Which servers `parvis up` stands on: the embedded ones. Real ones are this fixture with other settings."""
    return {}


@pytest.fixture(scope="session")
def settings(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The classifier is learned once for all of them; a reply waits three seconds to be recalled."""
    models = tmp_path_factory.mktemp("models")
    return {"PARVIS_MODEL_DIR": str(models), "PARVIS_UNDO_SECONDS": "3", "OMP_NUM_THREADS": "1"} | environment


def begin_in(folder: Path, settings: Mapping[str, str]) -> Iterator[Begin]:
    """Every installation that was begun is ended, also where a test fails."""
    begun: list[Installation] = []

    def begin(*options: str, **further: str) -> Installation:
        installation = Installation(folder / f"data{len(begun)}", {**settings, **further})
        begun.append(installation)
        installation.start(*options)
        return installation

    yield begin
    for installation in begun:
        installation.end()


@pytest.fixture
def alone(settings: dict[str, str]) -> dict[str, str]:
    """The settings of an installation that shares its servers with no other."""
    return settings


@pytest.fixture
def begin(tmp_path: Path, settings: dict[str, str]) -> Iterator[Begin]:
    yield from begin_in(tmp_path, settings)


@pytest.fixture(scope="module")
def begin_for_all(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str]) -> Iterator[Begin]:
    yield from begin_in(tmp_path_factory.mktemp("module"), settings)


@pytest.fixture(scope="session")
def mail_server() -> Iterator[MailServer]:
    """What the shared installation mails by. A journey with an installation of its own has a mail server of its own as well."""
    with MailServer() as server:
        yield server


@pytest.fixture(scope="session")
def parvis(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str], mail_server: MailServer) -> Iterator[Installation]:
    """One that many journeys share: each looks only at requests of its own."""
    for begin in begin_in(tmp_path_factory.mktemp("shared"), settings):
        installation = begin(PARVIS_SMTP_URL=mail_server.url)
        add_agency(installation)  # also of those that publish to Kafka and need no key
        yield installation


@pytest.fixture(scope="session")
def city(parvis: Installation) -> Agency:
    return add_agency(parvis)


@pytest.fixture(scope="session")
def anna(parvis: Installation) -> Caseworker:
    return add_caseworker(parvis)


@pytest.fixture(scope="session")
def ben(parvis: Installation) -> Caseworker:
    return add_caseworker(parvis, "ben@belrive.example")
