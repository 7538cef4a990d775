"""What `parvis train` says of a model, held against real sets: `python -m benchmarks.training_verdict --data DIR`.

Of each set the verdict itself; then how many of 5 % wrong labels, planted by the seed, are among the 20 that it lists (others of the
20 may be wrong as well: the sets' own labels are noisy); and whether labels in random order are said to be useless. Below that, how
well categories are learnt by how many rows they have. The rule was chosen on seeds 0 and 1.
"""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from benchmarks.classifier import sets_of
from services.domain import taxonomy
from services.triage.classification.examples import Example
from services.triage.classification.served_text import served
from services.triage.classification.training import train
from services.triage.classification.training_verdict import verdict
from services.triage.letter import agency_of

PLANTED = 0.05
SIZES = (5, 10, 20, 50, 100)


def with_wrong_labels(rows: list[Example], seed: int) -> tuple[list[Example], set[int]]:
    random = np.random.default_rng(seed)
    names = sorted({row.category for row in rows})
    planted = {int(row) for row in random.choice(len(rows), round(len(rows) * PLANTED), replace=False)}
    wrong = [
        replace(row, category=str(random.choice([name for name in names if name != row.category]))) if number in planted else row
        for number, row in enumerate(rows)
    ]
    return wrong, planted


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled JSONL")
    parser.add_argument("--seeds", type=int, nargs="+", default=[2, 3], help="each plants and shuffles otherwise")
    arguments = parser.parse_args()
    agency = agency_of(taxonomy.load())
    by_size: dict[int, list[float]] = {}
    for name, examples in sets_of(arguments.data).items():
        rows = [replace(row, row=number) for number, row in enumerate(served(examples, agency))]
        names = {row.category for row in rows}
        facts = train(rows).facts
        for figures in facts["held_out"]["by_category"].values():
            by_size.setdefault(sum(figures["n"] >= size for size in SIZES), []).append(figures["f1"])
        print(f"\n{name}: {len(rows)} rows, {len(names)} labels\n{verdict(facts, rows, names).summary()}", flush=True)
        for seed in arguments.seeds:
            wrong, planted = with_wrong_labels(rows, seed)
            suspects = verdict(train(wrong, seed=seed).facts, wrong, names).suspect
            listed = sum(suspect.row in planted for suspect in suspects)
            labels = np.random.default_rng(seed).permutation([row.category for row in rows])
            shuffled = [replace(row, category=str(label)) for row, label in zip(rows, labels, strict=True)]
            noise = verdict(train(shuffled, seed=seed).facts, shuffled, names)
            print(
                f"seed {seed}: of {len(planted)} planted wrong labels {listed} are among the {len(suspects)} listed; "
                f"in random order: {noise.worth}, {noise.accuracy:.1%} right and {noise.by_chance:.1%} by chance",
                flush=True,
            )
    print("\nF1 of categories by how many rows they have, in the mean")
    for size, f1 in sorted(by_size.items()):
        print(f"{(0, *SIZES)[size]:>4d} and more: {np.mean(f1):.2f} of {len(f1)} categories")
    return 0 if by_size else 2


if __name__ == "__main__":
    sys.exit(main())
