"""The desk is chosen by what the citizen writes, not by what they sign with: read by the model that comes with Parvis."""

from pathlib import Path
from uuid import uuid4

import pytest

from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from services.domain import taxonomy
from services.runtime import clock
from services.triage import rules
from services.triage.classification import model_store
from services.triage.classification.classifier import Classifier

CITY = taxonomy.load()
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
