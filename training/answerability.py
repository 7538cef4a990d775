"""Trains what says whether a passage answers a message: `python -m training.answerability` writes the weights and their card.

Learned from are messages of ours with the passages that answer them, or none, for the sample city and for an invented pension fund, and
the development half of the benchmark's questions. Triage's reading of each is kept in the lines, mistakes and all, as the default
classifier made it before these messages were there. The weights of `meaning` are only made where the extra `encoder` is installed.
"""

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from services.domain import knowledge_folder
from services.drafting import answerability
from services.drafting.answerability import Evidence, TriagedAs
from services.drafting.passage_index import JUDGED, Candidate, Knowledge
from services.runtime import encoder_backends
from training.cards import learned_from

DATA = Path(__file__).with_name("data")
CARD = Path(__file__).with_name("answerability.md")
PICTURE = Path(__file__).parents[1] / "docs" / "answerability.svg"
MESSAGES = DATA / "answerability.jsonl"
QUESTIONS = Path(__file__).parents[1] / "benchmarks" / "sets" / "questions.jsonl"
FOLDERS = {"city": knowledge_folder.SAMPLE_CITY, "fund": DATA / "knowledge_fund"}
PRECISION, SURE_PRECISION = 0.85, 0.9
"""How many of the messages that are quoted an article have to get a right one, held out; and of those that are quoted one without a mark.

Most messages of ours that nothing answers are about the matter of an article, which few real ones are: with those it is right more often.
"""
PASSAGE_PRECISION = 0.8
"""Of those that are quoted a passage without a mark, how many the very passage that is named: another of its article is often right too."""
FEWEST = 30
"""Messages that a precision is read off."""
HEAD = (
    "| messages of | number | answerable | of those quoted, right article | right passage | answerable ones quoted a right article "
    "| silent where nothing answers | of those quoted, without a mark | of these, right passage |"
)
_STRENGTH, _FOLDS = 0.3, 10

Row = NDArray[np.float64]


@dataclass(frozen=True)
class Message:
    """A message with what was looked up for it; `right_*` say of each passage whether its article, and it itself, answers."""

    name: str
    knowledge: str
    group: str
    answerable: bool
    candidates: list[Candidate]
    right_article: list[bool]
    right_passage: list[bool]


@dataclass(frozen=True)
class Quoted:
    """What a message would be quoted first, by weights that were learned without it and its like."""

    message: Message
    article_answers: float
    passage_answers: float
    right_article: bool
    right_passage: bool


@dataclass(frozen=True)
class Floors:
    """From where on a message is quoted an article, and a passage without a mark."""

    article: float
    article_sure: float
    passage: float


def main() -> int:
    """Trains, and writes the weights and their card."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    kept: dict[str, Any] = json.loads(answerability.WEIGHTS.read_text(encoding="utf-8")) if answerability.WEIGHTS.exists() else {}
    sections = []
    curves: dict[str, list[tuple[float, float]]] = {}
    for evidence in available():
        messages = read(evidence)
        quoted = held_out(messages)
        kept[evidence] = weights(messages, floors(quoted))
        sections.append(_section(evidence, messages, quoted))
        curves[evidence] = _curve(messages, quoted)
    answerability.WEIGHTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    PICTURE.write_text(_picture(curves), encoding="utf-8")
    card = _card(sections)
    CARD.write_text(card, encoding="utf-8")
    print(card)
    return 0


def available() -> list[Evidence]:
    """What can be compared here: words always, meanings with the encoder."""
    return ["words", "meaning"] if encoder_backends.local() else ["words"]


def inputs() -> list[Path]:
    """Every file that is learned from, the articles apart."""
    return [MESSAGES, QUESTIONS]


def lines() -> Iterable[dict[str, Any]]:
    """The messages, and the questions of the development half."""
    yield from (json.loads(line) for line in MESSAGES.read_text(encoding="utf-8").splitlines())
    for line in map(json.loads, QUESTIONS.read_text(encoding="utf-8").splitlines()):
        if line["part"] == "dev":
            yield {"knowledge": "city", "subject": None, **line}


def read(evidence: Evidence) -> list[Message]:
    """Every message, searched for."""
    encodes = encoder_backends.local() if evidence == "meaning" else None
    folders = {name: Knowledge(knowledge_folder.read(folder), encodes) for name, folder in FOLDERS.items()}
    messages = []
    for line in lines():
        triaged = TriagedAs(line["category"], line["confidence"], line["letter"], line["letter_confidence"] or 0.0)
        text = "\n".join(filter(None, (line["subject"], line["text"])))
        candidates = folders[line["knowledge"]].candidates(text, line["language"], triaged, JUDGED)
        # Messages that have one answer, and those without one about one thing, are held out together: many translate each other.
        group = line["answers"][0].split("-", 1)[1].split("#")[0] if line["answers"] else f"none {line['category']}"
        messages.append(
            Message(
                line["id"],
                line["knowledge"],
                group,
                bool(line["answers"]),
                candidates,
                [any(answer.startswith(f"{c.passage.article_id}#") for answer in line["answers"]) for c in candidates],
                [c.passage.passage_id in line["answers"] for c in candidates],
            )
        )
    return messages


def _rows(messages: Iterable[Message]) -> Row:
    return np.array([list(candidate.features.values()) for message in messages for candidate in message.candidates])


def _model(messages: list[Message], right: str) -> tuple[Row, float]:
    """Weights for the features as they are, and the bias; learned of them at one scale."""
    rows = _rows(messages)
    answers = np.array([answer for message in messages for answer in getattr(message, right)])
    middle, scale = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-9)
    learned = LogisticRegression(C=_STRENGTH, max_iter=5000, tol=1e-8).fit((rows - middle) / scale, answers)
    slopes = learned.coef_[0] / scale
    return slopes, float(learned.intercept_[0] - slopes @ middle)


def held_out(messages: list[Message]) -> list[Quoted]:
    """What every message would be quoted; of the likeliest article the passage that fits best."""
    quoted: list[Quoted] = []
    for train, test in GroupKFold(_FOLDS).split(messages, groups=[message.group for message in messages]):
        own = [messages[place] for place in train]
        models = [_model(own, right) for right in ("right_article", "right_passage")]
        for message in (messages[place] for place in test if messages[place].candidates):
            article, passage = (1 / (1 + np.exp(-(_rows([message]) @ slopes + bias))) for slopes, bias in models)
            likeliest = message.candidates[int(article.argmax())].passage.article_id
            first = next(place for place, c in enumerate(message.candidates) if c.passage.article_id == likeliest)
            quoted.append(
                Quoted(message, float(article.max()), float(passage[first]), message.right_article[first], message.right_passage[first])
            )
    return quoted


def floors(quoted: list[Quoted]) -> Floors:
    """The lowest probabilities from which on enough are right; the second among those that the first lets through."""
    articles = [(q.article_answers, q.right_article) for q in quoted]
    article, sure = _floor(articles, PRECISION), _floor(articles, SURE_PRECISION)
    above = [(q.passage_answers, q.right_passage) for q in quoted if q.article_answers >= sure]
    return Floors(article, sure, _floor(above, PASSAGE_PRECISION))


def _floor(judged: list[tuple[float, bool]], precision: float) -> float:
    order = sorted(judged, reverse=True)
    share = np.cumsum([right for _, right in order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share >= precision)
    enough = enough[enough >= FEWEST]
    return round(order[int(enough[-1])][0], 3) if len(enough) else 0.99


def weights(messages: list[Message], from_where: Floors) -> dict[str, Any]:
    """What is shipped: learned from every message, with the floors of those held out."""
    names = list(messages[0].candidates[0].features)
    learned = {}
    for name, floor, sure in (
        ("article", from_where.article, from_where.article_sure),
        ("passage", from_where.passage, from_where.passage),
    ):
        slopes, bias = _model(messages, f"right_{name}")
        weight = {name: round(float(slope), 4) for name, slope in zip(names, slopes, strict=True)}
        learned[name] = {"floor": floor, "sure": sure, "bias": round(bias, 4), "weights": weight}
    return learned


def _section(evidence: Evidence, messages: list[Message], quoted: list[Quoted]) -> str:
    least = floors(quoted)
    rows = []
    for name in ("all", *FOLDERS):
        own = [message for message in messages if name in ("all", message.knowledge)]
        above = [q for q in quoted if name in ("all", q.message.knowledge) and q.article_answers >= least.article]
        unmarked = [q for q in above if q.passage_answers >= least.passage and q.article_answers >= least.article_sure]
        answerable = sum(message.answerable for message in own)
        figures = (
            _share(q.right_article for q in above),
            _share(q.right_passage for q in above),
            sum(q.right_article for q in above) / answerable,
            1 - sum(not q.message.answerable for q in above) / (len(own) - answerable),
            len(unmarked) / max(len(above), 1),
            _share(q.right_passage for q in unmarked),
        )
        rows.append(f"| {name} | {len(own)} | {answerable} | {' | '.join(f'{figure:.2f}' for figure in figures)} |")
    return "\n".join(
        (
            f"## By {evidence}",
            f"Quoted from {least.article} on; without a mark from {least.article_sure} on if the passage has {least.passage}.",
            "",
            HEAD,
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
            *rows,
        )
    )


def _share(flags: Iterable[bool]) -> float:
    counted = list(flags)
    return sum(counted) / max(len(counted), 1)


def _curve(messages: list[Message], quoted: list[Quoted]) -> list[tuple[float, float]]:
    """From the likeliest on: the share of answerable messages that are quoted a right article, and how many of those quoted are."""
    order = np.array([q.right_article for q in sorted(quoted, key=lambda q: -q.article_answers)])
    coverage = np.cumsum(order) / sum(message.answerable for message in messages)
    precision = np.cumsum(order) / np.arange(1, len(order) + 1)
    return list(zip(coverage[FEWEST:].tolist(), precision[FEWEST:].tolist(), strict=True))


def _picture(curves: dict[str, list[tuple[float, float]]]) -> str:
    """Precision against coverage, a line for each kind of evidence."""
    lines = []
    for number, (name, curve) in enumerate(curves.items()):
        colour = ("#1f5fa8", "#b3541e")[number]
        points = " ".join(f"{60 + 400 * coverage:.0f},{20 + 240 * (1 - precision):.0f}" for coverage, precision in curve)
        lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        lines.append(f'<text x="75" y="{220 + 18 * number}" fill="{colour}">compared by {name}</text>')
    ticks = [
        f'<text x="{60 + 4 * share}" y="278" text-anchor="middle">{share} %</text>'
        f'<text x="54" y="{264 - 2.4 * share:.0f}" text-anchor="end">{share} %</text>'
        for share in range(0, 101, 20)
    ]
    return "\n".join(
        (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 305" font-family="sans-serif" font-size="11">',
            '<rect width="480" height="305" fill="white"/><path d="M60 20V260H460" fill="none" stroke="black"/>',
            *ticks,
            *lines,
            '<text x="260" y="298" text-anchor="middle">answerable messages that are quoted a right article</text>',
            '<text x="66" y="14">of those quoted, right article (held out)</text>',
            "</svg>",
            "",
        )
    )


def _card(sections: list[str]) -> str:
    return "\n".join(
        (
            "# Card of the answerability weights",
            "Written by `python -m training.answerability`, as the weights are. Two logistic regressions over how a passage fits a",
            "message: does its article answer, so that it is quoted, and does this very passage, so that it is quoted without a mark.",
            "A person reads every draft; nothing else is decided by them. Figures are of folds held out by article. One hand wrote",
            "messages, questions and articles, so they flatter; but many messages that nothing answers are about the matter of an",
            "article, which real ones seldom are.",
            "",
            *(f"{section}\n" for section in sections),
            *learned_from(inputs()),
            "",
        )
    )


if __name__ == "__main__":
    sys.exit(main())
