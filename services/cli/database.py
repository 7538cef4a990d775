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


@db.command("mend")
def mend_cli() -> None:
    """Compare the counts of cases with the cases, put right what differs, and have every case indexed and every day counted again."""
    from services.cli import context
    from services.domain import taxonomy
    from services.review.cases.daily_figures import daily_store
    from services.review.cases.queue import counts_store
    from services.review.cases.search import search_upkeep
    from services.runtime import clock

    settings = context.settings()
    wrong = context.in_transaction(settings, counts_store.mend)
    context.in_transaction(settings, search_upkeep.begin_again)
    context.on_database(settings, search_upkeep.index_all)
    own = taxonomy.load(settings.taxonomy)
    context.in_transaction(settings, daily_store.begin_again)
    context.on_database(settings, lambda database: daily_store.add_up_all(database, own, clock.now()))
    print(
        f"{wrong} counts were wrong and are right now; every case is in the search index"
        if wrong
        else "all counts are right; every case is in the search index"
    )
