"""The gate before a file is opened: what no scanner has seen is looked through now, where there is one, and a mail with all it holds."""

from uuid import UUID

from services.review.cases.attachments import attached_files, attachment_store
from services.review.cases.attachments.attached_files import KeptFile
from services.review.cases.commands import CaseCommands
from services.runtime.errors import NotAllowed, NotFound, Unavailable
from services.runtime.file_scanner import Verdict, first_infected


async def must_be_clean(commands: CaseCommands, request_id: UUID, agency: str, place: int) -> None:
    """Raises NotAllowed where the file stays closed, and Unavailable while the scanner is away."""
    async with commands.database.reading() as session:
        files = attached_files.opened_with(place, await attachment_store.of_case(session, request_id))
    verdicts = {file.place: Verdict(file.scan, file.threat) for file in files if file.scan and file.is_scanned}
    unseen = [file for file in files if not file.is_scanned]
    if commands.scanner and unseen and not first_infected(verdicts.values()):
        contents = [(await read(commands, request_id, agency, file.place))[1] for file in unseen]
        verdicts |= dict(zip((file.place for file in unseen), await commands.scanner.scan(contents), strict=True))
    infected = first_infected(verdicts.values())
    if infected or (commands.scanner and unseen):
        async with commands.database.transaction() as session:
            await attachment_store.note_verdicts(session, request_id, verdicts)
    if infected:
        raise NotAllowed(f"This file is blocked: the scanner has found {infected.threat} in it.")
    if any(verdict.result == "not_scanned" for verdict in verdicts.values()):
        raise Unavailable("This file stays closed until it was scanned for viruses, and the scanner is away: try again in a moment.")


async def read(commands: CaseCommands, request_id: UUID, agency: str, place: int) -> tuple[KeptFile, bytes]:
    """One file with its bytes, wherever they lie. Raises NotFound."""
    async with commands.database.reading() as session:
        file, content = await attachment_store.read(session, request_id, place)
    if content == attachment_store.ELSEWHERE:
        content = await commands.files.get(agency, file.sha256) or content
        if not content:
            raise NotFound("this file is not in the store of files: ask whoever runs Parvis to look for it there")
    return file, content
