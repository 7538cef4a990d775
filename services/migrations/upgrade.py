"""Brings the database to this version's tables."""

import sys
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError


def config(url: str) -> Config:
    """Alembic's configuration for a database, without a file."""
    alembic = Config()
    alembic.set_main_option("script_location", str(Path(__file__).parent))
    alembic.set_main_option("path_separator", "os")
    alembic.attributes["url"] = url.replace("+aiosqlite", "")
    return alembic


def upgrade(url: str) -> None:
    """Runs what has not run yet; safe to run by several at once, since PostgreSQL's advisory lock lets one through."""
    database = sa.engine.make_url(url).database
    if url.startswith("sqlite") and database:
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    command.upgrade(config(url), "head")


def newest() -> str:
    """The revision of this version's tables."""
    return ScriptDirectory.from_config(config("")).get_current_head() or ""


if __name__ == "__main__":
    try:
        upgrade(sys.stdin.read())
    except (sa.exc.SQLAlchemyError, CommandError) as error:
        sys.exit(str(error).splitlines()[0])
