"""Alembic's entry: which database, which tables."""

import time
import warnings
from typing import Any

import sqlalchemy as sa
from alembic import context
from sqlmodel import SQLModel

import services.dispatch.tables
import services.intake.answers.tables
import services.intake.tables
import services.review.agencies.tables
import services.review.audit.tables
import services.review.automation.tables
import services.review.cases.acknowledgements.acknowledgement_tables
import services.review.cases.attachments.attachment_tables
import services.review.cases.attention_checks.check_tables
import services.review.cases.canned_replies.canned_reply_tables
import services.review.cases.daily_figures.daily_tables
import services.review.cases.emerging.matter_tables
import services.review.cases.groups.group_tables
import services.review.cases.near_duplicates.tables
import services.review.cases.notes.note_tables
import services.review.cases.queue.saved_view_tables
import services.review.cases.ratings.rating_tables
import services.review.cases.related.contact_tables
import services.review.cases.related.link_tables
import services.review.cases.related.mail_tables
import services.review.cases.search.search_tables
import services.review.cases.second_look.look_tables
import services.review.cases.tables
import services.review.cases.upkeep_tables
import services.review.cases.writing.writing_tables
import services.review.learning.tables
import services.review.ops.tables
import services.review.people.tables
import services.review.quality.tables
import services.review.safeguards.tables
import services.runtime.broker_epoch
import services.runtime.outbox
import services.runtime.publisher_keys
import services.runtime.record_signing  # noqa: F401 - imported for their tables, as all of these
from services.review.cases.search.search_tables import INDEX
from services.review.cases.tables import LIST_INDEX

LOCK = 7_203_411_208  # any number that nobody else uses
PAUSE = 0.2  # seconds

FORMER = {("review_people", "failed_sign_ins"), ("review_people", "locked_until")}
"""Columns that only processes of the former release read: they stay until no such process can run beside this one."""


def belongs(item: Any, name: str | None, kind: str, reflected: bool, compared_with: Any) -> bool:  # noqa: ANN401, ARG001, FBT001 - Alembic's
    """Whether the models are asked to have it. A full-text index is each database's own affair."""
    if str(name).startswith((INDEX, f"ix_{INDEX}", LIST_INDEX)):
        return False
    return kind != "column" or (item.table.name, name) not in FORMER


# SQLite says of each look at its indexes that it can't tell how those of lists are made.
warnings.filterwarnings("ignore", message="Skipped unsupported reflection of expression-based index ix_review_list")
url = context.config.attributes["url"]
engine = sa.create_engine(url)
with engine.connect() as connection:
    if connection.dialect.name == "postgresql":
        # Asked again and again: whoever waits inside a statement would hold up indexes that are made while others work.
        while not connection.execute(sa.text("select pg_try_advisory_lock(:lock)"), {"lock": LOCK}).scalar():
            connection.rollback()
            time.sleep(PAUSE)
        connection.commit()
    context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True, include_object=belongs)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
