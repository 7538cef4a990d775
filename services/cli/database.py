"""`parvis db`: the database's tables."""

import typer

db = typer.Typer(no_args_is_help=True, help="The database's tables.")


@db.command("upgrade")
def upgrade_cli() -> None:
    """Bring the configured database to this version's tables."""
    from services.migrations.upgrade import upgrade
    from services.runtime.settings import Settings

    upgrade(Settings().database)
    print("the database is up to date")
