"""Reads a file of settings (YAML) into its model; a fault is told with the setting, the file and the place in it."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from services.runtime.errors import InvalidInput

M = TypeVar("M", bound=BaseModel)


def read(path: Path, model: type[M], setting: str, fault: type[InvalidInput]) -> M:
    """The file's content; an empty file has no field. Raises `fault`."""
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise fault(f"{setting}: {path} can't be read ({error.strerror})", field=setting) from None
    except (yaml.YAMLError, ValueError) as error:  # a date that there is not, or bytes that are no text, are a ValueError
        raise fault(f"{setting}: {path} is no YAML: {' '.join(str(error).split())[:300]}", field=setting) from None
    try:
        return model.model_validate(value if value is not None else {})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise fault(f"{setting}: {path}: {place}: {first['msg'].removeprefix('Value error, ')}", field=setting) from None
