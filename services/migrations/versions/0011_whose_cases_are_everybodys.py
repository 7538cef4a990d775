"""Open cases that nobody has sorted are in the lists of every department, whatever state they have come to."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("review_cases", sa.Column("everybodys", sa.Boolean(), nullable=False, server_default=sa.false()))
    outcome = "json_extract(triage, '$.outcome')" if op.get_bind().dialect.name == "sqlite" else "triage ->> 'outcome'"
    op.execute(
        "update review_cases set everybodys = true where state <> 'closed'"  # noqa: S608 - words of our own
        f" and ({outcome} is null or ({outcome} = 'needs_triage' and not sorted_by_person))"
    )


def downgrade() -> None:
    op.drop_column("review_cases", "everybodys")
