"""Measures the default model on real messages it never saw: `python -m benchmarks.default_model --data DIR`.

`benchmarks/sets/label_map.yaml` says what the labels of the public sets mean in the default taxonomy. Nothing of those sets is
trained on. The labels say where a message was filed, not what it is about: an answer about pensions, given to a question on public
spending, counts as a mistake here. `written_en` is ours: 28 messages for each category, harder than any post, and not in the sum.
`--errors N` lists the surest mistakes, for a person to read on the spot; nothing is written down.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import yaml

from services.domain import taxonomy
from services.runtime import encoder_backends
from services.triage.classification import model_store
from services.triage.classification.classifier import Classifier
from services.triage.classification.evaluation import Figures, Judged, Labelled, figures
from services.triage.classification.examples import Example
from services.triage.classification.served_text import served
from services.triage.letter import agency_of

LABEL_MAP = Path(__file__).parent / "sets" / "label_map.yaml"
WRITTEN = Path(__file__).parent / "sets" / "written_en.jsonl"
SHORT_ROWS = 400
FLOORS = {
    # over all sets, the first rows of each too: accuracy, share answered, and how many of the answered are right
    "accuracy": 0.71,
    "answered": 0.58,
    "answered_precision": 0.81,
}


def labelled(path: Path, meaning: Mapping[str, str | list[str]]) -> list[Labelled]:
    """Rows whose label corresponds to a category, or to several that would be right."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        means = meaning.get(row["category"], meaning.get("*"))
        if means:
            rows.append(Labelled(row["text"], (means,) if isinstance(means, str) else tuple(means), row.get("language")))
    return rows


def judged(classifier: Classifier, rows: Sequence[Labelled]) -> list[Judged]:
    predictions = classifier.predict([row.text for row in served([Example(row.text, "") for row in rows], agency_of(taxonomy.load()))])
    return [
        Judged(
            prediction.category if prediction.category in row.categories else row.categories[0],
            prediction.category,
            prediction.confidence,
            prediction.answered,
            row.language or "und",
        )
        for prediction, row in zip(predictions, rows, strict=True)
    ]


def shown(name: str, f: Figures) -> str:
    shares = (f.accuracy, f.ece, f.coverage_at_95, f.coverage_at_90, f.answered, f.answered_precision)
    return f"{name:34s}{f.n:>6d}" + "".join(f"{100 * share:>10.1f}" for share in shares)


HEAD = f"{'':34s}{'rows':>6s}" + "".join(f"{head:>10s}" for head in ("accuracy", "ECE", "cover@95", "cover@90", "answered", "right"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the sets that the label map names")
    parser.add_argument("--short", action="store_true", help=f"{SHORT_ROWS} rows of each set")
    parser.add_argument("--floors", action="store_true", help="fail where the default model falls below what it once reached")
    parser.add_argument("--encoder", action="store_true", help="with the extra `encoder`, as PARVIS_TRIAGE_ENCODER=local")
    parser.add_argument("--errors", type=int, default=0, metavar="N", help="print the N surest mistakes of each set")
    arguments = parser.parse_args()
    began = time.process_time()
    encoder = encoder_backends.local() if arguments.encoder else None
    with tempfile.TemporaryDirectory() as folder:
        classifier = model_store.trained_default(Path(folder), taxonomy.load(), encoder)
    seconds = time.process_time() - began
    print(f"trained in {seconds:.1f} s of one core: {classifier.facts['rows']} rows, {len(classifier.categories)} categories")
    print(f"asks for {classifier.meaning.encoder_name}\n" if classifier.meaning else "words alone\n")
    meanings = yaml.safe_load(LABEL_MAP.read_text(encoding="utf-8"))
    everything: list[Judged] = []
    parts: list[tuple[str, list[Judged]]] = []
    for name, meaning in meanings.items():
        path = arguments.data / f"{name}.jsonl"
        if not path.is_file():
            print(f"{name}: not there", file=sys.stderr)
            continue
        rows = labelled(path, meaning)[: SHORT_ROWS if arguments.short else None]
        result = judged(classifier, rows)
        everything += result
        parts.append((name, result))
        for row, judgement in sorted(zip(rows, result, strict=True), key=lambda pair: -pair[1].confidence * (not pair[1].right))[
            : arguments.errors
        ]:
            print(f"  {judgement.confidence:.2f} {judgement.predicted}, not {judgement.label}: {row.text[:160]!r}")
    if not everything:
        return 2
    print(HEAD)
    for name, result in parts:
        print(shown(name, figures(result)))
    for language in sorted({judgement.language for judgement in everything}):
        print(shown(f"language {language}", figures([judgement for judgement in everything if judgement.language == language])))
    total = figures(everything)
    print(shown("all", total))
    kinds = taxonomy.load().categories
    print(shown(WRITTEN.stem, figures(judged(classifier, labelled(WRITTEN, {name: name for name in kinds})))))
    confused = Counter((judgement.label, judgement.predicted) for judgement in everything if not judgement.right)
    print(
        "\nmost confused: " + "; ".join(f"{label} taken for {predicted} ({count})" for (label, predicted), count in confused.most_common(8))
    )
    low = [f"{name} is {getattr(total, name):.3f}, the floor {floor}" for name, floor in FLOORS.items() if getattr(total, name) < floor]
    for line in low:
        print(f"below the floor: {line}", file=sys.stderr)
    return 1 if low and arguments.floors else 0


if __name__ == "__main__":
    sys.exit(main())
