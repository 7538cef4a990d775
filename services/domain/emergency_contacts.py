"""Emergency numbers that an agency has published: one for all, and a hotline for each kind of danger."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

ByLanguage = Annotated[dict[str, str], Field(min_length=1)]
Number = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\+?[0-9][0-9 ./-]{1,24}$")]


class Danger(StrEnum):
    """Kinds of danger, each with something else to do first. In the order in which a reply names them."""

    FIRE = "fire"
    GAS = "gas"
    SUICIDE = "suicide"
    VIOLENCE = "violence"
    CHILD = "child"
    MEDICAL = "medical"
    ELECTRICITY = "electricity"
    FLOOD = "flood"
    COLLAPSE = "collapse"
    CHEMICAL = "chemical"
    ORDNANCE = "ordnance"
    WATER = "water"
    MISSING = "missing"
    ANIMAL = "animal"
    ROAD = "road"
    COLD = "cold"
    SHELTER = "shelter"


class Hotline(BaseModel):
    """Whom to call in one kind of danger. `advice` says what to do first, where the agency wants other words than ours."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: Number
    name: ByLanguage
    advice: dict[str, str] = {}


class Emergencies(BaseModel):
    """The number for every emergency, and the hotlines that the agency has published beside it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: Number = "112"
    hotlines: dict[Danger, Hotline] = {}
