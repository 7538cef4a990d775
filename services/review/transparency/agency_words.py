"""Reads the YAML file in which agencies fill what only they can say of the record."""

from pathlib import Path

import yaml

from services.review.transparency.rules import OWN
from services.runtime.errors import InvalidInput

SETTING = "PARVIS_TRANSPARENCY"
LARGEST = 1_000_000
LONGEST = 10_000


def read(file: Path | None) -> dict[str, dict[str, str]]:
    """The fields of each agency, by its code. Raises InvalidInput naming the field at fault."""
    if not file:
        return {}
    try:
        if file.stat().st_size > LARGEST:
            raise InvalidInput(f"{SETTING}: {file} has more than a million bytes", field=SETTING)
        agencies = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidInput(f"{SETTING}: can't read {file}: {error}", field=SETTING) from error
    if not isinstance(agencies, dict) or not all(isinstance(fields, dict) for fields in agencies.values()):
        raise InvalidInput(f"{SETTING}: {file}: write the code of each agency, and below it its fields", field=SETTING)
    for agency, fields in agencies.items():
        for name, words in fields.items():
            if name not in OWN:
                raise InvalidInput(
                    f"{SETTING}: {file}: {agency}.{name}: there is no such field for an agency to fill; use {', '.join(sorted(OWN))}",
                    field=SETTING,
                )
            if not isinstance(words, str) or len(words) > LONGEST:
                raise InvalidInput(f"{SETTING}: {file}: {agency}.{name}: write text of at most {LONGEST} characters", field=SETTING)
    return {str(agency): dict(fields) for agency, fields in agencies.items()}
