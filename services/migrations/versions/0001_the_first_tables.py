"""The first tables, and a log that nothing can change."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
Counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# The database itself refuses to change or delete what was done: no bug and no hurry can.
GUARDS = {
    "sqlite": [
        f"create trigger review_audit_no_{verb} before {verb} on review_audit begin select raise(abort, 'review_audit is append-only'); end"
        for verb in ("update", "delete")
    ],
    "postgresql": [
        "create function review_audit_append_only() returns trigger language plpgsql as"
        " $$ begin raise exception 'review_audit is append-only'; end $$",
        "create trigger review_audit_append_only before update or delete or truncate on review_audit"
        " for each statement execute function review_audit_append_only()",
    ],
}


def upgrade() -> None:
    op.create_table(
        "dispatch_deliveries",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("trace", JSON, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("decision_id"),
    )
    op.create_index("ix_dispatch_deliveries_leased_until", "dispatch_deliveries", ["leased_until"], unique=False)
    op.create_index("ix_dispatch_deliveries_next_attempt_at", "dispatch_deliveries", ["next_attempt_at"], unique=False)
    op.create_index("ix_dispatch_deliveries_request_id", "dispatch_deliveries", ["request_id"], unique=False)
    op.create_index("ix_dispatch_deliveries_state", "dispatch_deliveries", ["state"], unique=False)

    op.create_table(
        "dispatch_webhook_deliveries",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("payload", sa.String(), nullable=False),
        sa.Column("trace", JSON, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("decision_id"),
    )
    op.create_index("ix_dispatch_webhook_deliveries_agency", "dispatch_webhook_deliveries", ["agency"], unique=False)
    op.create_index("ix_dispatch_webhook_deliveries_leased_until", "dispatch_webhook_deliveries", ["leased_until"], unique=False)
    op.create_index("ix_dispatch_webhook_deliveries_next_attempt_at", "dispatch_webhook_deliveries", ["next_attempt_at"], unique=False)

    op.create_table(
        "dispatch_webhooks",
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("agency"),
    )
    op.create_table(
        "intake_agencies",
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("slug"),
    )
    op.create_table(
        "intake_idempotency",
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("agency", "key"),
    )
    op.create_table(
        "intake_journal",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("trace", JSON, nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_publish_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("publishes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("request_id"),
    )
    op.create_index("ix_intake_journal_agency", "intake_journal", ["agency"], unique=False)
    op.create_index("ix_intake_journal_next_publish_at", "intake_journal", ["next_publish_at"], unique=False)
    op.create_index("ix_intake_journal_settled_at", "intake_journal", ["settled_at"], unique=False)

    op.create_table(
        "intake_status",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("department", sa.String(), nullable=True),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("reply_subject", sa.String(), nullable=True),
        sa.Column("reply_body", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("request_id"),
    )
    op.create_index("ix_intake_status_agency", "intake_status", ["agency"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", Counter, nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("headers", JSON, nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_outbox_available_at", "outbox", ["available_at"], unique=False)
    op.create_index("ix_outbox_reference", "outbox", ["reference"], unique=False)
    op.create_index("ix_outbox_service", "outbox", ["service"], unique=False)

    op.create_table(
        "review_audit",
        sa.Column("id", Counter, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("detail", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_review_audit_actor", "review_audit", ["actor"], unique=False)
    op.create_index("ix_review_audit_at", "review_audit", ["at"], unique=False)
    op.create_index("ix_review_audit_request_id", "review_audit", ["request_id"], unique=False)

    op.create_table(
        "review_cases",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("search", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("department", sa.String(), nullable=True),
        sa.Column("urgency", sa.String(), nullable=False),
        sa.Column("urgency_rank", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("assignee", sa.String(), nullable=True),
        sa.Column("sorted_by_person", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("instructions", sa.String(), nullable=True),
        sa.Column("request", JSON, nullable=True),
        sa.Column("triage", JSON, nullable=True),
        sa.Column("draft", JSON, nullable=True),
        sa.Column("decision", JSON, nullable=True),
        sa.Column("trace", JSON, nullable=False),
        sa.Column("nudges", sa.Integer(), nullable=False),
        sa.Column("nudge_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("request_id"),
    )
    op.create_index("ix_review_cases_agency", "review_cases", ["agency"], unique=False)
    op.create_index("ix_review_cases_assignee", "review_cases", ["assignee"], unique=False)
    op.create_index("ix_review_cases_category", "review_cases", ["category"], unique=False)
    op.create_index("ix_review_cases_department", "review_cases", ["department"], unique=False)
    op.create_index("ix_review_cases_due_at", "review_cases", ["due_at"], unique=False)
    op.create_index("ix_review_cases_nudge_at", "review_cases", ["nudge_at"], unique=False)
    op.create_index("ix_review_cases_received_at", "review_cases", ["received_at"], unique=False)
    op.create_index("ix_review_cases_state", "review_cases", ["state"], unique=False)

    op.create_table(
        "review_dead_letters",
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("services", JSON, nullable=False),
        sa.Column("error_type", sa.String(), nullable=False),
        sa.Column("error_message", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("first_failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.Column("replays", sa.Integer(), nullable=False),
        sa.Column("event", JSON, nullable=False),
        sa.PrimaryKeyConstraint("letter_id"),
    )
    op.create_index("ix_review_dead_letters_state", "review_dead_letters", ["state"], unique=False)
    op.create_index("ix_review_dead_letters_topic", "review_dead_letters", ["topic"], unique=False)

    op.create_table(
        "review_decisions",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recalled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event", JSON, nullable=False),
        sa.PrimaryKeyConstraint("decision_id"),
    )
    op.create_index("ix_review_decisions_request_id", "review_decisions", ["request_id"], unique=False)

    op.create_table(
        "review_deliveries",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", JSON, nullable=False),
        sa.PrimaryKeyConstraint("decision_id", "outcome"),
    )
    op.create_index("ix_review_deliveries_request_id", "review_deliveries", ["request_id"], unique=False)

    op.create_table(
        "review_drafts",
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", JSON, nullable=False),
        sa.PrimaryKeyConstraint("draft_id"),
    )
    op.create_index("ix_review_drafts_request_id", "review_drafts", ["request_id"], unique=False)

    op.create_table(
        "review_edits",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("request_id", "email"),
    )
    op.create_table(
        "review_people",
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("departments", JSON, nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failed_sign_ins", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("email"),
    )
    op.create_table(
        "intake_api_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency"],
            ["intake_agencies.slug"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_intake_api_keys_agency", "intake_api_keys", ["agency"], unique=False)
    op.create_index("ix_intake_api_keys_hash", "intake_api_keys", ["hash"], unique=True)

    op.create_table(
        "review_sessions",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("csrf", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["email"],
            ["review_people.email"],
        ),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index("ix_review_sessions_email", "review_sessions", ["email"], unique=False)
    op.create_index("ix_review_sessions_expires_at", "review_sessions", ["expires_at"], unique=False)

    op.create_table(
        "review_tokens",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["email"],
            ["review_people.email"],
        ),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index("ix_review_tokens_email", "review_tokens", ["email"], unique=False)
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop function review_audit_append_only() cascade")

    op.drop_table("review_tokens")

    op.drop_table("review_sessions")

    op.drop_table("intake_api_keys")
    op.drop_table("review_people")
    op.drop_table("review_edits")

    op.drop_table("review_drafts")

    op.drop_table("review_deliveries")

    op.drop_table("review_decisions")

    op.drop_table("review_dead_letters")

    op.drop_table("review_cases")

    op.drop_table("review_audit")

    op.drop_table("outbox")

    op.drop_table("intake_status")

    op.drop_table("intake_journal")
    op.drop_table("intake_idempotency")
    op.drop_table("intake_agencies")
    op.drop_table("dispatch_webhooks")

    op.drop_table("dispatch_webhook_deliveries")

    op.drop_table("dispatch_deliveries")
