"""How a person likes to work at this browser: with single keys or without, with many rows on a screen or with few. Kept in cookies."""

from typing import Annotated, Literal

from fastapi import Depends, Request, Response
from pydantic import BaseModel

from services.runtime.settings import Settings

KEYS, ROWS = "parvis_keys", "parvis_rows"
KEPT_FOR = 365 * 86_400


class Preferences(BaseModel):
    """What is chosen; where nothing is, single keys and many rows."""

    keys: Literal["on", "off"] = "on"
    rows: Literal["compact", "roomy"] = "compact"


def preferences_of(request: Request) -> Preferences:
    """What this browser keeps; whatever else a cookie holds counts as nothing chosen."""
    return Preferences(
        keys="off" if request.cookies.get(KEYS) == "off" else "on",
        rows="roomy" if request.cookies.get(ROWS) == "roomy" else "compact",
    )


def keep(request: Request, response: Response, chosen: Preferences) -> None:
    """Gives the browser what was chosen. It says nothing of who they are, so it stays when they sign out."""
    settings: Settings = request.app.state.settings
    for name, value in ((KEYS, chosen.keys), (ROWS, chosen.rows)):
        response.set_cookie(name, value, max_age=KEPT_FOR, httponly=True, samesite="lax", secure=settings.pages_by_https)


PreferencesDep = Annotated[Preferences, Depends(preferences_of)]
