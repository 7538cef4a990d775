"""Webhooks on this machine stay open where they were before there was a switch for it; emergencies that a person raised are sure."""

from ipaddress import ip_address
from urllib.parse import urlsplit

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None

UNKNOWN, SURE = 501, 1001

webhooks = sa.table("dispatch_webhooks", sa.column("agency"), sa.column("url"), sa.column("loopback"))


def leads_here(url: str) -> bool:
    """Whether it names this machine itself."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return False
    if host.split(".")[-1] == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def upgrade() -> None:
    bind = op.get_bind()
    here = [row.agency for row in bind.execute(sa.select(webhooks.c.agency, webhooks.c.url)) if leads_here(row.url)]
    op.execute(webhooks.update().where(webhooks.c.agency.in_(here)).values(loopback=True))
    urgency = "json_extract(triage, '$.urgency')" if bind.dialect.name == "sqlite" else "triage ->> 'urgency'"
    op.execute(
        f"update review_cases set pressing = {SURE} where urgency = 'emergency' and pressing = {UNKNOWN}"  # noqa: S608 - words of our own
        f" and ({urgency} is null or {urgency} <> 'emergency')"
    )


def downgrade() -> None:
    """Both were wrong before."""
