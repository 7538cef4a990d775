"""Measures retrieval: is the first passage of the category that the message is about? `python -m benchmarks.retrieval [--floors]`.

The messages are the sorted ones that the default classifier learns from; they were not written for these articles.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from services.drafting import passage_index
from services.drafting.passage_index import Knowledge, SearchHit
from services.runtime import encoder_backends

QUESTIONS = Path(__file__).with_name("sets") / "questions.jsonl"
MESSAGES = Path(__file__).parents[1] / "services" / "triage" / "classification" / "corpus"
FLOORS = {"en": 0.52, "fr": 0.5, "searches per second": 50.0}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--floors", action="store_true", help="exit 1 where a figure is below its floor")
    options = parser.parse_args()
    print_questions()
    figures = measured(passage_index.load())
    for name, figure in figures.items():
        print(f"{name:<22}{figure:>10.3f}")
    below = [name for name, floor in FLOORS.items() if figures[name] < floor] if options.floors else []
    for name in below:
        print(f"{name}: {figures[name]:.3f} is below {FLOORS[name]}", file=sys.stderr)
    return 1 if below else 0


def print_questions() -> None:
    """How well our questions find their articles: by plain BM25, by words, and by meaning where the extra `encoder` is installed."""
    lines = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    by_words, encoder = passage_index.load(), encoder_backends.local()
    searches: dict[str, Callable[..., list[SearchHit]]] = {"plain BM25": by_words.plain, "words": by_words.search}
    if encoder:
        searches["meaning"] = passage_index.load(encoder=encoder).search
    print(f"{'part':<6}{'':<4}{'':<12}{'questions':>10}{'first':>8}{'three':>8}{'MRR':>8}{'passage':>9}")
    for part, language in sorted({(line["part"], line["language"]) for line in lines}):
        own = [line for line in lines if (line["part"], line["language"]) == (part, language)]
        for name, search in searches.items():
            places, passages = [], 0
            for line in own:
                hits = search(line["text"], language, limit=10)
                articles = list(dict.fromkeys(hit.passage.article_id for hit in hits))
                article = line["answers"][0].split("#")[0]
                places.append(articles.index(article) + 1 if article in articles else 0)
                passages += bool(hits) and hits[0].passage.passage_id in line["answers"]
            shares = (
                sum(place == 1 for place in places) / len(own),
                sum(0 < place <= 3 for place in places) / len(own),
                sum(1 / place for place in places if place) / len(own),
            )
            print(
                f"{part:<6}{language:<4}{name:<12}{len(own):>10}"
                + "".join(f"{share:>8.3f}" for share in shares)
                + f"{passages / len(own):>9.3f}"
            )


def measured(index: Knowledge, keep: Callable[[str], bool] = bool) -> dict[str, float]:
    """The share whose first passage, and one of whose first three, is of the right category; by language."""
    searches: Counter[str] = Counter()
    first: Counter[str] = Counter()
    three: Counter[str] = Counter()
    started = time.perf_counter()
    for category, language, text in messages():
        if not keep(text):
            continue
        categories = [hit.passage.category for hit in index.search(text, language, limit=3)]
        searches[language] += 1
        first[language] += categories[:1] == [category]
        three[language] += category in categories
    seconds = time.perf_counter() - started
    figures: dict[str, float] = {"messages": searches.total(), "searches per second": searches.total() / seconds}
    for language, n in searches.items():
        figures |= {language: first[language] / n, f"{language} in three": three[language] / n}
    return figures


def messages() -> Iterator[tuple[str, str, str]]:
    for file in sorted(MESSAGES.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row["language"] in ("en", "fr"):
                yield file.stem, row["language"], row["text"]


if __name__ == "__main__":
    sys.exit(main())
