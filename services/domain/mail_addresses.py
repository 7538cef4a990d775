"""Validates and normalises e-mail addresses; detects undeliverable and no-reply ones."""

import re
import unicodedata

import idna

from services.domain.phrases import Phrase

MAX_LOCAL, MAX_DOMAIN, MAX_ADDRESS = 64, 253, 254  # octets, RFC 5321

TAKEN_OUT = "[address]"
"""What stands for one that is taken out."""
_WRITTEN = re.compile(r"""(?:"[^"\n]{1,254}"|[^\s<>()\[\],;:"'@]{1,254})@\[?[^\s<>()\[\],;:"'@]+\]?""")
_ATEXT = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_DOTS = "[.。．｡]"  # what UTS 46 reads as one
_NEVER = frozenset({"invalid", "localhost"})  # RFC 6761: no such name is ever on the internet

_UNATTENDED_ANYWHERE = re.compile(
    r"noreply|noreplies|donotrep|dontrep|notreply|neverreply|noresponse|noanswer|donotanswer|unattended|unmonitored|notmonitored"
    r"|norespond[ae]|norespongu|nepas(?:y)?repon|pasdereponse|sansreponse|nonrispond|nessunarisposta|naorespond|semresposta|sinrespuesta"
    r"|nichtantwort|nichtbeantwort|nichtzuantwort|keineantwort|keinereply|nurversand"
    r"|nietbeantwoord|nietantwoord|nietreageren|geenantwoord|geenreply|svarej|svarikke|svarainte|besvarainte|ejsvar|ikkesvar|ingensvar"
    r"|eivastausta|eivastata|alavastaa|mittevasta|neatsaky|neatbild|nieodpow|nieodpisuj|bezodpowiedzi"
    r"|neodpovid|neodpoved|neodgovar|nuraspund|nevalaszol|yanitlama|cevaplama|dimateb"
    r"|неотвеча|невідповіда|неотговар|μηναπαντ|请勿回复|請勿回覆|返信不可|送信専用|회신불가|발신전용"
    r"|mailerdaemon|maildaemon|maildelivery"
)
_UNATTENDED_WHOLE = frozenset(
    {"bounce", "bounces", "bounced", "daemon", "nobody", "devnull", "null", "blackhole", "autoreply", "autoresponder", "postmaster"}
)
_WITHOUT_STROKE = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d"})
_REWRITTEN = re.compile(r"(?:srs[01]|prvs|bounces?|msprvs\d*|btv\d)[=+_.-]", re.IGNORECASE)


class UnusableAddress(ValueError):
    """Nothing can ever be delivered to the address; the text says why."""


def mailbox(email: str) -> str:
    """The address as servers want it: the domain in ASCII, the part before the @ composed. Raises UnusableAddress."""
    local, at, domain = email.rpartition("@")
    if not at or not local or not domain or "@" in local:
        raise UnusableAddress(Phrase("an address has one @, with something before and after it"))
    address = f"{_local(local)}@{_domain(domain)}"
    if len(address.encode()) > MAX_ADDRESS:
        raise UnusableAddress(Phrase(f"it is longer than any address can be ({MAX_ADDRESS} characters)"))
    return address


def fault(email: str) -> str | None:
    """Why nothing can ever be delivered there; None where something may."""
    try:
        mailbox(email)
    except UnusableAddress as error:
        return str(error)
    return None


def suggestion(email: str) -> str | None:
    """The address probably meant by an unusable one: without spaces, invisible characters and superfluous dots; else None."""
    visible = "".join(c for c in email.removeprefix("mailto:") if unicodedata.category(c)[0] not in "ZC")
    local, _, domain = visible.strip("<>,;:'\"").rpartition("@")
    corrected = f"{re.sub(r'[.]+', '.', local).strip('.')}@{re.sub(f'{_DOTS}+', '.', domain).strip('.')}"
    return corrected if corrected != email and fault(corrected) is None else None


def ascii_host(name: str) -> str:
    """The name of a host as it is looked up. Raises UnusableAddress."""
    return name if name.isascii() else ".".join(_encoded(label) for label in re.split(_DOTS, name))


def is_unattended(email: str) -> bool:
    """Whether the address says itself that nobody reads it: no-reply in many languages, bounces, daemons."""
    local, _, domain = email.casefold().rpartition("@")
    labels = [_letters(label) for label in domain.split(".")]
    own = _letters(local)
    return bool(
        _UNATTENDED_ANYWHERE.search(own)
        or own in _UNATTENDED_WHOLE
        or _REWRITTEN.match(local)
        or any(_UNATTENDED_ANYWHERE.search(label) or label in ("bounce", "bounces") for label in labels[:-1])
    )


def masked(email: str) -> str:
    """The address as it may stand in a list: its first letter and its domain."""
    local, at, domain = email.rpartition("@")
    return f"{local[:1]}…{at}{domain}" if email else ""


def same_mailbox(first: str, second: str) -> bool:
    """Whether mail to both ends up in one mailbox: written otherwise, or with a tag behind a plus."""
    return mailbox_key(first) == mailbox_key(second)


def mailbox_key(email: str) -> str:
    """The same text for every way to write an address of one mailbox: capitals, the domain's letters, a tag behind a plus."""
    try:
        email = mailbox(email)
    except UnusableAddress:
        email = email.strip()
    local, _, domain = email.casefold().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def named(text: str) -> tuple[str, str]:
    """The name and the address of `Name <address>`, `"Name" <address>` or an address alone. Raises UnusableAddress."""
    text = text.strip()
    if not text.endswith(">"):
        return "", mailbox(text)
    name, _, address = text[:-1].rpartition("<")
    name = name.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return name, mailbox(address.strip())


def _local(local: str) -> str:
    if local.startswith(".") or local.endswith(".") or ".." in local:
        raise UnusableAddress(Phrase("the part before the @ begins or ends with a dot, or has two in a row"))
    composed = unicodedata.normalize("NFC", local)
    for character in composed:
        if not (_ATEXT.fullmatch(character) if character.isascii() else unicodedata.category(character)[0] in "LMNPS"):
            raise UnusableAddress(
                Phrase("the part before the @ has a character that no address can have: a space, a bracket, or one that nobody sees")
            )
    if "=?" in composed:
        raise UnusableAddress(Phrase("the part before the @ looks like an encoded word of a mail header"))
    if len(composed.encode()) > MAX_LOCAL:
        raise UnusableAddress(Phrase(f"the part before the @ is longer than {MAX_LOCAL} characters"))
    return composed


def _domain(domain: str) -> str:
    if len(domain) > MAX_DOMAIN:
        raise UnusableAddress(Phrase(f"the name after the @ is longer than {MAX_DOMAIN} characters"))
    labels = re.split(_DOTS, domain)
    if not all(labels):
        raise UnusableAddress(Phrase("the name after the @ begins or ends with a dot, or has two in a row"))
    if len(labels) == 1:
        raise UnusableAddress(Phrase("the name after the @ has no ending such as .org"))
    # IDNA 2008 by UTS 46, not transitional: `weiß` is not `weiss`, those are two domains.
    plain = [label.lower() if _is_plain(label) else _encoded(label) for label in labels]
    if plain[-1].isdigit():
        raise UnusableAddress(Phrase("the name after the @ ends with a number"))
    if plain[-1] in _NEVER:
        raise UnusableAddress(Phrase(f"names that end with .{plain[-1]} are nowhere on the internet"))
    ascii_domain = ".".join(plain)
    if len(ascii_domain) > MAX_DOMAIN:
        raise UnusableAddress(Phrase(f"the name after the @ is longer than {MAX_DOMAIN} characters"))
    return ascii_domain


def _is_plain(label: str) -> bool:
    return _LABEL.fullmatch(label) is not None and not label.lower().startswith("xn--")


def _encoded(label: str) -> str:
    try:
        ascii_label = idna.encode(label, uts46=True, std3_rules=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        ascii_label = ""
    if not _LABEL.fullmatch(ascii_label):
        raise UnusableAddress(Phrase("the name after the @ has a character or a part that no domain can have"))
    return ascii_label


def _letters(text: str) -> str:
    """Only its letters, without accents: `Ne.pas-répondre2` is `nepasrepondre`."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()).translate(_WITHOUT_STROKE) if c.isalpha())


def without_addresses(words: str, recipient: str) -> str:
    """Removes the recipient from a mail server's answer, which goes to a topic and a log without identities.

    Also the part before the @ alone, and without what follows a plus: servers like to say which of their users it was.
    """
    local = recipient.rpartition("@")[0]
    names = "|".join(re.escape(name) for name in dict.fromkeys((local, local.partition("+")[0])) if name)
    anonymous = _WRITTEN.sub(TAKEN_OUT, words)
    return re.sub(rf"(?<!\w)(?:{names})(?!\w)", TAKEN_OUT, anonymous, flags=re.IGNORECASE) if names else anonymous
