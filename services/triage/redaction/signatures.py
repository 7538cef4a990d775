"""Finds names where letters have them: after a greeting, under a closing, on a line of their own, beside the telephone number."""

import re
from collections.abc import Iterator

from services.triage.redaction.lowercase_names import is_unheard, small_name_at
from services.triage.redaction.name_lexicon import (
    AMBIGUOUS_NAMES,
    BEFORE_PLACES,
    FIRST_NAMES,
    GIVEN_TOO,
    NATIONS,
    OFFICES,
    ORDINARY_WORDS,
    PLACE_WORDS,
    SMALL_WORDS,
    SURNAMES_TOO,
    WORDS_TOO,
    starts_no_name,
)
from services.triage.redaction.name_shape import (
    CAPITAL,
    CAPITALISED,
    PARTICLE,
    SMALL_NAME,
    WORD,
    Span,
    bears_place,
    goes_on_as_company,
    is_first_name,
    is_ordinary,
    name_at,
    named,
    past_title,
    several,
    shouted,
    telling,
)
from services.triage.redaction.pii_span import PiiSpan, Rule
from services.triage.redaction.text_folding import Folded

_SMALL_FIRST_NAMES = FIRST_NAMES - SMALL_WORDS
_AFTER_GREETING = re.compile(r" (?:(?:mr|mrs|ms|miss|dr|m|mme|mlle|monsieur|madame|mademoiselle|maitre|professor|all|a tous|you)\b\.? ?)?")
_GREETED = re.compile(r" ?(?:[,.!;:\n\r-]|$|et |and )")


_THANKS = frozenset({"thanks", "merci", "you"})
_GREETED_TOO = frozenset(
    ("editor", "complaint", "admission", "reader", "world", "everybody", "reception", "accueil", "helpdesk", "lecteur", "collegue", "elu",
     "electeur", "sender", "recipient", "applicant", "subscriber", "guest", "visitor", "boss", "mate", "pal", "folk", "friend", "colleague",
     "volunteer", "planner", "developer", "landlord", "taxpayer", "moderator", "webmaster", "administrator", "chairperson", "headteacher"),
)  # fmt: skip
"""Who is greeted without a name."""


def _is_somebody(folded: Folded, span: Span) -> bool:
    """Whether one everyday word after a greeting or a closing is a name: Frost, Preston; but not Editor, Residents, Complaints."""
    word = folded.lower[span[0] : span[1]]
    if " " in word:
        return telling(folded, span)
    return word in SURNAMES_TOO or not (word.endswith(("s", "x")) or word in _GREETED_TOO or word in NATIONS)


def _greeted(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    del language
    link = _AFTER_GREETING.match(folded.lower, end)
    if link is None:
        return
    span = name_at(folded, link.end())
    if span is None:
        span = name_at(folded, link.end(), cued=True)
        thanked = folded.lower[start:end] in _THANKS
        if span is not None and not (_is_somebody(folded, span) and (not thanked or folded.lower[span[0] : span[1]] in GIVEN_TOO)):
            return
    if span is not None:
        if _GREETED.match(folded.text, span[1]) is not None and not shouted(folded, span):
            yield named(folded, span)
        return
    word = WORD.match(folded.text, link.end())
    if word is not None and word.group() in _SMALL_FIRST_NAMES and _GREETED.match(folded.text, word.end()) is not None:
        yield named(folded, word.span())


_AFTER_CLOSING = re.compile(
    r"(?:[ ,](?:you|yours|a vous|to you|d'avance|in advance|beaucoup|so much|very much|all|et|and|bonne journee|distinguee?s"
    r"|again|for your help"
    r"|pour votre aide|truly|faithfully|sincerely|wishes|regards|cordialement|encore|from"
    r"|a lot|a million|bien)(?!\w)){0,3}[ ,.!:;\r-]{0,4}(?:\n[ \t\r]*){0,3}"
    r"(?:[-~_*] ?|-- ?)?(?:(?:mr|mrs|ms|m|mme|mlle|dr|monsieur|madame)\b\.? )?"
)
_SIGNED = re.compile(r"[ \t]{0,80}(?:[(<&]|, [a-z][a-z ]{2,40}(?:\n|$)|,?[^\S\n]{0,80}+\n|[.,!]?\s{0,80}+$|\r|, \+?\d|(?:et|and) )")
_BREAKS = frozenset(",.!:;\n-")
_AT_THE_END = 160  # so much may still come after the closing: an address, a number
_ENDS = frozenset({"regards", "sincerely", "faithfully", "cordialement", "salutations", "wishes", "truly", "respectueusement", "signed"})
"""What ends a letter even without a sign or a new line after it."""


def _signed(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    del language
    if (
        folded.text[end : end + 1] == " "
        and folded.lower[start:end] in {"you", "vous", "best", "love"}
        and not folded.text[end + 1 : end + 2].isupper()
    ):
        return
    link = _AFTER_CLOSING.match(folded.lower, end)
    at = link.end() if link is not None else end
    if at == end or (folded.text[at : at + 1].islower() and _BREAKS.isdisjoint(folded.text[end:at])):
        return
    span = name_at(folded, at)
    ends = folded.lower[start:end] in _ENDS or not _BREAKS.isdisjoint(folded.text[end:at])
    if span is None and ends and len(folded.text) - at < _AT_THE_END:
        span = name_at(folded, at, cued=True)
        if span is not None and not _is_somebody(folded, span):
            return
    if span is not None:
        if _SIGNED.match(folded.text, span[1]) is not None and not shouted(folded, span):
            yield named(folded, span)
        return
    small = SMALL_NAME.match(folded.text, at)
    if small is not None and small.group().split(" ")[0] in _SMALL_FIRST_NAMES and _SIGNED.match(folded.text, small.end()) is not None:
        yield named(folded, small.span())


_INITIAL = re.compile(
    rf"(?<![\w.'&-])(?!U\.S|U\.K|N\.Y|P\.O|M\. ?[A-Z][a-z])(?:[{CAPITAL}]\.[ -]?){{1,3}}(?:(?:Le|La|De|Du|Van|Von|de|van"
    rf"|von) )?[{CAPITAL}][^\W\d_]{{2,}}(?:['-][{CAPITAL}][^\W\d_]+)?"
)
_BEFORE_INITIAL = re.compile(
    r"(?:^|[.,;:!?(\n\r>\"] ?|\b(?:by|from|with|to|for|and|par|de|avec|et|a|pour|chez|que|that|is|est|mr|mrs|ms|mme|mlle|m|dr"
    r"|cllr|name|nom|signed"
    r"|signe)\.? )$"
)
"""What may stand before one initial with a surname: after a noun it is a letter that counts, as in "block B. Several"."""
_LINE = re.compile(
    rf"^[ \t>]{{0,8}}((?:{CAPITALISED})(?: (?:{PARTICLE} )?(?:d')?{CAPITALISED}){{1,3}})[ \t]{{0,8}}"
    r"(?:\([\w. ]{2,12}\))?,?[ \t\r]{0,8}$",
    re.MULTILINE,
)
_LINE_PARTICLES = frozenset(
    {"de", "la", "le", "du", "des", "van", "von", "der", "den", "da", "di", "dos", "del", "el", "al", "bin", "ben", "ter", "d", "l"}
)


def _has_initial(text: str) -> bool:
    stop = text.find(".")
    while stop > 0:
        if text[stop - 1].isupper():
            return True
        stop = text.find(".", stop + 1)
    return False


def shaped(folded: Folded) -> Iterator[PiiSpan]:
    """Initials with a surname, and lines that hold nothing but a name."""
    if _has_initial(folded.text):
        yield from _with_initials(folded)
    if "\n" in folded.text:
        yield from _lines(folded)


def _lines(folded: Folded) -> Iterator[PiiSpan]:
    start = 0
    while start >= 0:
        line = _LINE.match(folded.text, start)
        start = folded.text.find("\n", start) + 1 or -1
        if line is None:
            continue
        begin = past_title(folded, line.start(1)) or line.start(1)
        words = [word for word in re.findall(r"[^\W\d_]+", folded.lower[begin : line.end(1)]) if word not in _LINE_PARTICLES]
        if not words:
            continue
        if not _is_anything_else(words, last=start < 0) and not shouted(folded, (begin, line.end(1))):
            yield named(folded, (begin, line.end(1)))


def _is_anything_else(words: list[str], *, last: bool) -> bool:
    """Whether the words of a line are a place, an office, a heading. The last line of a letter is more likely whoever wrote it."""
    given = is_first_name(words[0]) or words[0] in GIVEN_TOO
    if given and all(word in SURNAMES_TOO for word in words[1:]):
        return not (last or is_first_name(words[0])) or (not last and any(word in PLACE_WORDS or word in SMALL_WORDS for word in words))
    listed = given and not any(word in ORDINARY_WORDS for word in words[1:])
    return any(
        starts_no_name(word)
        or word in PLACE_WORDS
        or (word in BEFORE_PLACES and not (listed and word == words[0]))
        or (word in ORDINARY_WORDS and not (listed or is_first_name(words[0])))
        for word in words
    )


def _with_initials(folded: Folded) -> Iterator[PiiSpan]:
    for initials in _INITIAL.finditer(folded.text):
        before = folded.lower[max(0, initials.start() - 14) : initials.start()]
        if initials.group().count(".") == 1 and _BEFORE_INITIAL.search(before) is None:
            continue
        last = re.split(r"[. ]", initials.group())[-1].lower()
        following = WORD.match(folded.lower, initials.end() + 1)
        place = last in PLACE_WORDS or (following is not None and following.group() in PLACE_WORDS) or bears_place(folded, initials.start())
        if not place and not starts_no_name(last):
            yield named(folded, initials.span())


_BEFORE_CONTACT = re.compile(
    rf"(?<![\w'-])({CAPITALISED}(?: (?:{PARTICLE} )?{CAPITALISED}){{1,3}})[ ,<(:-]{{1,4}}"
    r"(?:(?:phone|tel|mobile|email|mail|e-mail|tel\.|born|nee?|le|on|nee? le|born on)[ :.]{1,2}){0,2}$"
)
_TITLE = re.compile(r"(?:m|mr|mrs|ms|mme|mlle|dr)\.? ")


_PAIR = re.compile(
    rf"[{CAPITAL}](?<![^a-z,(:;.!?] .)(?<![^ \n].)(?=[^\W\d_]*?[a-z])[^\W\d_]++(?:-[{CAPITAL}][^\W\d_]++)?"
    rf" (?:(?:van|von|de|el|al|bin|ben|ten|ter) )?(?:[DO]'|Mc)?[{CAPITAL}][^\W\d_]*[a-z]"
)
_WHERE = re.compile(r"\b(?:at|in|on|near|through|across|outside|behind|via|a|au|aux|sur|vers|en|dans|devant|derriere|du|open|les|the) $")
"""Before a place and seldom before a person: "at Little Acorns", "au Mas Blanc"."""
_DETERMINED = re.compile(
    r"(?:\b(?:an?|my|our|your|his|her|their|this|every|no|any|la|le|un|une|ma|mon|mes|notre|nos|votre|vos|leurs?|ce|cet|cette|ces|des)"
    r" |\bl')$"
)
"""Before a thing or an office with two capitals: "our Salle Polyvalente", "the Loan Forgiveness"."""
_CAPITAL_BEFORE = re.compile(rf"(?<![^\W\d_])([{CAPITAL}][\w.'&-]{{0,22}}) $")
_SAYING = re.compile(
    r"\b(?:sa(?:y|ys|id)|declare[ds]?|certif(?:y|ied)|confirm(?:s|ed)?|think|thinks|thought|believe[ds]?|know|knew|hear|heard|stated?|swear"
    r"|report(?:s|ed)?|mention(?:s|ed)?|aware|sure|notice[ds]?|complain(?:s|ed)?|feel|felt|promised|discovered|learn(?:ed|t)|understand|hope"
    r"|(?:tell|told|inform(?:ed)?|assured?|remind(?:ed)?) [^.]{2,28}) that $"
)
"""Before "that" which begins a clause: "I declare that Zbyszek Nowak lives with me"; but "that Loan Forgiveness"."""
_LONGEST_SHORTENED = 4  # a longer word with a dot after it ends a sentence: "St.", but "Nothing."
_ALSO = re.compile(r",? (?:and|et|&|or|ou) ")


def paired(folded: Folded) -> Iterator[PiiSpan]:
    """Two capitalised words in the middle of a sentence, none of which is known to be of a place or an office."""
    done = 0
    for pair in _PAIR.finditer(folded.text):
        start = pair.start()
        if start < done:
            continue
        span = name_at(folded, start)
        if span is None or not several(folded, span) or _is_where(folded, span) or bears_place(folded, start) or _of_a_title(folded, span):
            continue
        done = span[1]
        following = WORD.match(folded.text, span[1] + 1)
        if following is None or not (following.group()[0].isupper() and following.group().lower() in OFFICES):
            yield named(folded, span)


def _is_where(folded: Folded, span: Span) -> bool:
    """Whether what stands before is said of places, and the words are no first name with a surname that is nothing else."""
    if _WHERE.search(folded.lower[max(0, span[0] - 9) : span[0]]) is None:
        return False
    first, _, last = folded.lower[span[0] : span[1]].partition(" ")
    return first not in GIVEN_TOO or any(is_ordinary(word) or word in SURNAMES_TOO for word in last.split(" "))


def _of_a_title(folded: Folded, span: Span) -> bool:
    """Whether what stands before speaks for a thing: "the ..." or a capitalised word before two unknown ones."""
    first, _, last = folded.lower[span[0] : span[1]].partition(" ")
    if is_first_name(first) or (first in GIVEN_TOO and not is_ordinary(last)):
        return False
    if all(word in WORDS_TOO or word in AMBIGUOUS_NAMES for word in folded.lower[span[0] : span[1]].split(" ")):
        return True
    before = _CAPITAL_BEFORE.search(folded.text[max(0, span[0] - 24) : span[0]])
    if before is not None and not (before.group(1).endswith(".") and len(before.group(1)) > _LONGEST_SHORTENED):
        return before.group(1).lower() not in SMALL_WORDS
    before_it = folded.lower[max(0, span[0] - 40) : span[0]]
    return _DETERMINED.search(before_it) is not None or (before_it.endswith(" that ") and _SAYING.search(before_it) is None)


def coordinated(folded: Folded, spans: list[PiiSpan]) -> Iterator[PiiSpan]:
    """The other one of "Callum and Finn", and the third of "Callum and Finn and Zbyszek". Each end of a name is looked past once."""
    ends = sorted({detail.end for detail in spans if detail.kind == "NAME"}, reverse=True)
    seen = set(ends)
    while ends:
        end = ends.pop()
        also = _ALSO.match(folded.lower, end)
        span = name_at(folded, also.end(), spoken=True) if also is not None else None
        if span is None and also is not None and folded.text[end - 1].islower() and folded.text[also.end() : also.end() + 1].islower():
            span = small_name_at(folded, also.end(), verb_may_follow=True)
        if span is not None and not shouted(folded, span):
            yield named(folded, span)
            if span[1] not in seen:
                seen.add(span[1])
                ends.append(span[1])


_BREAK = re.compile(r"[ \t]{0,4}\r?\n[ \t]{0,4}")


def continued(folded: Folded, spans: list[PiiSpan]) -> Iterator[PiiSpan]:
    """The surname of a first name that a line ends with, where nothing else is known of the word: "my name is Ida", "Kestrel"."""
    for detail in spans:
        gap = _BREAK.match(folded.text, detail.end) if detail.kind == "NAME" and is_first_name(detail.value) else None
        surname = WORD.match(folded.text, gap.end()) if gap is not None and " " not in detail.value else None
        if surname is None or not surname.group()[0].isupper() or surname.group()[1:] != surname.group()[1:].lower():
            continue
        word = surname.group().rstrip(".").lower()
        if is_unheard(word) and word not in PLACE_WORDS and word not in BEFORE_PLACES and not is_first_name(word):
            yield named(folded, (detail.start, surname.start() + len(word)))


def repeated(folded: Folded, spans: list[PiiSpan]) -> Iterator[PiiSpan]:
    """A name that was found once, wherever it stands again: the whole of it, its first name, its surname."""
    wholes = {folded.text[detail.start : detail.end] for detail in spans if detail.kind == "NAME"}
    written = {word for whole in wholes for word in (whole, *whole.split(" ")) if " " in word or _names_alone(word)}
    for name in written:
        at = folded.text.find(name)
        while at >= 0:
            end = at + len(name)
            inside_word = folded.text[at - 1 : at].isalnum() or folded.text[end : end + 1].isalnum()
            if not (inside_word or bears_place(folded, at) or goes_on_as_company(folded, end)):
                yield named(folded, (at, end))
            at = folded.text.find(name, end)


def _names_alone(written: str) -> bool:
    """Whether one word of a name is nothing else: Oakley, Mirembe; but not Street, Will, Rice."""
    word = written.lower()
    if len(word) < _SHORTEST_ALONE or not written[0].isupper() or starts_no_name(word) or word in PLACE_WORDS:
        return False
    return word.isalpha() and not is_ordinary(word) and word not in WORDS_TOO and word not in AMBIGUOUS_NAMES


_SHORTEST_ALONE = 4


def before_contact(folded: Folded, spans: list[PiiSpan]) -> Iterator[PiiSpan]:
    """Several capitalised words right before an e-mail address, a telephone number or a date of birth."""
    for detail in spans:
        if detail.kind not in {"EMAIL", "PHONE", "BIRTHDATE"}:
            continue
        window = max(0, detail.start - 60)
        before = _BEFORE_CONTACT.search(folded.text[window : detail.start])
        if before is None:
            continue
        start = window + before.start(1)
        title = _TITLE.match(folded.lower, start)
        span = name_at(folded, start if title is None else title.end(), titled=title is not None, cued=True)
        if span is not None and not telling(folded, span):
            continue
        if span is not None and span[1] >= window + before.end(1) and not bears_place(folded, span[0]):
            yield named(folded, span)


RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (("dear", "hello", "hi", "hey", "bonjour", "bonsoir", "cher", "chere", "chers", "cheres", "salut", "coucou", "thanks", "merci",
      "you"), _greeted),
    (
        ("regards", "sincerely", "faithfully", "wishes", "cordialement", "salutations", "distingues", "distinguees", "vous", "thanks",
         "merci", "cheers", "love", "yours", "best", "respectueusement", "journee", "soiree", "greetings", "truly", "avance",
         "advance", "amicalement", "bientot", "respectfully", "cordially", "you", "gratefully", "signed", "signe", "sentiments",
         "devoues", "meilleurs", "remerciements"),
        _signed,
    ),
)  # fmt: skip
