"""Emergencies that wait for somebody are listed first, and what nobody mailed is no longer called sent."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0005"
branch_labels = None
depends_on = None

OPEN = ("received", "needs_triage", "drafting", "awaiting_approval", "by_hand", "delivery_failed", "delivery_uncertain")

cases = sa.table("review_cases", sa.column("request_id"), sa.column("state"), sa.column("urgency"), sa.column("pressing"))
decisions = sa.table("review_decisions", sa.column("decision_id"), sa.column("request_id"), sa.column("decided_at"))
deliveries = sa.table("review_deliveries", sa.column("decision_id"), sa.column("outcome"))
statuses = sa.table("intake_status", sa.column("decision_id"), sa.column("state"))


def _never_left(decision: sa.ColumnElement[object]) -> sa.ColumnElement[bool]:
    """It was told that there was no way to send the decision, and never that it arrived."""
    matching = sa.select(deliveries.c.decision_id).where(deliveries.c.decision_id == decision).correlate(cases, statuses)
    return sa.and_(
        sa.exists(matching.where(deliveries.c.outcome == "manual")),
        ~sa.exists(matching.where(deliveries.c.outcome == "delivered")),
    )


def upgrade() -> None:
    op.add_column("review_cases", sa.Column("pressing", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_review_cases_pressing", "review_cases", ["pressing"])
    newest = (
        sa.select(decisions.c.decision_id)
        .where(decisions.c.request_id == cases.c.request_id)
        .order_by(decisions.c.decided_at.desc())
        .limit(1)
        .correlate(cases)  # two selects up: it would be joined with all cases by itself
        .scalar_subquery()
    )
    op.execute(cases.update().where(cases.c.state == "sent", _never_left(newest)).values(state="by_hand"))
    op.execute(statuses.update().where(statuses.c.state == "sent", _never_left(statuses.c.decision_id)).values(state="by_hand"))
    op.execute(cases.update().where(cases.c.urgency == "emergency", cases.c.state.in_(OPEN)).values(pressing=501))


def downgrade() -> None:
    for table in (cases, statuses):
        op.execute(table.update().where(table.c.state == "by_hand").values(state="sent"))
    op.drop_index("ix_review_cases_pressing", table_name="review_cases")
    op.drop_column("review_cases", "pressing")
