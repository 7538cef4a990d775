"""Collects all that is kept of requests, from the same list of tables as an erasure, with their files."""

import base64
import io
import json
import zipfile
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from services.review.audit import store as audit
from services.review.cases import store as cases
from services.review.erasure import elsewhere, store
from services.review.erasure.citizens_tables import HOLDINGS
from services.review.erasure.store import Tables
from services.runtime.database import Session
from services.runtime.file_store import file_store
from services.runtime.settings import Settings

DATA = "data.json"
NOT_THEIRS = frozenset({"review_attachments.content"})
"""Bytes that go as a file of their own."""


async def export(session: Session, settings: Settings, request_ids: Collection[UUID], now: datetime) -> bytes:
    """A zip: `data.json` with each table's rows, the log's entries, and each file and mail by itself."""
    tables = await Tables.of(session)
    data: dict[str, Any] = {"exported_at": now.isoformat(), "requests": sorted(map(str, request_ids)), "tables": {}, "log": []}
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for holding in HOLDINGS:
            rows = await store.rows_of(session, tables, holding, request_ids)
            if holding.table == "review_attachments":
                for row in rows:
                    await _pack(packed, settings, await cases.agency_of(session, UUID(str(row["request_id"]))) or "", row)
            kept = data["tables"].setdefault(holding.table, [])
            kept += [_plain(holding.table, row) for row in rows if _plain(holding.table, row) not in kept]
        for path in elsewhere.mails(settings, await store.mails_of(session, tables, request_ids)):
            packed.write(path, f"mail/{path.name}")
        for request_id in sorted(request_ids):
            data["log"] += [
                {"at": e.at.isoformat(), "actor": e.actor, "action": e.action, "request_id": str(request_id), "detail": dict(e.detail)}
                for e in await audit.of_request(session, request_id)
            ]
        packed.writestr(DATA, json.dumps(data, ensure_ascii=False, indent=2, default=str))
    return archive.getvalue()


async def _pack(packed: zipfile.ZipFile, settings: Settings, agency: str, row: dict[str, Any]) -> None:
    content: bytes | None = row["content"]
    if not content and agency:
        content = await file_store(settings.files_url, settings.data_dir).get(agency, row["sha256"])
    if content:
        # A name may hold anything: what unpacks the file sees the place and no path.
        safe = "".join(c if c.isalnum() or c in "._- " else "_" for c in row["name"])[-100:]
        packed.writestr(f"files/{UUID(str(row['request_id']))}/{row['place']}-{safe}", content)


def _plain(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """A row as JSON has it: bytes in base64, an event that is kept as text as what it is."""
    plain: dict[str, Any] = {}
    for name, value in row.items():
        if f"{table}.{name}" in NOT_THEIRS:
            continue
        if isinstance(value, bytes):
            plain[name] = base64.b64encode(value).decode()
        elif isinstance(value, str) and value[:1] in "{[":
            plain[name] = _decoded(value)
        else:
            plain[name] = value
    return plain


def _decoded(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
