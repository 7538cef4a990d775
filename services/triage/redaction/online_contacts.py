"""Finds e-mail addresses, personal web addresses and handles, as they are and as people spell them out."""

import re
from collections.abc import Iterator

from services.triage.redaction.name_lexicon import FIRST_NAMES, ORDINARY_WORDS, SURNAMES_TOO, WORDS_TOO, starts_no_name
from services.triage.redaction.pii_span import PiiSpan
from services.triage.redaction.text_folding import Folded

_LOCAL_END = "_-+.~!#$%&*/=?^{|}'"
_AT = re.compile(r"@")
_BEFORE_AT = re.compile(r"[\w!#$%&*+/=?^{|}~-](?:[\w.!#$%&*+/=?^{|}~'-]{0,127})$")
_DOMAIN = re.compile(
    r" ?([\w-]{1,63}(?:\.[\w-]{1,63}){0,8}(?:\.[\w-]{1,63}| ?\. ?(?:com|org|net|fr|be|ch|lu|ca|de|co ?\. ?uk|uk|eu|es|it|nl|pt"
    r"|gov|edu)\b))"
)
_BARE_DOMAIN = re.compile(r" ?([\w-]{1,63}(?:\.[\w-]{1,63}){0,8}(?::[\w-]{1,63}(?:\.[\w-]{1,63}){1,4})?)")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"]{1,2000}")
_URL_TAIL = ".,;:!?)]}'\""
_PERSONAL = re.compile(
    r"@|%40|/~|(?<!\d)(?!(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d))\d{5}"
    r"|/(?:users?|profiles?|profil|u|in|people|personne|members?|membres?|accounts?|comptes?)[/=]\w"
    r"|/(?:claims?|dossiers?|cases?|files?|requests?|demandes?|orders?|commandes?|tickets?|complaints?|plaintes?|applications?|patients?"
    r"|letters?|courriers?|suivi|track(?:ing)?|r|c|t)/[\w-]*\d"
)
_ASKED = re.compile(r"[?&;]([^=&;#]*)(?:=([^&;#]*))?")
_EVERYBODYS = frozenset(
    ("lang", "language", "langue", "locale", "hl", "page", "p", "sort", "order", "view", "tab", "format", "print", "v", "version", "year",
     "source", "medium", "campaign", "section"),
)  # fmt: skip
"""What may be asked of a page without saying who asks."""
_PROFILE_ENDS = ("com", "me", "net", "app", "fr", "be", "tv")
_PROFILE_NEEDS = (*(f".{end}/" for end in _PROFILE_ENDS), ".bsky.social")
_PROFILE = re.compile(
    r"(?<![\w@.-])(?:(?:www|m|mobile|[a-z]{2})\.)?(?:facebook|fb|messenger|instagram|linkedin|twitter|tiktok|youtube|snapchat|threads"
    rf"|pinterest|telegram|skype|bsky|github|gitlab|twitch|reddit|paypal|t|wa|x|m)\.(?:{'|'.join(_PROFILE_ENDS)})/[\w@%+~-][\w.@%/+=?&~-]{{0,200}}"
    r"|(?<![\w@.-])[\w-]{1,60}\.bsky\.social\b"
)
"""A profile as people write it, without the scheme."""
_NETWORKS = (
    "skype|telegram|whatsapp|signal|discord|snapchat|snap|instagram|insta|twitter|tiktok|facebook|fb|messenger|threads|mastodon|viber"
    "|wechat|linkedin|teams|bluesky|bsky|icq|xbox|twitch|paypal|reddit|github|gitlab|kik"
)
_NETWORK = f"(?:{_NETWORKS})"
_NAMES_OF_HANDLES = ("pseudo", "handle", "username", "user name", "screen name", "nickname", "gamertag", "login")
_ACCOUNT = r"(?:id|name|handle|username|user|account|pseudo|pseudonyme|compte|identifiant|profile?|nom|nickname|tag|page)"
_HANDLE = re.compile(
    rf"\b(?:(?P<network>{_NETWORK})(?P<account>[ -]{_ACCOUNT})?|(?:{'|'.join(_NAMES_OF_HANDLES)})(?: (?:on |sur |de |du )?{_NETWORK})?)"
    r"(?P<link> ?[:=] ?| - | (?:is|est|under|as|sous|c'est) | )"
    r"(?P<handle>(?:live:)?@?[a-z0-9](?:[\w.-]{0,40}\w)?(?:\#\d{2,6})?)(?![\w@]|['/]\w)"
)
"""Whom a network knows by what follows: "skype: ida.kestrel", "telegram id is kestrel7", "insta idakestrel"."""
_HANDLE_NEEDS = (*_NETWORKS.split("|"), *_NAMES_OF_HANDLES)
_HANDLE_SHAPE = re.compile(r"@|live:|\w[._]\w|[a-z]\d|\#\d")
"""What no word looks like."""
_WORDS_FOR_NETWORKS = frozenset({"signal", "teams", "threads", "snap", "discord", "messenger"})
_ENDS_THERE = re.compile(r" ?(?:[.,;!?)\n]|$|(?:and|et|or|ou) )")
_FEWEST_IN_HANDLE = 3
_BOARD_NAME = re.compile(r"(?<![\w/])u/[\w-]{3,30}")
"""As one message board writes who its members are."""
_LOCAL_WORD = re.compile(r"[a-z]+")
_SOCIAL = re.compile(r"(?:facebook|instagram|linkedin|twitter|tiktok|youtube|x|t|wa)\.(?:com|me|fr|be)/\w")

_SEPARATOR = r"(?: ?[(\[{<_*-] ?| )"
_END = r"(?: ?[)\]}>_*-] ?| )"
_SPELT_AT = rf"{_SEPARATOR}(?:at|(?<=[(\[])a|chez|arobase|arobas|arroba|snail){_END}"
_SPELT_DOT = rf"(?:{_SEPARATOR}(?:dot|point|punto|punkt|punt){_END}| ?\. ?)"
_SPELT_AT_OR_SIGN = rf"(?:{_SPELT_AT}| ?[(\[{{<]? ?@ ?[)\]}}>]? ?)"
_SET_APART = re.compile(r"[(\[{<_*-] ?(?:at|a|@|dot|point|arobas[ec]?) ?[)\]}>_*-]")
_SPELT = re.compile(
    rf"(?<![\w.])([a-z0-9_-]{{1,40}}(?:(?:{_SEPARATOR}(?:dot|point|punto|tiret|dash|underscore|hyphen){_END}"
    rf"|\.)[a-z0-9_-]{{1,40}}){{0,4}})"
    rf"({_SPELT_AT_OR_SIGN})"
    rf"([a-z0-9-]{{1,40}}(?:{_SPELT_DOT}[a-z0-9-]{{1,40}}){{0,3}}{_SPELT_DOT}"
    r"(?:(?:com|org|net|fr|ch|lu|uk|eu|nl|pt|pl|ie|edu|gov|info|io|co|gmail|outlook|yahoo)(?!\w)"
    # Words too: "at this point be ...".
    r"|(?:be|ca|de|es|it|se|us|me|example|test)(?![\w])(?! (?!et |ou |and |or |si |if |mon |my |tel|phone|ph)[a-z])))"
)
_SPELT_WORDS = {
    "dot": ".",
    "point": ".",
    "punto": ".",
    "punkt": ".",
    "punt": ".",
    "tiret": "-",
    "dash": "-",
    "hyphen": "-",
    "underscore": "_",
}
_TOKEN = re.compile(r"[a-z0-9_-]+|@|\.")
_FEWEST_DIGITS = 4  # fewer number a section


def contacts(folded: Folded) -> Iterator[PiiSpan]:
    """Every e-mail address, handle and personal web address."""
    text = folded.text
    if "@" in text:
        yield from _around_at_signs(text)
    if "://" in text or "www." in folded.lower:
        yield from _addresses(folded)
    yield from _accounts(folded)
    if _is_spelt(folded.lower):
        yield from _spelt(folded.lower)


def _accounts(folded: Folded) -> Iterator[PiiSpan]:
    lower = folded.lower
    # What is hardly ever there is looked for by what it cannot do without: a pattern takes ten times as long.
    if any(needed in lower for needed in _PROFILE_NEEDS):
        for profile in _PROFILE.finditer(lower):
            address = profile.group().rstrip(_URL_TAIL)
            page = address.partition("/")[2]
            if not (page in ORDINARY_WORDS and page not in SURNAMES_TOO):  # "facebook.com/help" is everybody's
                yield PiiSpan("URL", profile.start(), profile.start() + len(address), address)
    if "u/" in lower:
        for member in _BOARD_NAME.finditer(lower):
            yield PiiSpan("ID", *member.span(), member.group())
    if any(needed in lower for needed in _HANDLE_NEEDS):
        for handle in _HANDLE.finditer(lower):
            if _is_handle(folded, handle):
                yield PiiSpan("ID", *handle.span("handle"), handle["handle"].removeprefix("@"))


def _is_handle(folded: Folded, handle: re.Match[str]) -> bool:
    """Whether it is somebody's: shaped as no word is, or announced and no word of ours. "Signal" and "teams" are words themselves."""
    written = handle["handle"]
    if _HANDLE_SHAPE.search(written) is not None:
        return not written[0].isdigit() or not written.replace(".", "").isdigit()
    if (
        len(written) < _FEWEST_IN_HANDLE
        or written in ORDINARY_WORDS
        or written in WORDS_TOO
        or starts_no_name(written)
        or written.isdigit()
    ):
        return False
    if handle["network"] is None or handle["account"] is not None:
        return handle["link"] != " " or _ENDS_THERE.match(folded.lower, handle.end()) is not None
    announced = ":" in handle["link"] or "=" in handle["link"]
    if handle["network"] in _WORDS_FOR_NETWORKS:
        return announced
    return announced or _ENDS_THERE.match(folded.lower, handle.end()) is not None


def _is_spelt(lower: str) -> bool:
    """Whether something in it can be an address in words; most texts are done with after a few looks."""
    return (
        " dot " in lower
        or " point " in lower
        or "roba" in lower  # arobase, arroba
        or (" pun" in lower and any(f" {word} " in lower for word in ("punto", "punkt", "punt")))
        or " @ " in lower
        or (any(sign in lower for sign in "([{<_*-") and _SET_APART.search(lower) is not None)
    )


def _around_at_signs(text: str) -> Iterator[PiiSpan]:
    done = 0
    for sign in _AT.finditer(text):
        at = sign.start()
        if at < done:
            continue
        window = max(done, at - 130)
        spaced = at > window and text[at - 1] == " "
        before = None
        if at - spaced > window and (text[at - 1 - spaced].isalnum() or text[at - 1 - spaced] in _LOCAL_END):
            before = _BEFORE_AT.search(text[window : at - spaced])
        domain = _DOMAIN.match(text, at + 1)
        if domain is not None and before is not None:
            start, end = window + before.start(), domain.end()
            done = end
            yield PiiSpan("EMAIL", start, end, re.sub(r"\s", "", text[start:end]).casefold())
            continue
        bare = _BARE_DOMAIN.match(text, at + 1)
        if bare is None:
            continue
        if before is not None and not spaced:  # name@host
            start, end, kind = window + before.start(), bare.end(), "EMAIL"
        elif bare.start(1) == at + 1 and bare.end() > at + 2:  # @handle
            start, end, kind = at, bare.end(), "ID"
        else:
            continue
        done = end
        yield PiiSpan("EMAIL" if kind == "EMAIL" else "ID", start, end, text[start:end].casefold())


def _addresses(folded: Folded) -> Iterator[PiiSpan]:
    for link in _URL.finditer(folded.lower):
        address = link.group().rstrip(_URL_TAIL)
        path = address.partition("://")[2] or address
        if _PERSONAL.search(path) or _SOCIAL.search(path) or _asks_for_somebody(path):
            yield PiiSpan("URL", link.start(), link.start() + len(address), address.rstrip("/"))


def _asks_for_somebody(path: str) -> bool:
    """Whether what is asked of the page, or the place on it, may be somebody's: all but its language, its number, its headings."""
    path, _, place = path.partition("#")
    if any(name.removeprefix("utm_") not in _EVERYBODYS for name, _ in _ASKED.findall(path)):
        return True
    if sum(character.isdigit() for character in place) >= _FEWEST_DIGITS:
        return True
    words = _LOCAL_WORD.findall(place)
    return any(word not in ORDINARY_WORDS and not starts_no_name(word) for word in words) or any(word in FIRST_NAMES for word in words)


def _spelt(lower: str) -> Iterator[PiiSpan]:
    for spelt in _SPELT.finditer(lower):
        tokens = _TOKEN.findall(spelt.group(1))
        domain = _TOKEN.findall(spelt.group(3))
        if spelt.group(2) == " at " and "." in spelt.group(3) and not _spelt_dot(spelt.group(3)):
            continue  # "look at example.org" speaks of a place
        value = (
            "".join(_SPELT_WORDS.get(token, token) for token in tokens) + "@" + "".join(_SPELT_WORDS.get(token, token) for token in domain)
        )
        yield PiiSpan("EMAIL", spelt.start(), spelt.end(), value)


def _spelt_dot(domain: str) -> bool:
    return any(
        word in domain.split() or f"({word})" in domain or f"[{word}]" in domain for word in ("dot", "point", "punto", "punkt", "punt")
    )
