"""Reads a folder of published answers, whole or not at all, and says when it has changed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from services.domain import article_files, articles
from services.domain.article_files import ArticleFile
from services.domain.articles import InvalidArticle, Passage
from services.domain.folder_state import Stamp, fault_list, stamp_of

SAMPLE_CITY = Path(__file__).parents[1] / "drafting" / "knowledge"


class InvalidKnowledge(ValueError):
    """The folder can't be used; the message has one line a file at fault."""


def files(folder: Path) -> Iterator[Path]:
    """Every `.md` file below the folder. A README is no article, and neither is what an editor, Git or Kubernetes keeps in hidden ones."""
    for file in sorted(folder.rglob("*.md")):
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        if not hidden and file.stem.lower() != "readme":
            yield file


def stamp(folder: Path) -> Stamp:
    """What tells whether the folder is as it was, with the files that go with replies."""
    return stamp_of(file for file in folder.rglob("*") if not any(part.startswith(".") for part in file.relative_to(folder).parts))


def read(folder: Path) -> list[Passage]:
    """Every passage of every article in it. Raises InvalidKnowledge naming every file at fault."""
    if not folder.is_dir():
        raise InvalidKnowledge(f"{folder} is not a folder: set PARVIS_KNOWLEDGE_DIR to the one with your articles")
    passages_read: list[Passage] = []
    faults: list[str] = []
    files_of: dict[str, Path] = {}
    offered: dict[str, ArticleFile] = {}
    for file in files(folder):
        name = file.relative_to(folder)
        try:
            passages = articles.passages(file.read_text(encoding="utf-8"), str(name))
        except InvalidArticle as error:
            faults.append(str(error))
            continue
        except UnicodeDecodeError:
            faults.append(f"{name}: not UTF-8; save it as UTF-8")
            continue
        except OSError as error:
            faults.append(f"{name}: can't be read ({error.strerror})")
            continue
        before = files_of.setdefault(passages[0].article_id, file)
        if before is not file:
            faults.append(f"{name}: id: {passages[0].article_id!r} is already {before.relative_to(folder)}")
            continue
        attached, wrong = article_files.of_article(folder, passages[0].named_files)
        # By its name people and programs choose a file.
        wrong += [
            f"attachments: {each.path}: {offered[each.name].path} has the same name; rename one"
            for each in attached
            if offered.setdefault(each.name, each).path != each.path
        ]
        faults.extend(f"{name}: {fault}" for fault in wrong)
        passages_read.extend(replace(passage, files=tuple(attached)) for passage in passages)
    if not passages_read and not faults:
        faults.append("there is no article in it: write one Markdown file an answer")
    if faults:
        raise InvalidKnowledge(fault_list(f"the knowledge in {folder}", faults))
    return passages_read
