"""`parvis templates`: checks the letters that drafts without a model are made of."""

import json
from pathlib import Path
from typing import Annotated

import typer

from services.runtime.errors import InvalidInput

templates = typer.Typer(no_args_is_help=True, help="The letters that drafts without a model are made of.")


@templates.callback()
def _group() -> None:
    """Keeps `check` a command of its own while it is the only one."""


@templates.command("check")
def check_cli(
    folder: Annotated[Path | None, typer.Argument(help="The letters; PARVIS_TEMPLATES_DIR, or those of Parvis.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Write every letter with made-up values, and name what is wrong with file, line and fix."""
    from services.domain import taxonomy
    from services.drafting import letter_folder, template_report
    from services.runtime.settings import Settings

    settings = Settings()
    try:
        letters = letter_folder.read(folder or settings.templates_dir, taxonomy.load(settings.taxonomy).names)
    except letter_folder.InvalidTemplates as error:
        raise InvalidInput(str(error), field="DIR") from None
    faults, hints = template_report.faults(letters), template_report.uncovered(letters)
    if as_json:
        counts = {"letters": len(letters.own), "shipped": len(letters.shipped), "languages": letters.languages}
        print(json.dumps({**counts, "faults": faults, "advice": hints}, ensure_ascii=False, indent=2))
    else:
        print(
            f"{len(letters.own)} letters of yours, {len(letters.shipped)} of Parvis, in {', '.join(letters.languages)}: all can be written"
        )
        for fault in faults:
            print(f"wrong: {fault}")
        for hint in hints:
            print(f"to know: {hint}")
    if faults:
        raise typer.Exit(1)
