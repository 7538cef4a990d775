"""Makes `reply_words.yaml`: the words that right replies use beside those of their passages and letters.

A statement with several words that stand neither there nor in this list says something of its own, and is marked. Made of the drafts
that may be looked at (part `tune`, and the right ones of our own): `python -m benchmarks.reply_words`.
"""

import json
from collections import defaultdict
from pathlib import Path

import yaml

from benchmarks.checks import SETS
from services.drafting import tokenization

TARGET = Path("services/drafting/claims/reply_words.yaml")
HEADING = "# Stems that right replies use beside those of their passages and letters; made by `python -m benchmarks.reply_words`.\n"


def main() -> None:
    """Write the list."""
    words: dict[str, set[str]] = defaultdict(set)
    for name in ("marked_drafts.jsonl", "right_drafts.jsonl"):
        for line in (SETS / name).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row["part"] in ("tune", "own") and not row["fault"]:
                words[row["language"]] |= {stem for stem in tokenization.content(row["body"], row["language"]) if stem.isalpha()}
    lists = {language: " ".join(sorted(stems)) for language, stems in sorted(words.items())}
    TARGET.write_text(HEADING + yaml.safe_dump(lists, allow_unicode=True, width=140), encoding="utf-8")


if __name__ == "__main__":
    main()
