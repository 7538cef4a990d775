"""Lists the links of a text for the case page, with the host that each really leads to."""

from pydantic import BaseModel, ConfigDict

from services.domain import links

MOST = 30


class LinkShown(BaseModel):
    """A link as it was written, where it leads, and what about it may deceive."""

    model_config = ConfigDict(frozen=True)

    written: str
    host: str
    doubts: tuple[str, ...]


def link(url: str, name: str = "") -> LinkShown:
    """One link; `name` is what is shown for it."""
    target = links.target(url, name)
    return LinkShown(written=url[:200], host=target.host, doubts=target.doubts)


def links_of(*texts: str) -> list[LinkShown]:
    """Each link once, those that may deceive first."""
    names = {url: name for text in texts for url, name in links.called(text)}
    urls = dict.fromkeys([*names, *(url for text in texts for url in links.links(text))])
    shown = [link(url, names.get(url, "")) for url in urls]
    return sorted(shown, key=lambda link_shown: not link_shown.doubts)[:MOST]
