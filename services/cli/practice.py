"""`parvis practice`."""

import asyncio
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer


def practice_cli(
    data_dir: Annotated[Path | None, typer.Option("--data-dir", help="Practice keeps its store in `practice` there.")] = None,
    port: Annotated[int, typer.Option(help="Where the pages are.", min=1, max=65535)] = 8090,
) -> None:
    """Run the workbench for practice, on invented letters and a store of its own: nothing can be sent from it."""
    from services.cli import preflight
    from services.migrations.upgrade import upgrade
    from services.review.practice import app
    from services.runtime import http_server
    from services.runtime.settings import Settings

    settings = Settings()
    if data_dir:
        settings = settings.model_copy(update={"data_dir": data_dir})
    own = app.settings_of(settings)
    preflight.check_data(own)
    logging.basicConfig(level="WARNING", format="%(message)s", stream=sys.stderr)
    upgrade(own.database)
    print(f"Practice is at http://{own.host}:{port}; Ctrl-C stops it. What people did is kept in {own.data_dir}.")
    asyncio.run(http_server.server(app.create(own), own.host, port, own.client_seconds).serve())
