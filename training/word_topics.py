"""Learns which words tell what a message is about: `python -m training.word_topics` writes `drafting/word_topics.json`.

A word that stands in messages of every category ("yesterday", "wife", "told") says less of the matter than one that stands in those of
a few ("lamp", "pension"); how much is the divergence of its categories from those of all messages, of at most 1. The messages are the
sorted ones that the default classifier learns from.
"""

import argparse
import json
import math
import sys
from collections import Counter, defaultdict
from pathlib import Path

from services.drafting import tokenization

CORPUS = Path(__file__).parents[1] / "services" / "triage" / "classification" / "corpus"
LANGUAGES = ("en", "fr")
FEWEST = 3
"""In fewer messages than that, a word says something about them alone."""


def main() -> int:
    """Learns, and writes the file."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    tokenization.TOPICS.write_text(word_topics(), encoding="utf-8")
    return 0


def word_topics() -> str:
    """The file: of each stem of each language, in hundredths, how much it says of the matter."""
    return json.dumps({language: _of(language) for language in LANGUAGES}, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n"


def _of(language: str) -> dict[str, int]:
    messages: Counter[str] = Counter()
    by_stem: dict[str, Counter[str]] = defaultdict(Counter)
    for file in sorted(CORPUS.glob("*.jsonl")):
        for row in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
            if row["language"] == language:
                messages[file.stem] += 1
                for stem in set(tokenization.content(row["text"], language)):
                    by_stem[stem][file.stem] += 1
    shares = {category: count / messages.total() for category, count in messages.items()}
    return {stem: _divergence(counts, shares) for stem, counts in by_stem.items() if counts.total() >= FEWEST}


def _divergence(counts: Counter[str], shares: dict[str, float]) -> int:
    """The Kullback-Leibler divergence, smoothed by as many messages as the fewest, as a share of the largest possible."""
    total = counts.total() + FEWEST
    smoothed = {category: (counts[category] + FEWEST * share) / total for category, share in shares.items()}
    divergence = sum(value * math.log(value / shares[category]) for category, value in smoothed.items())
    return round(100 * divergence / math.log(len(shares)))


if __name__ == "__main__":
    sys.exit(main())
