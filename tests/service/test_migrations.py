"""The tables of the code and of the migrations are the same."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command

from services.migrations.upgrade import config, upgrade


def test_the_migrations_make_the_tables_that_the_code_has(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    upgrade(url)
    upgrade(url)
    command.check(config(url))


def test_every_migration_can_be_taken_back(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    upgrade(url)
    command.downgrade(config(url), "base")
    engine = sa.create_engine(url)
    assert sa.inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()
