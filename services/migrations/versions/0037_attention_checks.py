"""Attention checks: invented cases apart from citizens', and triggers that refuse every decision and event about one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TABLE = "review_attention_checks"
REFUSED = "an attention check is never sent"
# Each guarded table, and what tells in a row of it that the row is about a check.
BY_ID = "exists (select 1 from review_attention_checks where request_id = new.request_id)"
BY_KEY = "exists (select 1 from review_attention_checks where record_key = new.key)"
GUARDED = {"review_decisions": BY_ID, "review_cases": BY_ID, "outbox": BY_KEY}


def upgrade() -> None:
    op.add_column("review_safeguards", sa.Column("draw_secret", sa.String(), nullable=False, server_default=""))
    op.create_table(
        TABLE,
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("record_key", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("known_bad_draft", sa.String(), nullable=False),
        sa.Column("mistake", sa.String(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("case", JSON, nullable=False),
        sa.PrimaryKeyConstraint("request_id"),
        sa.UniqueConstraint("record_key"),
        sa.CheckConstraint("(outcome is null) = (answered_at is null)", name="ck_attention_checks_answered"),
    )
    waiting = sa.text("answered_at is null")
    op.create_index("ix_attention_checks_waiting", TABLE, ["email"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_index("ix_attention_checks_person", TABLE, ["email", "placed_at"])
    op.create_index("ix_attention_checks_answered", TABLE, ["answered_at"])
    for guarded, is_check in GUARDED.items():
        for statement in _guard(guarded, is_check):
            op.execute(statement)


def _guard(guarded: str, is_check: str) -> list[str]:
    name = f"no_attention_check_in_{guarded}"
    if op.get_bind().dialect.name == "sqlite":
        return [f"create trigger {name} before insert on {guarded} when {is_check} begin select raise(abort, '{REFUSED}'); end"]
    body = f"begin if {is_check} then raise check_violation using message = '{REFUSED}'; end if; return new; end"
    return [
        f"create function {name}() returns trigger language plpgsql as $$ {body} $$",
        f"create trigger {name} before insert on {guarded} for each row execute function {name}()",
    ]


def downgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for guarded in GUARDED:
        name = f"no_attention_check_in_{guarded}"
        op.execute(f"drop trigger {name}" + ("" if on_sqlite else f" on {guarded}"))
        if not on_sqlite:
            op.execute(f"drop function {name}()")
    op.drop_table(TABLE)
    op.drop_column("review_safeguards", "draw_secret")
