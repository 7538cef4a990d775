"""Lists the ordinary words of the corpus: `python -m training.ordinary_words` writes `redaction/ordinary_words.txt`."""

import argparse
import re
import sys
import textwrap
from pathlib import Path

from services.domain import taxonomy
from services.triage import redaction
from services.triage.classification import model_store
from services.triage.redaction.text_folding import fold

WORDS = Path(redaction.__file__).with_name("ordinary_words.txt")
_SMALL = re.compile(r"(?<!\w)[a-z]{3,}(?!\w)")


def ordinary_words() -> str:
    """What the corpus that comes with Parvis writes in small letters: words, some of which are surnames too (frost, berger, boucher).

    The name rules let these pass only where nothing else speaks for a person: after a title or "my name is" they are names all the same.
    """
    texts = [fold(row.text).text for row in model_store.corpus_rows(taxonomy.load())]
    return textwrap.fill(" ".join(sorted({word for text in texts for word in _SMALL.findall(text)})), 139) + "\n"


def main() -> int:
    """Writes the list."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    WORDS.write_text(ordinary_words(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
