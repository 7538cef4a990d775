"""What an agency's form looks like and who may embed it: a file (YAML), checked when the process starts."""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from schemas.values import AgencySlug, is_agency_slug
from services.domain import file_types
from services.intake import yaml_file
from services.runtime.base_url import usable
from services.runtime.errors import InvalidInput
from services.runtime.message_catalogues import PageLanguage

SETTING = "PARVIS_FORMS_BRANDING"
LOGOS = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/svg+xml")
LARGEST_LOGO = 512 * 1024
CONTRAST = 4.5  # of text, WCAG 2.2 AA
_COLOUR = re.compile("#[0-9a-fA-F]{6}")

Words = str | dict[PageLanguage, str]
"""The same for all readers, or for each language."""


class InvalidBranding(InvalidInput):
    """The file of branding can't be used as it is; the sentence says where and what to write."""

    title = "The branding of forms can't be used"


class Branding(BaseModel):
    """One agency's. `embedded_on`: origins of its own pages that may show the form in a frame."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    colour: str = "#14505f"
    logo: Path | None = None
    privacy: Words = ""
    contact: Words = ""
    embedded_on: tuple[str, ...] = Field((), max_length=20)

    @field_validator("colour")
    @classmethod
    def _can_be_read(cls, colour: str) -> str:
        if not _COLOUR.fullmatch(colour):
            raise ValueError(f"{colour!r} is no colour: give #rrggbb, as #14505f")
        if (contrast := contrast_with_white(colour)) < CONTRAST:
            raise ValueError(
                f"white words on {colour} have a contrast of {contrast:.2f} to 1, and {CONTRAST} are needed: take a darker one"
            )
        return colour.lower()

    @field_validator("privacy")
    @classmethod
    def _is_an_address(cls, privacy: Words) -> Words:
        for address in [privacy] if isinstance(privacy, str) else privacy.values():
            if address and not re.fullmatch(r"https?://[^\s\"'<>]{1,500}", address):
                raise ValueError(f"{address!r} is no address of a page: give https://www.city.example/privacy")
        return privacy

    @field_validator("embedded_on")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        # They stand in a header, and what is more than scheme, host and port would say something else there.
        return tuple(usable(origin) for origin in origins)

    def logo_file(self) -> tuple[bytes, str] | None:
        """The picture and its type, read anew. None where there is none, or no longer a picture."""
        if self.logo is None:
            return None
        try:
            content = self.logo.read_bytes()[: LARGEST_LOGO + 1]
        except OSError:
            return None
        kind = file_types.media_type(content, "", self.logo.name)
        return (content, kind) if kind in LOGOS and len(content) <= LARGEST_LOGO else None


def words_for(words: Words, language: PageLanguage) -> str:
    """Those of the language, else any that there are."""
    if isinstance(words, str):
        return words
    return words.get(language) or next(iter(words.values()), "")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    agencies: Annotated[dict[AgencySlug, Branding], Field(min_length=1)]


def read(path: Path | None) -> dict[str, Branding]:
    """Each agency's branding by its code. Raises InvalidBranding with the file, the place in it and what to write."""
    if path is None:
        return {}
    brandings = yaml_file.read(path, _File, SETTING, InvalidBranding)
    branded = {agency: _with_logo_beside(branding, path) for agency, branding in brandings.agencies.items()}
    for agency, branding in branded.items():
        if branding.logo and branding.logo_file() is None:
            raise InvalidBranding(
                f"{SETTING}: {path}: agencies.{agency}.logo: {branding.logo} is no PNG, JPEG, WebP, GIF or SVG of at most "
                f"{LARGEST_LOGO // 1024} KiB that can be read",
                field=SETTING,
            )
    return branded


def of_forms(path: Path | None, agencies: Collection[str]) -> dict[str, Branding]:
    """That of each agency with a form. Raises InvalidInput of a code that can't be one, and of a branding for another agency."""
    for agency in agencies:
        if not is_agency_slug(agency):
            raise InvalidInput(
                f"PARVIS_FORMS: {agency!r} is no agency's code, which has up to 64 lower-case letters, digits and dashes",
                field="PARVIS_FORMS",
            )
    brandings = read(path)
    for agency in brandings:
        if agency not in agencies:
            raise InvalidBranding(
                f"{SETTING}: {path}: agencies.{agency}: PARVIS_FORMS does not name this agency; name it there, or take it out here",
                field=SETTING,
            )
    return {agency: brandings.get(agency, Branding()) for agency in agencies}


def _with_logo_beside(branding: Branding, path: Path) -> Branding:
    return branding.model_copy(update={"logo": path.parent / branding.logo}) if branding.logo else branding


def contrast_with_white(colour: str) -> float:
    """WCAG's contrast ratio of white on that colour."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]  # noqa: PLR2004 - of WCAG
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)
