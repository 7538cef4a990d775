"""`parvis schemas`: the events' JSON Schemas and the AsyncAPI document, exported and compared with what was published."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from services.runtime.errors import InvalidInput

schemas = typer.Typer(no_args_is_help=True, help="The events' JSON Schemas and the AsyncAPI document.")

FOLDER = Path(__file__).parents[2] / "schemas" / "json"
Folder = Annotated[Path, typer.Option("--dir", help="Where the exported schemas are.")]


def exported() -> dict[str, dict[str, Any]]:
    """The JSON Schema of every topic, by file name."""
    from schemas.topics import TOPICS

    return {f"{topic.name}.json": {"$id": topic.name} | topic.model.model_json_schema() for topic in TOPICS}


def incompatible(before: dict[str, Any], after: dict[str, Any], path: str = "") -> list[str]:
    """Changes that would break a reader or writer of the older schema: fields removed, retyped, or newly required."""
    faults: list[str] = []
    old_fields, new_fields = before.get("properties", {}), after.get("properties", {})
    for name, old in old_fields.items():
        where = f"{path}{name}"
        if name not in new_fields:
            faults.append(f"{where}: removed")
        elif _kind(old) != _kind(new_fields[name]):
            faults.append(f"{where}: was {_kind(old)}, is {_kind(new_fields[name])}")
    faults.extend(
        f"{path}{name}: newly required; give it a default" for name in set(after.get("required", [])) - set(before.get("required", []))
    )
    for name, old in before.get("$defs", {}).items():
        new = after.get("$defs", {}).get(name)
        if new is None:
            faults.append(f"{path}{name}: removed")
        else:
            faults += incompatible(old, new, f"{path}{name}.")
            faults += [f"{path}{name}: no longer allows {v!r}" for v in old.get("enum", []) if v not in new.get("enum", [])]
    return faults


def _kind(field: dict[str, Any]) -> str:
    shape = {k: field[k] for k in ("type", "format", "$ref", "items", "anyOf", "additionalProperties") if k in field}
    return json.dumps(_shape(shape), sort_keys=True)


def _shape(value: Any) -> Any:  # noqa: ANN401 - any JSON
    # Bounds and words may change; types may not.
    drop = ("description", "default", "title", "maxLength", "minLength", "pattern", "maximum", "minimum", "maxItems", "enum")
    if isinstance(value, dict):
        return {k: _shape(v) for k, v in value.items() if k not in drop}
    return [_shape(v) for v in value] if isinstance(value, list) else value


@schemas.command("export")
def export_cli(folder: Folder = FOLDER) -> None:
    """Write every event's JSON Schema, and the AsyncAPI document of all topics."""
    from services.cli import asyncapi

    folder.mkdir(parents=True, exist_ok=True)
    files = exported()
    for name, content in (files | {asyncapi.FILE: asyncapi.document()}).items():
        (folder / name).write_text(_text(content), encoding="utf-8")
    print(f"{len(files)} schemas and {asyncapi.FILE} in {folder}")


def _text(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


@schemas.command("check")
def check_cli(folder: Folder = FOLDER) -> None:
    """Compare the models with the exported schemas: a field may be added with a default, never removed or retyped."""
    from services.cli import asyncapi

    problems: list[str] = []
    for name, schema in exported().items():
        path = folder / name
        if not path.exists():
            problems.append(f"{name}: not exported yet; run `parvis schemas export`")
            continue
        problems += [f"{name}: {fault}" for fault in incompatible(json.loads(path.read_text(encoding="utf-8")), schema)]
    document = folder / asyncapi.FILE
    if not document.exists() or document.read_text(encoding="utf-8") != _text(asyncapi.document()):
        problems.append(f"{asyncapi.FILE}: not what the code says; run `parvis schemas export`")
    if problems:
        raise InvalidInput("\n".join(problems))
    print("compatible with what is exported")
