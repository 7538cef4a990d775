"""Both models asked about the same messages: any right category counts, and each message keeps its language and channel."""

from collections.abc import Sequence
from pathlib import Path

from services.triage.classification.champion_challenger import judge, read_messages
from services.triage.classification.classifier import Prediction
from services.triage.message_parts import Agency
from tests.builders import as_lines


class Says:
    def __init__(self, category: str) -> None:
        self._category = category

    def predict(self, texts: Sequence[str], languages: Sequence[str] | None = None) -> list[Prediction]:  # noqa: ARG002
        return [Prediction(self._category, 0.8, [], answered=True) for _ in texts]


def test_any_of_several_right_categories_is_right_and_channel_and_language_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows = [
        {"text": "the lamp fell on my car", "category": ["lamps", "claims"], "channel": "phone", "language": "en"},
        {"text": "Bonjour, le lampadaire devant chez moi est en panne depuis lundi", "category": "lamps"},
    ]
    path.write_text(as_lines(*rows), encoding="utf-8")

    pairs, _ = judge(Says("claims"), Says("lamps"), read_messages(path, Agency()))

    assert [(pair.champion.right, pair.candidate.right) for pair in pairs] == [(True, True), (False, True)]
    assert [(pair.channel, pair.champion.language) for pair in pairs] == [("phone", "en"), ("", "fr")]
