"""Real servers for a test session: each started once, when the first test asks for it."""

import itertools
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest

from services.migrations.upgrade import upgrade
from services.review.app import create
from services.runtime.database import Database
from services.runtime.settings import KafkaSettings, Settings
from tests.harness.certificates import Authority, authority
from tests.harness.kafka_cluster import KafkaCluster, Secured
from tests.harness.postgres import Postgres
from tests.pages.city import City


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test here is marked by the servers it asks for, so that nobody has to remember."""
    here = Path(__file__).parent
    for item in items:
        if here not in item.path.parents:
            continue
        fixtures = set(getattr(item, "fixturenames", ()))
        if fixtures & {"kafka", "secured_kafka", "cluster"}:
            item.add_marker(pytest.mark.kafka)
        if "postgres" in fixtures:
            item.add_marker(pytest.mark.postgres)


@pytest.fixture(scope="session")
def kafka() -> Iterator[KafkaCluster]:
    """One broker, no users."""
    with KafkaCluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def secured_kafka(certificates: Authority) -> Iterator[KafkaCluster]:
    """One broker that asks who is there, and allows nothing that no ACL allows."""
    with KafkaCluster(secured=Secured(certificates)) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture
def database_url(postgres: Postgres) -> Iterator[str]:
    """An empty database of this test."""
    with postgres.database() as name:
        yield postgres.url(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The same with the tables of this version."""
    url = Settings(database_url=database_url).database
    upgrade(url)
    opened = Database(url)
    yield opened
    await opened.close()


@pytest.fixture
async def city(database_url: str, tmp_path: Path) -> AsyncIterator[City]:
    """The review application on it; nothing listens where its Kafka should be."""
    settings = Settings(data_dir=tmp_path, database_url=database_url, kafka=KafkaSettings(bootstrap="127.0.0.1:9"), undo_seconds=60)
    upgrade(settings.database)
    app = create(settings)
    yield City(app)
    await app.state.database.close()


def settings_of(environment: Mapping[str, str]) -> KafkaSettings:
    """The settings that a process with this environment would have."""
    prefix = "PARVIS_KAFKA_"
    return KafkaSettings.model_validate({k.removeprefix(prefix).lower(): v for k, v in environment.items() if k.startswith(prefix)})


@pytest.fixture
def unique(request: pytest.FixtureRequest) -> str:
    """A name that no other test has."""
    name = re.sub(r"\W+", "-", str(request.node.name).removeprefix("test_").replace("_", "-"))
    return f"{name[:60]}-{next(_numbers)}"


_numbers = itertools.count(1)
