"""`parvis knowledge`: checks, measures and imports the agency's published answers."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.knowledge_gaps import gaps_cli, report_cli
from services.runtime.errors import InvalidInput

if TYPE_CHECKING:
    from services.drafting.knowledge_import import Converted
    from services.drafting.knowledge_report import Question

knowledge = typer.Typer(no_args_is_help=True, help="The agency's published answers, from which drafts are written.")

Folder = Annotated[Path | None, typer.Option("--dir", help="The articles; PARVIS_KNOWLEDGE_DIR, or the sample city's.")]


@knowledge.command("check")
def check_cli(
    folder: Annotated[Path | None, typer.Argument(help="The articles; PARVIS_KNOWLEDGE_DIR, or the sample city's.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Say what is in a folder of articles, what is wrong with it, and what could be better."""
    from services.domain import knowledge_folder, taxonomy
    from services.drafting import knowledge_report
    from services.runtime import clock
    from services.runtime.settings import Settings

    settings = Settings()
    where = folder or settings.knowledge_dir or knowledge_folder.SAMPLE_CITY
    try:
        passages = knowledge_folder.read(where)
    except knowledge_folder.InvalidKnowledge as error:
        raise InvalidInput(str(error), field="DIR") from None
    hints = knowledge_report.advice(passages, taxonomy.load(settings.taxonomy).names, clock.now().date())
    languages = sorted({p.language for p in passages})
    counts = {"articles": len({p.article_id for p in passages}), "passages": len(passages), "languages": languages}
    if as_json:
        print(json.dumps(counts | {"advice": hints}, ensure_ascii=False, indent=2))
        return
    print(f"{counts['articles']} articles, {counts['passages']} passages in {', '.join(languages)}: all can be read")
    for hint in hints:
        print(f"could be better: {hint}")


@knowledge.command("evaluate")
def evaluate_cli(
    questions: Annotated[Path, typer.Argument(help="JSON Lines: text, language, answers (ids).", exists=True, dir_okay=False)],
    folder: Folder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Measure how well questions find their articles, beside plain BM25, by language."""
    from services.domain import knowledge_folder
    from services.drafting import knowledge_report, passage_index
    from services.runtime import encoder_backends
    from services.runtime.settings import Settings

    asked = read_questions(questions)
    try:
        index = passage_index.load(folder or Settings().knowledge_dir, encoder=encoder_backends.of(Settings()))
    except knowledge_folder.InvalidKnowledge as error:
        raise InvalidInput(str(error), field="--dir") from None
    report = {
        language: {
            "parvis": knowledge_report.figures(own, lambda q: [hit.passage for hit in index.search(q.text, q.language, limit=10)]),
            "plain BM25": knowledge_report.figures(own, lambda q: [hit.passage for hit in index.plain(q.text, q.language, limit=10)]),
        }
        for language in sorted({q.language for q in asked})
        for own in [[q for q in asked if q.language == language]]
    }
    if as_json:
        print(json.dumps({code: {name: asdict(f) for name, f in of.items()} for code, of in report.items()}, indent=2))
        return
    print(f"{'':<6}{'':<12}{'questions':>10}{'first':>8}{'three':>8}{'MRR':>8}{'abstained':>11}")
    for language, by_name in report.items():
        for name, of in by_name.items():
            abstained = "-" if of.abstained is None else f"{of.abstained:.2f}"
            print(f"{language:<6}{name:<12}{of.questions:>10}{of.first:>8.3f}{of.three:>8.3f}{of.mrr:>8.3f}{abstained:>11}")


@knowledge.command("import")
def import_cli(
    source: Annotated[Path, typer.Argument(help="CSV or JSON Lines of questions and answers, or saved web pages (.html).", exists=True)],
    to: Annotated[Path, typer.Option("--to", help="The folder that the articles are written to.")],
    language: Annotated[str, typer.Option(help="The language of rows that do not say theirs.")] = "en",
    url: Annotated[str, typer.Option(help="The address of rows that do not say theirs.")] = "",
) -> None:
    """Make articles of what the agency has. A bad row is told with its field; the good ones are written; no file is overwritten."""
    from services.drafting import knowledge_import

    files = sorted(source.rglob("*.htm*")) if source.is_dir() else [source]
    written = skipped = 0
    for file in files:
        try:
            text = file.read_text(encoding="utf-8")
            if file.suffix.lower() in (".html", ".htm"):
                made = [knowledge_import.article_of_page(file.stem, text, language, url)]
                faults: list[str] = []
            else:
                made, faults = _rows(text, file, language, url)
        except knowledge_import.UnusableRow as error:
            made, faults = [], [str(error)]
        except UnicodeDecodeError:
            made, faults = [], ["not UTF-8: save it as UTF-8"]
        for fault in faults:
            skipped += 1
            typer.echo(f"{file.name}: {fault}", err=True)
        to.mkdir(parents=True, exist_ok=True)
        for article in made:
            path = to / f"{article.name}.md"
            try:
                with path.open("x", encoding="utf-8") as out:
                    out.write(article.text)
                written += 1
            except FileExistsError:
                skipped += 1
                typer.echo(f"{path} is there already: left as it is", err=True)
    print(f"{written} articles written to {to}, {skipped} left out")
    if skipped:
        raise typer.Exit(1)


def _rows(text: str, file: Path, language: str, url: str) -> "tuple[list[Converted], list[str]]":
    from services.drafting import knowledge_import

    made, faults = [], []
    for place, row in knowledge_import.rows_of(text, file.suffix.lower()):
        try:
            made.append(knowledge_import.article_of_row(place, row, language, url))
        except knowledge_import.UnusableRow as error:
            faults.append(str(error))
    return made, faults


def read_questions(path: Path) -> "list[Question]":
    """The questions of a set. Raises InvalidInput naming the line and the field."""
    from services.drafting.knowledge_report import Question

    questions = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            answers = row.get("answers", [])
            questions.append(
                Question(str(row["text"]), str(row["language"]), frozenset([answers] if isinstance(answers, str) else answers))
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            raise InvalidInput(
                f"{path.name}: line {number}: give text, language and answers (a list of ids, empty where nothing answers)"
            ) from None
    return questions


knowledge.command("gaps")(gaps_cli)
knowledge.command("report")(report_cli)
