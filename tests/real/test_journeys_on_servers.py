"""The journeys once more, on a real Apache Kafka and a real PostgreSQL: the same tests, other servers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.kafka_cluster import KafkaCluster
from tests.harness.postgres import Postgres
from tests.harness.running_stack import Installation
from tests.journeys import test_cases, test_crashes, test_dead_letters, test_publish
from tests.journeys.conftest import anna, begin_in, ben, city, mail_server, parvis, settings

__all__ = ["anna", "ben", "city", "mail_server", "parvis", "settings"]  # fixtures, with `environment` as it is below

pytestmark = [pytest.mark.journey, pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(3600)]

for journey in (test_cases, test_crashes, test_dead_letters, test_publish):
    globals().update({name: value for name, value in vars(journey).items() if name.startswith("test_")})


@pytest.fixture(scope="session")
def environment(kafka: KafkaCluster, postgres: Postgres) -> Iterator[dict[str, str]]:
    """Instead of the embedded servers."""
    with postgres.database() as name:
        yield kafka.environment | {"PARVIS_DATABASE_URL": postgres.url(name)}


@pytest.fixture
def begin(tmp_path: Path, settings: dict[str, str], postgres: Postgres) -> Iterator[object]:
    """A journey that begins an installation of its own has a Kafka and a database of its own, since topics have fixed names."""
    with KafkaCluster() as cluster, postgres.database() as name:
        own = settings | cluster.environment | {"PARVIS_DATABASE_URL": postgres.url(name)}
        yield from begin_in(tmp_path, own)


def test_the_journeys_really_run_on_them(parvis: Installation, environment: dict[str, str]) -> None:
    assert parvis.bootstrap == environment["PARVIS_KAFKA_BOOTSTRAP"]
    assert not (parvis.data_dir / "parvis.db").exists()
