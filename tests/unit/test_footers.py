"""The desk is chosen by what the citizen writes, not by what they sign with: read by the model that comes with Parvis."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from schemas.values import Urgency
from services.domain import taxonomy
from services.runtime import clock
from services.triage import rules
from services.triage.classification import model_store
from services.triage.classification.classifier import Classifier

CITY = taxonomy.load()
MOST_MOVED = {"dev": 0, "test": 2}
LAMP = "The street lamp outside number 12 has been dark for a week and the pavement is hard to see at night."


@pytest.fixture(scope="module")
def default(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    models: Path = tmp_path_factory.mktemp("models")
    return model_store.trained_default(models, CITY)


def sorted_by(default: Classifier, body: str) -> RequestTriaged:
    request = RequestReceived(request_id=uuid4(), agency="city", channel="email", received_at=clock.now(), body=body)
    return rules.triage([request], default, CITY)[0]


@pytest.mark.parametrize(
    ("footer", "kind"),
    [
        ("\n\nKind regards,\nA. Kestrel\nTax adviser, Kestrel & Partners\nIncome tax, property tax and VAT returns", "signature"),
        ("\n\n--\nA. Kestrel, tax adviser\nKestrel Tax Ltd, council tax appeals and refunds\nTel. 030 901820", "signature"),
        (" Kind regards, A. Kestrel, tax adviser", "signature"),
        ("\n\nMit freundlichen Grüßen\nA. Kestrel\nSteuerberaterin, Kanzlei Kestrel\nEinkommensteuer, Grundsteuer", "signature"),
        ("\n\nCordialement,\nA. Kestrel\nConseiller fiscal, cabinet Kestrel\nImpôts, taxe foncière, TVA", "signature"),
        ("\n\nThis message is confidential and intended only for the recipient. Tax advice in this e-mail is not binding.", "footer"),
        ("\n\nSent from my iPhone", "footer"),
    ],
)
def test_a_lamp_goes_to_street_lighting_whoever_signs(default: Classifier, footer: str, kind: str) -> None:
    decided = sorted_by(default, LAMP + footer)

    assert decided.category == "street_lighting"
    assert decided.confidence == pytest.approx(sorted_by(default, LAMP).confidence, abs=0.02)
    assert [part.kind for part in decided.parts] == ["new", kind]


def test_a_tax_matter_still_goes_to_taxes(default: Classifier) -> None:
    assert sorted_by(default, "I want to object to my property tax bill, which is too high.").category.startswith("tax")


FOOTERS = [json.loads(line) for line in (Path(__file__).parents[2] / "benchmarks/sets/footers.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("part", ["dev", "test"])
def test_a_message_is_sorted_alike_with_and_without_its_professional_footer(default: Classifier, part: str) -> None:
    rows = [row for row in FOOTERS if row["split"] == part]
    moved = [row for row in rows if sorted_by(default, row["text"] + row["footer"]).category != sorted_by(default, row["text"]).category]
    assert len(moved) <= MOST_MOVED[part], moved


@pytest.mark.parametrize(
    "signature",
    [
        "\n\nBest,\nAmy Snow\nGas safe engineer, Snow Heating\nGas leaks, boilers, carbon monoxide checks - same day",
        "\n\nCordialement,\n\nMe Anne Petit\nAvocate, droit du logement et expulsions\nDélais de recours, référés, audience",
        "\n\nRegards\nTom Baker\nBaker & Son Funeral Directors\nVisit us on facebook",
    ],
)
def test_a_list_of_trades_neither_raises_nor_sorts(default: Classifier, signature: str) -> None:
    plain, signed = sorted_by(default, LAMP), sorted_by(default, LAMP + signature)
    assert (signed.category, signed.urgency) == (plain.category, plain.urgency)
    assert sorted_by(default, f"{LAMP}\n\nRegards\nTom\nThere is a strong smell of gas here").urgency is Urgency.EMERGENCY
