"""Files that an article offers to go with a reply: named in its front matter, inside its folder, of a kind and a size that mail takes."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from schemas.invisible_characters import one_line
from services.domain import file_types

MIB = 1024 * 1024
MOST_BYTES = 5 * MIB
MOST_TOGETHER = 10 * MIB
LONGEST_NAME = 120
TYPES = {
    "application/pdf": "PDF",
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/gif": "GIF",
    "image/webp": "WebP",
    "application/vnd.oasis.opendocument.text": "ODT",
    "application/vnd.oasis.opendocument.spreadsheet": "ODS",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "DOCX",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "XLSX",
    "text/plain": "TXT",
    "text/calendar": "ICS",
}
"""What may go with a reply, by its bytes."""


class UnusableFile(ValueError):
    """It can't go with a reply; the message says why."""


@dataclass(frozen=True)
class ArticleFile:
    """A file as it is now. `path` is as the front matter has it, `name` what the citizen sees."""

    path: str
    name: str
    media_type: str
    size: int
    sha256: str

    @property
    def kind(self) -> str:
        """In a word for people."""
        return TYPES.get(self.media_type, self.media_type)


def content_of(folder: Path, path: str) -> bytes:
    """The bytes of the file at that path below the folder. Raises UnusableFile, also where a link leads out of it."""
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or "\\" in path or any(part.startswith(".") for part in pure.parts):
        raise UnusableFile("give its path within the folder, as forms/change-of-address.pdf")
    if pure.name != pure.name.strip():
        raise UnusableFile("give it a name that neither begins nor ends with a blank")
    if path != one_line(path) or len(pure.name) > LONGEST_NAME:
        raise UnusableFile(f"give it a name of at most {LONGEST_NAME} characters, none of them invisible")
    file = folder / pure
    try:
        target, root = file.resolve(), folder.resolve()
        if not target.is_relative_to(root):
            raise UnusableFile("it leads out of the folder: put the file itself there")
        if any(map(_is_hidden, target.relative_to(root).parts)):
            raise UnusableFile("it leads to a hidden file: put the file itself there")
        if not file.is_file():
            raise UnusableFile("there is no such file")
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise UnusableFile(f"it can't be read ({error.strerror})") from None
    if not content:
        raise UnusableFile("it is empty")
    if len(content) > MOST_BYTES:
        raise UnusableFile(f"it has more than {MOST_BYTES // MIB} MiB")
    return content


def _is_hidden(part: str) -> bool:
    """Whether that is nobody's to publish, as .git is. A ConfigMap's files lie in ..data, and that in one of ..2026_07_01_08_30_00."""
    return part.startswith(".") and not part.startswith("..")


def described(path: str, content: bytes) -> ArticleFile:
    """What the file is. Raises UnusableFile where that is nothing that goes with a reply."""
    name = PurePosixPath(path).name
    media_type = file_types.media_type(content, file_types.OTHER, name)
    if file_types.can_run(name):
        raise UnusableFile("a computer would run a file of that name; give it another one, as plan.txt")
    if media_type not in TYPES:
        raise UnusableFile(f"it is {media_type}; give one of {', '.join(TYPES.values())}")
    return ArticleFile(path, name, media_type, len(content), hashlib.sha256(content).hexdigest())


def of_article(folder: Path, paths: Sequence[str]) -> tuple[list[ArticleFile], list[str]]:
    """The files that can be used, and what is wrong with the others."""
    files, faults = list[ArticleFile](), list[str]()
    for path in dict.fromkeys(paths):
        try:
            files.append(described(path, content_of(folder, path)))
        except UnusableFile as error:
            faults.append(f"attachments: {path}: {error}")
    if sum(file.size for file in files) > MOST_TOGETHER:
        faults.append(f"attachments: together they have more than {MOST_TOGETHER // MIB} MiB")
    return files, faults
