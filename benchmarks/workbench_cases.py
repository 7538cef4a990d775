"""Fills a database with so many cases for `benchmarks.workbench`: invented citizens, sentences of the corpus, every state and agency.

They came in over the last four years, and with them are what was decided and changed of drafts, and what the log says of it.

Each case follows from its number alone. Rows are written as PostgreSQL's COPY and SQLite take them fastest, past the services: the words
are made by the services' own functions, and counts by the command that mends them.
"""

import json
import random
import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from schemas.values import Urgency
from services.domain import taxonomy
from services.review.cases.case_state import WAITS_FOR_SOMEBODY, State
from services.review.cases.search import search_document, search_words
from services.review.cases.search.search_document import Document

CORPUS = Path(__file__).parents[1] / "services" / "triage" / "classification" / "corpus"
RARE_WORD, RARE_CASES = "zugzwang", 20
"""As many cases hold it whatever the number of cases."""
COMMON_WORD = "street"
TEMPLATES = 2_000
AGENCIES = [f"city-{letter}" for letter in "abcdefghijkl"]
STATES = {
    State.SENT: 60, State.CLOSED: 15, State.AWAITING_APPROVAL: 15, State.NEEDS_TRIAGE: 4, State.DRAFTING: 2, State.BY_HAND: 1,
    State.DELIVERY_FAILED: 1, State.DELIVERY_UNCERTAIN: 0.5, State.APPROVED: 0.5, State.RECEIVED: 1,
}  # fmt: skip
LANGUAGES = {"en": 50, "fr": 35, "de": 8, "es": 4, "ar": 2.8, "fi": 0.2}
URGENCIES = {Urgency.EMERGENCY: 1, Urgency.HIGH: 14, Urgency.NORMAL: 65, Urgency.LOW: 20}
FIRST = ["Ana", "Ben", "Chloé", "Dana", "Élise", "Farid", "Greta", "Hugo", "Inès", "Jon", "Karim", "Lena", "Marek", "Noor", "Otto", "Priya"]
LAST = ["Marlow", "Quill", "Okafor", "Lindqvist", "Moreau", "Brandt", "Rossi", "Nguyen", "Dupont", "Haddad", "Kowalski", "Müller", "Silva"]
YEARS = 4
START = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=YEARS * 365)
_VOLUME = "\x01"
_WORDS_OF_ALL = tuple[str, str]

COLUMNS = (
    "request_id", "state", "version", "created_at", "updated_at", "agency", "title", "whole", "search", "category", "confidence",
    "department", "urgency", "urgency_rank", "pressing", "language", "received_at", "due_at", "assignee", "corrected_email",
    "sorted_by_person", "everybodys", "revision", "instructions", "request", "triage", "draft", "decision", "trace", "nudges", "nudge_at",
)  # fmt: skip


@dataclass(frozen=True)
class Letter:
    """A message with all that does not change from case to case, its words as each database takes them."""

    subject: str
    body: str
    tsvector: str
    text: str
    places: int


class Cases:
    """Makes every case from its number."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.taxonomy = taxonomy.load()
        rows = [json.loads(line)["text"] for path in sorted(CORPUS.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
        sentences = [sentence for row in rows for sentence in re.split(r"(?<=[.!?])\s+", row) if len(sentence.split()) > 3]
        chance = random.Random(1)
        self.letters = [self._letter(chance, sentences) for _ in range(TEMPLATES)]

    def _letter(self, chance: random.Random, sentences: list[str]) -> Letter:
        subject = " ".join(chance.choice(sentences).split()[:6])
        body = " ".join(chance.choice(sentences) for _ in range(chance.randint(4, 14)))
        draft = " ".join(chance.choice(sentences) for _ in range(6))
        written = search_document.document([subject, body, draft])
        places = len(written.places)
        return Letter(subject, body, search_document.as_tsvector(written, _VOLUME), search_document.as_text(written, _VOLUME), places)

    def request_id(self, number: int) -> UUID:
        """The id of a case, spread as random ones are."""
        return UUID(int=random.Random(number).getrandbits(128), version=4)

    def row(self, number: int) -> tuple[dict[str, Any], Letter, Document]:
        """The columns of a case, its letter, and the words that it has beside those of the letter."""
        chance = random.Random(number)
        request_id = UUID(int=chance.getrandbits(128), version=4)
        letter = chance.choice(self.letters)
        state = _drawn(chance, STATES)
        agency = AGENCIES[min(int(chance.expovariate(0.35)), len(AGENCIES) - 1)]
        category = chance.choice(self.taxonomy.names)
        department = self.taxonomy.department_of(category)
        urgency, language = _drawn(chance, URGENCIES), _drawn(chance, LANGUAGES)
        at = START + timedelta(seconds=number * (YEARS * 365 * 86_400 // self.count))
        name = f"{chance.choice(FIRST)} {chance.choice(LAST)}"
        email, phone = f"{search_words.fold(name).replace(' ', '.')}{number}@example.org", f"+336{chance.randrange(10**8):08d}"
        everybodys = state in (State.RECEIVED, State.NEEDS_TRIAGE)
        pressing = 1 + chance.randrange(500, 1001) if urgency is Urgency.EMERGENCY and state in WAITS_FOR_SOMEBODY else 0
        assignee = f"person{chance.randrange(40)}@city.example" if chance.random() < 0.3 else None
        body = letter.body + (f" {RARE_WORD}" if number % max(self.count // RARE_CASES, 1) == 7 else "")
        ids = {"request_id": str(request_id), "agency": agency, "channel": "email", "received_at": at.isoformat()}
        citizen = {"name": name, "email": email, "phone": phone}
        request = {**ids, "subject": letter.subject, "body": body, "citizen": citizen, "trace": {}}
        triage = {
            **ids, "language": {"code": language, "confidence": 0.98}, "redacted": {"subject": letter.subject, "body": body},
            "category": category, "confidence": 0.91, "department": department, "urgency": urgency.value,
            "outcome": "needs_triage" if everybodys else "routed", "model_version": "benchmark",
        }  # fmt: skip
        draft = {
            "request_id": str(request_id), "draft_id": str(request_id), "revision": 1, "language": language, "subject": letter.subject,
            "body": "Good day, we have passed it on.", "drafted_by": "template", "citations": [],
        }  # fmt: skip
        columns = dict.fromkeys(COLUMNS) | {
            "request_id": request_id, "state": state.value, "version": 3, "created_at": at, "updated_at": at, "agency": agency,
            "title": letter.subject[:120], "whole": True, "search": "", "category": category, "confidence": 0.91,
            "department": department, "urgency": urgency.value, "urgency_rank": list(Urgency).index(urgency), "pressing": pressing,
            "language": language, "received_at": at, "due_at": at + timedelta(days=chance.randrange(1, 30)), "assignee": assignee,
            "sorted_by_person": False, "everybodys": everybodys, "revision": 1, "request": request, "triage": triage,
            "draft": None if everybodys or state is State.DRAFTING else draft, "trace": {}, "nudges": 0,
        }  # fmt: skip
        kinds = ("state", "agency", "department", "category", "urgency", "language", "assignee")
        facets = [search_document.facet(kind, columns[kind]) for kind in kinds]
        facets.append(search_document.facet("everybodys", "yes" if everybodys else "no"))
        texts = (str(request_id), "\n".join(citizen.values()), body.removeprefix(letter.body))
        return columns, letter, search_document.document(texts, facets, telephone=phone)


def _drawn(chance: random.Random, shares: Mapping[Any, float]) -> Any:  # noqa: ANN401 - one of the keys
    return chance.choices(list(shares), list(shares.values()))[0]


_HISTORY = (
    """
    insert into review_decisions (decision_id, request_id, decided_at, kind, event)
    select request_id, request_id, {decided}, {kind}, {json}('request_id', request_id, 'decision_id', request_id, 'decision', {kind},
        'decided_by', 'person7@city.example', 'decided_at', {decided_in_json})
    from review_cases where state in ('sent', 'closed')
    """,
    """
    insert into review_draft_edits
        (decision_id, request_id, decided_at, kinds, distance, words, passages, letter, drafted_by, model, prompt_version)
    select request_id, request_id, {decided}, '["unchanged"]', 0, 40, '["waste/1"]', 'question', 'template', '', ''
    from review_cases where state = 'sent'
    """,
    """
    insert into review_audit (at, actor, action, request_id, detail)
    select received_at, coalesce(assignee, 'parvis'), 'read', request_id, '{{}}' from review_cases order by received_at
    """,
    """
    insert into review_audit (at, actor, action, request_id, detail)
    select decided_at, 'person' || ({drawn} % 40) || '@city.example', kind, request_id, '{{}}' from review_decisions order by decided_at
    """,
)


def history_of(dialect: str) -> list[str]:
    """Statements that add what was done with the cases: answered within five days, on days that follow from their numbers."""
    text, code = ("request_id", "unicode") if dialect == "sqlite" else ("request_id::text", "ascii")
    drawn = f"({code}(substr({text}, 1, 1)) * 7 + {code}(substr({text}, 2, 1)) * 3 + {code}(substr({text}, 3, 1)))"
    hours = f"(1 + {drawn} % 120)"
    on_sqlite = f"strftime('%Y-%m-%d %H:%M:%f', received_at, '+' || {hours} || ' hours') || '000'"
    decided = on_sqlite if dialect == "sqlite" else f"received_at + make_interval(hours => {hours})"
    texts = {"drawn": drawn, "decided": decided, "kind": "case when state = 'closed' then 'closed' else 'approved' end"}
    texts |= {"json": "json_object" if dialect == "sqlite" else "jsonb_build_object"}
    texts |= {"decided_in_json": f"{decided} || '+00:00'" if dialect == "sqlite" else decided}
    return [statement.format(**texts) for statement in _HISTORY]


def fill_postgres(url: str, cases: Cases) -> None:
    """Fills an empty database whose tables are made; its indexes are made again afterwards, which is far faster."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set maintenance_work_mem = '512MB'")
        indexes = connection.execute(
            "select indexname, indexdef from pg_indexes where tablename in ('review_cases', 'review_search')"
            " and indexname not like '%_pkey' and indexname not like '%_key'"
        ).fetchall()
        for name, _ in indexes:
            connection.execute(f'drop index "{name}"')
        _copy(connection, url, cases)
        connection.execute("select setval(pg_get_serial_sequence('review_search', 'number'), %s)", (cases.count + 1,))
        for _, definition in indexes:
            connection.execute(definition)
        for statement in history_of("postgresql"):
            connection.execute(statement)
        connection.execute("update review_upkeep set done = true where name = 'search'")


def _copy(connection: psycopg.Connection[Any], url: str, cases: Cases) -> None:
    with (
        psycopg.connect(url, autocommit=True) as second,
        connection.cursor().copy(f"copy review_cases ({', '.join(COLUMNS)}) from stdin") as rows,
        second.cursor().copy("copy review_search (number, request_id, basis, words) from stdin") as words,
    ):
        for number in range(cases.count):
            columns, letter, own = cases.row(number)
            rows.write("\t".join(_copied(value) for value in columns.values()) + "\n")
            volume = search_document.volume_of(number + 1)
            own = Document((*[None] * letter.places, *own.places), own.loose)
            tsvector = f"{letter.tsvector.replace(_VOLUME, volume)} {search_document.as_tsvector(own, volume)}"
            words.write(f"{number + 1}\t{columns['request_id']}\tbenchmark\t{tsvector}\n")


def finish_postgres(url: str) -> None:
    """What autovacuum would do in time."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum analyze")


def _copied(value: Any) -> str:  # noqa: ANN401 - a column's
    if value is None:
        return r"\N"
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False).replace("\\", "\\\\")
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value).replace("\\", "\\\\").replace("\t", " ").replace("\n", " ")


def fill_sqlite(path: Path, cases: Cases) -> None:
    """The same for SQLite."""
    with sqlite3.connect(path) as connection:
        marks = ", ".join("?" * len(COLUMNS))
        connection.executemany(f"insert into review_cases ({', '.join(COLUMNS)}) values ({marks})", _rows(cases))  # noqa: S608 - our own names
        added = connection.execute("select sql from sqlite_master where name = 'review_search_added'").fetchone()[0]
        connection.execute("drop trigger review_search_added")
        connection.executemany("insert into review_search (number, request_id, basis, words) values (?, ?, 'benchmark', ?)", _texts(cases))
        connection.execute("insert into review_search_words (review_search_words) values ('rebuild')")
        connection.execute(added)
        for statement in history_of("sqlite"):
            connection.execute(statement)
        connection.execute("update review_upkeep set done = true where name = 'search'")


def _rows(cases: Cases) -> Iterator[list[Any]]:
    for number in range(cases.count):
        yield [_bound(value) for value in cases.row(number)[0].values()]


def _texts(cases: Cases) -> Iterator[tuple[int, str, str]]:
    for number in range(cases.count):
        columns, letter, own = cases.row(number)
        volume = search_document.volume_of(number + 1)
        yield number + 1, columns["request_id"].hex, f"{letter.text.replace(_VOLUME, volume)} {search_document.as_text(own, volume)}"


def _bound(value: Any) -> Any:  # noqa: ANN401 - a column's
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
