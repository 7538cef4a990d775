"""Reads a folder of published answers, whole or not at all, and says when it has changed."""

from collections.abc import Iterator
from pathlib import Path

from services.domain import articles
from services.domain.articles import InvalidArticle, Passage

SAMPLE_CITY = Path(__file__).parents[1] / "drafting" / "knowledge"
SHOWN_FAULTS = 20

Stamp = frozenset[tuple[str, int, int, int, int]]
"""Name, times, size and number of every article's file: another one where any was changed, added or taken away."""


class InvalidKnowledge(ValueError):
    """The folder can't be used; the message has one line a file at fault."""


def files(folder: Path) -> Iterator[Path]:
    """Every `.md` file below the folder. A README is no article, and neither is what an editor, Git or Kubernetes keeps in hidden ones."""
    for file in sorted(folder.rglob("*.md")):
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        if not hidden and file.stem.lower() != "readme":
            yield file


def stamp(folder: Path) -> Stamp:
    """What tells whether the folder is as it was."""
    seen = set()
    for file in files(folder):
        try:
            status = file.stat()
        except OSError:  # taken away between the two
            continue
        # Whoever copies with times kept sets the one of the content; that of the inode is the system's own.
        times = (status.st_mtime_ns, status.st_ctime_ns)
        seen.add((str(file.relative_to(folder)), *times, status.st_size, status.st_ino))
    return frozenset(seen)


def read(folder: Path) -> list[Passage]:
    """Every passage of every article in it. Raises InvalidKnowledge naming every file at fault."""
    if not folder.is_dir():
        raise InvalidKnowledge(f"{folder} is not a folder: set PARVIS_KNOWLEDGE_DIR to the one with your articles")
    passages_read: list[Passage] = []
    faults: list[str] = []
    files_of: dict[str, Path] = {}
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
        passages_read.extend(passages)
    if not passages_read and not faults:
        faults.append("there is no article in it: write one Markdown file an answer")
    if faults:
        more = f"\n... and {len(faults) - SHOWN_FAULTS} more" if len(faults) > SHOWN_FAULTS else ""
        raise InvalidKnowledge(f"the knowledge in {folder} can't be used:\n" + "\n".join(faults[:SHOWN_FAULTS]) + more)
    return passages_read
