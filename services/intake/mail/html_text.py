"""Takes the text out of HTML: no scripts, styles, hidden or tracking parts, and where links lead. Never raises."""

import re
from dataclasses import dataclass

from inscriptis.css_profiles import STRICT_CSS_PROFILE
from inscriptis.html_engine import Inscriptis
from inscriptis.model.config import ParserConfig
from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

MOST_ELEMENTS = 10_000  # some 60 microseconds each to convert
LONGEST_HTML = 1_000_000  # characters
DEEPEST = 100  # quotes in quotes of a long exchange
MOST_LINKS = 100
LONGEST_LINK = 300

_NEVER_SHOWN = frozenset(
    {
        *("script", "style", "head", "title", "meta", "link", "template", "noscript", "object", "embed", "applet", "iframe", "frame"),
        *("frameset", "svg", "math", "canvas", "audio", "video", "source", "select", "option", "datalist", "input", "button"),
        *("textarea", "map", "area", "xml", "base", "param"),
    }
)
_ROWS = frozenset(
    {
        *("table", "thead", "tbody", "tfoot", "tr", "caption", "colgroup", "form", "fieldset", "section", "dl", "dt", "dd"),
        *("details", "summary", "center"),
    }
)
_CELLS = frozenset({"td", "th"})
_BLOCKS = _ROWS | _CELLS | {*("p", "div", "ul", "ol", "li", "pre", "blockquote", "hr", "article", "header", "footer"), *("h1", "h2", "h3")}
_HIDDEN = re.compile(
    r"display\s{0,5}:\s{0,5}none|visibility\s{0,5}:\s{0,5}hidden|mso-hide\s{0,5}:\s{0,5}all"
    r"|opacity\s{0,5}:\s{0,5}0(?:\.0{1,5})?\s{0,5}(?:;|$|!)"
    r"|font-size\s{0,5}:\s{0,5}0(?:\.0{1,5})?(?:px|pt|em|rem|%)?\s{0,5}(?:;|$|!)"
    r"|(?:^|[\s;])(?:max-)?height\s{0,5}:\s{0,5}0(?:px|pt)?\s{0,5}(?:;|$|!).{0,200}overflow\s{0,5}:\s{0,5}hidden",
    re.IGNORECASE | re.DOTALL,
)
_DECLARATION = re.compile(r"^\s{0,20}<\?xml[^>]{0,200}>")
_LINK = re.compile(r"(?:https?://|mailto:|tel:)\S+", re.IGNORECASE)
_SEPARATE = "\ue000"  # between cells of a row, until blanks are put in order


@dataclass(frozen=True)
class Converted:
    """The text, and whether there was more than is converted."""

    text: str
    cut: bool = False


def text_of(html: str) -> Converted:
    """The text that a reader would see, lines as they would stand."""
    cut = len(html) > LONGEST_HTML
    source = _DECLARATION.sub("", html[:LONGEST_HTML].replace("\x00", "").replace(_SEPARATE, "")).strip()
    if not source:
        return Converted("")
    try:
        parser = HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True)
        tree = document_fromstring(source.encode("utf-8", "replace"), parser=parser)
        cut = _visible_only(tree) or cut or any("depth" in entry.message for entry in parser.error_log)
        written = Inscriptis(tree, ParserConfig(css=_CSS)).get_text()
    except (etree.LxmlError, ValueError, AssertionError, RecursionError, IndexError, AttributeError):
        return Converted(_in_order(re.sub(r"<[^<>]{0,2000}>", " ", source)), cut)
    return Converted(_in_order(written), cut)


def _visible_only(tree: HtmlElement) -> bool:
    """Empties what no reader sees and takes all attributes away, which the converter would read as layout. Whether there was too much."""
    count, links = 0, 0
    waiting = [(tree, 0)]
    while waiting:
        element, depth = waiting.pop()
        count += 1
        if element is not tree and (count > MOST_ELEMENTS or not isinstance(element.tag, str) or _is_hidden(element)):
            _empty(element)
            continue
        if element.tag == "a" and links < MOST_LINKS:
            links += _with_address(element)
        _simplify(element)
        waiting.extend((inner, min(depth + 1, DEEPEST)) for inner in reversed(element))
        if depth >= DEEPEST:
            _lift(element)
            continue
        for name in list(element.attrib):
            del element.attrib[name]
    return count > MOST_ELEMENTS


def _lift(element: HtmlElement) -> None:
    """Gives what an element holds to the one around it: the converter calls itself once a level."""
    if element.tag in _BLOCKS:
        element.addprevious(element.makeelement("br"))
    element.drop_tag()


def _simplify(element: HtmlElement) -> None:
    """Tables become lines, since most tables of mails are layout, and one that is drawn to its widest cell has no end."""
    tag = element.tag
    if tag == "img":
        _as_its_words(element)
    elif tag == "hr":
        element.tag, element.text = "div", "---"
    elif tag in _ROWS:
        element.tag = "div"
    elif tag in _CELLS:
        element.tag = "div" if any(inner.tag in _BLOCKS for inner in element) else "span"
        if element.getnext() is not None:
            element.tail = _SEPARATE


def _is_hidden(element: HtmlElement) -> bool:
    if element.tag in _NEVER_SHOWN or (":" in element.tag and element.tag != "o:p"):
        return True
    return element.get("hidden") is not None or _HIDDEN.search((element.get("style") or "")[:2_000]) is not None


def _with_address(element: HtmlElement) -> int:
    """Writes behind a link where it leads, unless its words say so: they may say another address."""
    href = "".join((element.get("href") or "").split())
    words = " ".join(str(element.xpath("string()"))[:1_000].split())
    if not words or not _LINK.fullmatch(href):
        return 0
    address = re.sub(r"^(?:mailto|tel):", "", href, flags=re.IGNORECASE).partition("?subject=")[0]
    if address.rstrip("/") in words or re.sub(r"^https?://(?:www\.)?", "", address).rstrip("/") in words:
        return 0
    note = f" <{address[:LONGEST_LINK]}{'…' if len(address) > LONGEST_LINK else ''}>"
    if len(element):
        last = element[-1]
        last.tail = (last.tail or "") + note
    else:
        element.text = (element.text or "") + note
    return 1


def _as_its_words(element: HtmlElement) -> None:
    """A picture that is a word, as many smileys are; other alternatives are names of files and of counters."""
    words = (element.get("alt") or "").strip()
    element.tag = "span"
    if words and len(words) <= 4 and not words.isascii():  # noqa: PLR2004 - one emoji has as many code points
        element.text = words


def _empty(element: HtmlElement) -> None:
    """Takes out all that an element holds; what stands behind it stays where it is."""
    if not isinstance(element.tag, str):
        element.text = ""  # a comment or an instruction
        return
    tail, block = element.tail, element.tag in _BLOCKS
    element.clear()
    element.tag, element.tail = "div" if block else "span", tail


def _in_order(text: str) -> str:
    lines = (re.sub(r"[ \t\u00a0]+$", "", line) for line in text.replace(_SEPARATE, "  ").replace("\u00a0", " ").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


_CSS = dict(STRICT_CSS_PROFILE)
