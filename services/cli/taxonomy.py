"""`parvis taxonomy`: what is wrong with a file, and what would change if it were used."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from services.cli import context
from services.runtime.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.domain.taxonomy_changes import Changes

taxonomy = typer.Typer(no_args_is_help=True, help="The agency's own list of what people write about.")

out = Console(highlight=False, soft_wrap=True, markup=False)


@taxonomy.callback()
def _group() -> None:
    """Keeps `check` a command of its own while it is the only one."""


@taxonomy.command("check")
def check_cli(
    file: Annotated[Path, typer.Argument(help="The taxonomy, YAML.", exists=True, dir_okay=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Say what is wrong with a taxonomy, what must be trained again for it, and which open cases it touches."""
    from services.domain import taxonomy as domain
    from services.domain import taxonomy_changes
    from services.review.cases import statistics_store
    from services.review.learning import store

    settings = context.settings()
    try:
        after = taxonomy_changes.read(domain.read_text(file), str(file))
    except domain.InvalidTaxonomy as error:
        raise InvalidInput(str(error)) from None
    changes = taxonomy_changes.compare(domain.load(settings.taxonomy), after)
    advice = taxonomy_changes.advice(after)
    open_cases = context.in_transaction(settings, statistics_store.open_by_category)
    touched = taxonomy_changes.touched(changes, open_cases)
    examples = {name: n for name, n in context.in_transaction(settings, store.accepted_by_category).items() if name in changes.removed}
    if as_json:
        report: dict[str, Any] = {
            **asdict(changes),
            "retrain": changes.retrain,
            "open_cases": touched,
            "examples": examples,
            "advice": advice,
        }
        print(json.dumps(report, indent=2))
        return
    for line in (*sentences(changes, touched, examples), *(f"could be better: {hint}" for hint in advice)):
        out.print(line)


def sentences(changes: "Changes", touched: "Mapping[str, int]", examples: "Mapping[str, int]") -> list[str]:
    """The changes and what there is to do about them, a line each."""
    if changes.nothing:
        return ["it can be used, and says the same as the one in use"]
    lines = ["it can be used; against the one in use:"]
    named = (
        ("new", changes.added, "no model says these before it is trained again"),
        ("gone", changes.removed, "a model that was trained with these still says them, and they go to the first department"),
        ("in other words", changes.reworded, "the default model learns from these words"),
        ("another time to answer", changes.promised, "for messages from now on; what was promised stays"),
        ("another Open311 code", changes.codes, "programs must use the new one"),
    )
    lines += [f"  {what}: {', '.join(names)} ({so})" for what, names, so in named if names]
    lines += [f"  another desk: {move.category} goes to {move.after} instead of {move.before}" for move in changes.moved]
    if changes.departments_removed:
        lines.append(
            f"  departments that are gone: {', '.join(changes.departments_removed)} (people who work for these alone see no cases)"
        )
    if changes.retrain:
        lines.append(
            "to train again: the default model does so by itself at the next start; a promoted one needs `parvis train` and "
            f"`parvis models promote`, for {', '.join(changes.retrain)}"
        )
    else:
        lines.append("nothing to train again")
    lines.append(f"open cases that it touches: {sum(touched.values())}" + (":" if touched else ""))
    lines += [f"  {name}: {count}" for name, count in touched.items()]
    if examples:
        lines.append(f"accepted examples that nothing learns from any more: {', '.join(f'{name} {n}' for name, n in examples.items())}")
    return lines
