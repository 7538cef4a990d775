"""Writes the model card: training data, quality on held-out rows and by group, in words and pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from jinja2 import Environment, FileSystemLoader, StrictUndefined

INK, PALE, LINE, BLUE, ORANGE = "#1f2933", "#9aa5b1", "#e4e7eb", "#1f6feb", "#c2570c"
SHOWN_CATEGORIES = 30
SHOWN_CONFUSIONS = 12
FEW_ROWS = 50
"""Figures of fewer rows say little, and the card says so."""


def write(facts: Mapping[str, Any], version: str, folder: Path) -> None:
    """Write `MODEL_CARD.md` and its pictures beside the model. Without figures on held-out rows there is no card."""
    held_out = facts.get("held_out")
    if not held_out or not held_out["n"]:
        return
    pictures = {
        "calibration.svg": calibration(held_out["calibration"]),
        "coverage.svg": coverage(held_out["coverage"]),
        "languages.svg": languages(held_out["by_language"]),
        "confusion.svg": confusion(held_out["confused"]),
    }
    for name, picture in pictures.items():
        (folder / name).write_text(picture, encoding="utf-8")
    (folder / "MODEL_CARD.md").write_text(card(facts, version), encoding="utf-8")


def language_gap(by_language: Mapping[str, Mapping[str, float]]) -> float:
    """How far apart the accuracies of the best and the worst language are, of those with enough rows to say."""
    accuracies = [figures["accuracy"] for figures in by_language.values() if figures["n"] >= FEW_ROWS]
    return max(accuracies) - min(accuracies) if accuracies else 0.0


def card(facts: Mapping[str, Any], version: str) -> str:
    """The text of the card, in Markdown: `model_card.md.jinja` says what it tells."""
    held_out = facts["held_out"]
    languages = held_out["by_language"]
    return _TEMPLATES.get_template("model_card.md.jinja").render(
        facts=facts,
        version=version,
        by_language=[("all", held_out), *languages.items()],
        few=[name for name, figures in languages.items() if figures["n"] < FEW_ROWS],
        gap=language_gap(languages),
        confused=sorted(((n, label, predicted) for label, predicted, n in held_out["confused"] if label != predicted), reverse=True)[
            :SHOWN_CONFUSIONS
        ],
        weakest=sorted(held_out["by_category"].items(), key=lambda pair: (pair[1]["f1"], pair[0])),
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=False,  # noqa: S701 - it is Markdown, and the names are the agency's own
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    undefined=StrictUndefined,
)
_TEMPLATES.filters |= {"share": "{:.1%}".format, "cell": _cell}


def calibration(bins: Sequence[Mapping[str, float]]) -> str:
    """Draw how many were right for each span of confidence; on the diagonal, confidence is honest."""
    most = max((bin_["n"] for bin_ in bins), default=1)
    dots = [
        f'<circle cx="{_x(bin_["confidence"])}" cy="{_y(bin_["accuracy"])}" r="{2 + 9 * (bin_["n"] / most) ** 0.5:.1f}"'
        f' fill="{BLUE}" fill-opacity="0.65">'
        f"<title>{bin_['n']:.0f} rows at {bin_['confidence']:.0%}: {bin_['accuracy']:.0%} right</title></circle>"
        for bin_ in bins
    ]
    diagonal = f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" stroke="{PALE}" stroke-dasharray="4 4"/>'
    return _plot("confidence", "right", [diagonal, *dots], "Calibration: confidence against accuracy on held-out rows")


def coverage(curve: Sequence[Sequence[float]]) -> str:
    """Draw how right the surest part is, for every size of that part."""
    points = " ".join(f"{_x(share)},{_y(precision)}" for share, precision in curve)
    marks = [
        f'<line x1="{_x(0)}" y1="{_y(level)}" x2="{_x(1)}" y2="{_y(level)}" stroke="{ORANGE}" stroke-dasharray="2 5"/>'
        for level in (0.95, 0.9)
    ]
    line = f'<polyline points="{points}" fill="none" stroke="{BLUE}" stroke-width="2"/>'
    return _plot("share answered, the surest first", "right", [*marks, line], "Precision against coverage on held-out rows")


def languages(by_language: Mapping[str, Mapping[str, float]]) -> str:
    """Draw accuracy and the share that is answered, language by language."""
    height = 40 + 46 * len(by_language)
    parts = []
    for number, (name, figures) in enumerate(sorted(by_language.items(), key=lambda pair: -pair[1]["n"])):
        top = 20 + 46 * number
        parts.append(_text(88, top + 19, f"{name} ({figures['n']:.0f})", "end"))
        for row, (share, colour, what) in enumerate(((figures["accuracy"], BLUE, "right"), (figures["answered"], ORANGE, "answered"))):
            parts.append(f'<rect x="96" y="{top + 17 * row}" width="{300 * share:.1f}" height="14" fill="{colour}"/>')
            parts.append(_text(102 + 300 * share, top + 11 + 17 * row, f"{share:.0%} {what}", "start"))
    return _svg(500, height, parts, "Accuracy and share answered by language")


def confusion(confused: Sequence[tuple[str, str, int]]) -> str:
    """Draw the confusion matrix of the categories with most rows: what it was down, what was said across, by share of the row."""
    size: dict[str, int] = {}
    for label, _, count in confused:
        size[label] = size.get(label, 0) + count
    names = sorted(sorted(size, key=lambda name: -size[name])[:SHOWN_CATEGORIES])
    at = {name: number for number, name in enumerate(names)}
    side, left = 18, 190
    parts = [
        f'<rect x="{left}" y="{left}" width="{side * len(names)}" height="{side * len(names)}" fill="none" stroke="{LINE}"/>',
        *(_text(left - 6, left + side * number + 13, _short(name), "end") for name, number in at.items()),
        *(
            f'<text transform="translate({left + side * number + 13} {left - 6}) rotate(-90)" font-size="11" fill="{INK}">'
            f"{escape(_short(name))}</text>"
            for name, number in at.items()
        ),
    ]
    for label, predicted, count in confused:
        if label in at and predicted in at:
            share = count / size[label]
            colour = BLUE if label == predicted else ORANGE
            parts.append(
                f'<rect x="{left + side * at[predicted]}" y="{left + side * at[label]}" width="{side - 1}" height="{side - 1}"'
                f' fill="{colour}"'
                f' fill-opacity="{0.08 + 0.92 * share:.2f}"><title>{escape(label)} said to be {escape(predicted)}: {count}</title></rect>'
            )
    whole = left + side * len(names) + 10
    return _svg(whole, whole, parts, "Confusion matrix on held-out rows: what it was down, what was said across")


def _short(name: str) -> str:
    return name if len(name) <= 27 else f"{name[:26]}…"  # noqa: PLR2004 - as much as there is room for


def _x(share: float) -> float:
    return round(60 + 300 * share, 1)


def _y(share: float) -> float:
    return round(320 - 300 * share, 1)


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="11" fill="{INK}">{escape(words)}</text>'


def _plot(across: str, up: str, parts: Sequence[str], title: str) -> str:
    """Frame a picture of shares against shares."""
    grid = []
    for tick in (0, 0.25, 0.5, 0.75, 1):
        grid.append(f'<line x1="{_x(tick)}" y1="{_y(0)}" x2="{_x(tick)}" y2="{_y(1)}" stroke="{LINE}"/>')
        grid.append(f'<line x1="{_x(0)}" y1="{_y(tick)}" x2="{_x(1)}" y2="{_y(tick)}" stroke="{LINE}"/>')
        grid.append(_text(_x(tick), _y(0) + 16, f"{tick:.0%}", "middle"))
        grid.append(_text(_x(0) - 6, _y(tick) + 4, f"{tick:.0%}", "end"))
    grid.append(_text(_x(0.5), _y(0) + 34, across, "middle"))
    grid.append(_text(_x(0), _y(1) - 9, up, "middle"))
    return _svg(390, 365, [*grid, *parts], title)


def _svg(width: float, height: float, parts: Sequence[str], title: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' font-family="system-ui, sans-serif" role="img" aria-label="{escape(title)}"><title>{escape(title)}</title>'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>' + "".join(parts) + "</svg>\n"
    )
