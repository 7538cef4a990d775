"""Greets whom nobody knows the name of: a draft leaves a gap for the name, and without one `Dear,` is no greeting. Pure."""

import re

_ALONE = (
    "hello|hi|good (?:morning|afternoon|evening|day)|bonjour|bonsoir|hallo|guten (?:tag|morgen|abend)|hola|buenos d[i\u00ed]as"
    "|buenas tardes|buongiorno|buonasera|ciao|ol[a\u00e1]|bom dia|goedendag"
)
"""Greetings that need no name."""
_WITHOUT_NAME = (
    (r"dear", "Dear Sir or Madam"),
    (r"ch(?:er|[e\u00e8]re)(?:\(e\)|\u00b7e|[/-]ch[e\u00e8]re|[/-]e)?", "Madame, Monsieur"),
    (r"sehr geehrte(?:r|[/*:(]-?r\)?)?", "Sehr geehrte Damen und Herren"),
    (r"liebe(?:r|[/*:(]-?r\)?)?", "Guten Tag"),
    (r"estimad[oa](?:[/(@]a?\)?)?", "Buenos d\u00edas"),
    (r"(?:gentile|egregi[oa]|car[oa])", "Buongiorno"),
    (r"geachte", "Geachte heer, mevrouw"),
    (r"beste", "Goedendag"),
    (r"prezad[oa](?:[/(]a\)?)?", "Bom dia"),
)
_TITLE = r"(?:[ \u00a0](?:mr|mrs|ms|miss|mx|mr/ms|m|mme|mlle|m/mme|herr|frau|sr|sra|sig|dhr|mevr)\.?)?"
_NEUTRAL = "|".join(f"(?P<g{number}>{words})" for number, (words, _) in enumerate(_WITHOUT_NAME))
_SPACE = "[ \u00a0]{0,4}"
_BARE = re.compile(
    rf"\A(\s{{0,40}})(?:(?P<alone>{_ALONE}){_TITLE}(?:{_SPACE}(?=,)|(?=[ \u00a0]?[!:])|(?={_SPACE}(?:\n|\Z)))"
    rf"|(?:{_NEUTRAL}){_TITLE}{_SPACE}(?=[,:!\n]|\Z))",
    re.IGNORECASE,
)

_NO_NAME = re.compile(
    r"(?:[\W\d_]|x{2,}+)*+|\[[^\]]{0,60}\]|n/?a|none|null|unknown|anon(?:ymous|yme|ym)?|redacted|withheld|not (?:given|known|provided)"
    r"|inconnue?|non (?:communiqu|renseign|pr[e\u00e9]cis)[e\u00e9]e?|sans nom|unbekannt",
    re.IGNORECASE,
)


def is_name(text: str | None) -> bool:
    """Whether somebody can be greeted by it: neither nothing nor what stands where a name was taken out."""
    return bool(text) and _NO_NAME.fullmatch((text or "").strip()[:200]) is None


def without_gap(body: str) -> str:
    """The letter with a greeting that needs no name, where it begins with one that has none."""
    match = _BARE.match(body)
    if not match:
        return body
    greeting = match["alone"] or next(neutral for number, (_, neutral) in enumerate(_WITHOUT_NAME) if match[f"g{number}"])
    return f"{match[1]}{greeting}{body[match.end() :]}"
