"""The tables' history on PostgreSQL."""

from alembic import command
from pydantic import SecretStr

from services.migrations.upgrade import config, upgrade
from services.runtime.settings import Settings
from tests.former_release import is_good_after_the_upgrade
from tests.harness.postgres import Postgres
from tests.schema_walk import walk


def url_of(database_url: str) -> str:
    return Settings(database_url=SecretStr(database_url)).database


def test_the_migrations_make_the_tables_that_the_code_has(postgres: Postgres, database_url: str) -> None:  # noqa: ARG001 - marks it
    url = url_of(database_url)
    upgrade(url)
    command.check(config(url))
    command.downgrade(config(url), "base")
    upgrade(url)
    command.check(config(url))


async def test_a_database_of_the_former_release_with_rows_in_every_table_works_after_the_upgrade(
    postgres: Postgres,  # noqa: ARG001 - marks it
    database_url: str,
) -> None:
    await is_good_after_the_upgrade(url_of(database_url))


def test_every_row_of_every_version_survives_and_no_migration_takes_anything_from_the_release_before(
    postgres: Postgres,  # noqa: ARG001 - marks it
    database_url: str,
) -> None:
    walked = walk(url_of(database_url))
    assert walked.contracted == {}
    assert [table for table in sorted(walked.filled) if not walked.rows.get(table)] == []
