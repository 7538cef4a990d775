"""Files that go with a reply: what the quoted articles offer, and those of it that a person has chosen, kept as they are now."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.replies_decided import ReplyAttachment
from services.domain import article_files, knowledge_folder
from services.domain.article_files import MIB, MOST_TOGETHER, ArticleFile, UnusableFile
from services.domain.articles import article_of
from services.review.cases.case_state import Case
from services.runtime.errors import Conflict, InvalidInput, Unavailable

if TYPE_CHECKING:
    from services.runtime.file_store import FileStore


def offered(case: Case, files: Mapping[str, Sequence[ArticleFile]]) -> dict[str, ArticleFile]:
    """By name, what goes with the articles that the draft quotes. `files` are by article."""
    articles = dict.fromkeys(article_of(citation.passage_id) for citation in (case.draft.citations if case.draft else []))
    return {file.name: file for article in articles for file in files.get(article, ())}


async def keep(case: Case, chosen: Sequence[str], folder: Path, store: "FileStore") -> tuple[ReplyAttachment, ...]:
    """Puts the chosen files into the store, so that what is sent is what was decided. Raises where one is not there to be chosen."""
    contents = await asyncio.to_thread(_read, case, chosen, folder)
    for _, content in contents:
        await _put(case.agency or "", content, store)
    return tuple(ReplyAttachment(name=file.name, media_type=file.media_type, sha256=file.sha256, size=file.size) for file, _ in contents)


async def _put(agency: str, content: bytes, store: "FileStore") -> None:
    """Nobody decides on a file that dispatch would not get: one that was damaged in the store is written anew."""
    digest = await store.put(agency, content)
    if await store.get(agency, digest) is None:
        await store.put(agency, content, anew=True)
        if await store.get(agency, digest) is None:
            raise Unavailable("the store of files does not give back what was put into it: nothing can be attached for now")


def _read(case: Case, chosen: Sequence[str], folder: Path) -> list[tuple[ArticleFile, bytes]]:
    try:
        passages = knowledge_folder.read(folder)
    except knowledge_folder.InvalidKnowledge:
        raise Conflict("attachments: the published answers can't be read just now, so nothing can be attached: try again later") from None
    choices = offered(case, {passage.article_id: passage.files for passage in passages})
    contents = []
    for name in dict.fromkeys(chosen):
        digest, _, plain = name.rpartition("/")
        if plain not in choices:
            raise InvalidInput(f"attachments: {plain!r} is not offered by an article that the draft quotes", field="attachments")
        try:
            content = article_files.content_of(folder, choices[plain].path)
            file = article_files.described(choices[plain].path, content)
        except UnusableFile:
            raise InvalidInput(
                f"attachments: {plain!r} can't go with a reply as it is now: `parvis knowledge check` says why", field="attachments"
            ) from None
        if digest not in ("", file.sha256):
            raise Conflict(f"{plain} is another file since you looked: open it again, then decide", field="attachments")
        contents.append((file, content))
    if sum(len(content) for _, content in contents) > MOST_TOGETHER:
        raise InvalidInput(f"attachments: together they have more than {MOST_TOGETHER // MIB} MiB", field="attachments")
    return contents
