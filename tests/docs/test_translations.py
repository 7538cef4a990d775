"""Every word that a page shows has its French, and a message is only what stands in a template or module."""

import ast
import re
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from services.intake.web_form import templating as web_form
from services.review.web.phrase_extraction import SERVICES, error_classes, texts
from services.review.web.templating import REVIEW, environment
from services.review.web.translation import LOCALES
from services.runtime import message_catalogues

ROOT = Path(__file__).parents[2]
TRANSLATED = tuple(sorted({path.name for path in REVIEW.glob("*/templates/*.html")} - {"weekly_report.html"}))
"""All pages. The weekly report is a file that a command writes, in English."""
EXTRACTION = ROOT / "babel.cfg"
CALLED = {"_": 1, "gettext": 1, "ngettext": 2, "pgettext": 2, "npgettext": 3}
"""How many of the arguments are words of a message."""
Message = tuple[str | None, str]


@cache
def templates() -> dict[str, Path]:
    return {path.name: path for path in sorted(REVIEW.glob("*/templates/*.html"))}


@cache
def shown() -> dict[str, set[Message]]:
    """The messages of each file, by its path below services."""
    messages: dict[str, set[Message]] = {}
    with EXTRACTION.open() as configuration:
        rows, options = parse_mapping_cfg(configuration)  # type: ignore[no-untyped-call]  # Babel has no types for it
    for file, _, words, _, context in extract_from_dir(SERVICES, rows, options):
        messages.setdefault(file, set()).add((context, words[0] if isinstance(words, tuple) else words))
    return messages


@cache
def french() -> Catalog:
    with (LOCALES / "fr" / "LC_MESSAGES" / "review.po").open("rb") as text:
        return read_po(text, locale="fr")


def lacks(message: Message) -> bool:
    entry = french().get(message[1], context=message[0])
    return not entry or entry.fuzzy or not all(forms(entry.string))


FORM_TEMPLATES = {path.name: path for path in sorted(web_form.HERE.parent.glob("*/templates/*.html"))}


def test_every_word_of_the_form_for_citizens_has_its_french() -> None:
    with (ROOT / "babel-forms.cfg").open() as configuration:
        rows, options = parse_mapping_cfg(configuration)  # type: ignore[no-untyped-call]  # Babel has no types for it
    words = {text[0] if isinstance(text, tuple) else text for _, _, text, _, _ in extract_from_dir(SERVICES, rows, options)}
    catalogue = message_catalogues.entries(web_form.LOCALES, web_form.DOMAIN, "fr")

    lacking = [text for text in words if not (entry := catalogue.get(text)) or entry.fuzzy or not all(forms(entry.string))]
    assert not lacking, "run `make messages`, then give the French in services/intake/locales/fr/LC_MESSAGES/intake.po"
    assert_same_parts(catalogue)


@pytest.mark.parametrize("name", FORM_TEMPLATES)
def test_the_form_for_citizens_shows_and_translates_only_its_own_words(name: str) -> None:
    template = FORM_TEMPLATES[name].read_text()
    assert not bare_words(template)
    assert_only_words_are_translated(web_form.environment("en"), template)


def forms(words: object) -> list[str]:
    """Singular and plural, or what has no number."""
    return [str(word or "") for word in words] if isinstance(words, list | tuple) else [str(words or "")]


@pytest.mark.parametrize("name", TRANSLATED)
def test_every_word_of_a_page_has_its_french(name: str) -> None:
    lacking = [message[1] for message in shown().get(str(templates()[name].relative_to(SERVICES)), ()) if lacks(message)]
    assert not lacking, "run `make messages`, then give the French in services/review/locales/fr/LC_MESSAGES/review.po"


def test_every_sentence_of_a_module_has_its_french() -> None:
    lacking = {file: [message[1] for message in messages if lacks(message)] for file, messages in shown().items() if file.endswith(".py")}
    assert not {file: messages for file, messages in lacking.items() if messages}, "run `make messages`, then give the French"


def test_every_error_of_the_pages_says_something_that_the_catalogue_can_have() -> None:
    # A text that is put together elsewhere would be English for everybody: there it is a `Phrase`, and here it is known.
    made_elsewhere = {
        ast.unparse(call)
        for path in REVIEW.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in error_classes()
        if call.args and not texts(call.args[0], call)
    }
    assert made_elsewhere == SAID_BY_OTHERS


SAID_BY_OTHERS = {
    "InvalidInput(f\"written: {place}: {first['msg']}\", field='written')",  # of an API that no form sends to
    "Refused(ceil(wait.total_seconds()))",  # seconds, which the page says
    "Refused(1)",
}


def test_the_french_keeps_what_is_filled_in_and_what_is_marked_up() -> None:
    assert_same_parts(french())


def assert_same_parts(catalogue: Catalog) -> None:
    def parts(text: str) -> Counter[str]:
        return Counter(re.findall(r"%\(\w+\)\w|\{\d\}|</?\w+[^>]*>", text))

    for entry in catalogue:
        if not entry.id:
            continue
        for source, target in zip(forms(entry.id), forms(entry.string), strict=True):
            assert not target or parts(target) == parts(source), source


@pytest.mark.parametrize("name", templates())
def test_only_words_that_stand_in_the_template_are_translated(name: str) -> None:
    # What is translated is shown as it is, marks and all: a citizen's words must never come to that.
    assert_only_words_are_translated(environment(), templates()[name].read_text())


def assert_only_words_are_translated(jinja: Environment, template: str) -> None:
    tree = jinja.parse(template)
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in CALLED:
            words = call.args[: CALLED[call.node.name]]
            assert all(isinstance(word, nodes.Const) for word in words), f"line {call.lineno}"


@pytest.mark.parametrize("name", TRANSLATED)
def test_no_word_stands_beside_the_messages(name: str) -> None:
    assert not bare_words(templates()[name].read_text())


def bare_words(template: str) -> list[str]:
    """What a reader would see in English whatever their language."""
    text = re.sub(r"\{#.*?#\}|\{%-?\s*trans\b.*?endtrans\s*-?%\}", "", template, flags=re.DOTALL)
    # Parts of tags, and what is the same in all languages: commands, keys, units.
    text = re.sub(
        r"\{% (?:block (?:body_class|body_data|nav_\w+)|macro (?:described|wrong|carries|within|long|time)\b).*?\{% end(?:block|macro) %\}",
        "",
        text,
        flags=re.DOTALL,
    )
    text = re.sub(r"<(code|kbd)>.*?</\1>", "", text, flags=re.DOTALL)
    text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text, flags=re.DOTALL)
    attributes = re.findall(r"""\s(?:aria-label|title|placeholder|alt|data-over)="([^"]*[A-Za-z]{2}[^"]*)\"""", text)
    words = [word.strip() for word in re.sub(r"<[^>]*>", "\n", text).split("\n") if re.search(r"[^\W\d_]{2}", re.sub(r"&#?\w+;", "", word))]
    return [*attributes, *(word for word in words if word not in NAMES)]


NAMES = {"Parvis", "· Parvis"}
"""What is called the same everywhere."""


def test_a_start_compiles_the_catalogue_by_itself() -> None:
    listed = subprocess.run(["git", "ls-files", "*.mo"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not listed, "a compiled catalogue would be a second truth"


def test_the_guide_says_in_french_what_it_says_in_english() -> None:
    def outline(name: str) -> tuple[int, list[str]]:
        text = (ROOT / "docs" / name).read_text(encoding="utf-8")
        return len(re.findall(r"^#", text, re.MULTILINE)), re.findall(r"^\| `(\w|/|\?)`", text, re.MULTILINE)

    assert outline("caseworkers.md") == outline("caseworkers.fr.md"), "each heading and key of one guide has its twin in the other"
