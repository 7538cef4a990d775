"""`parvis models`: the whole group, put together from where its commands are."""

from services.cli.models import models
from services.cli.monitoring import drift_cli, shadow_cli
from services.cli.promote import promote_cli

models.command("promote")(promote_cli)
models.command("shadow")(shadow_cli)
models.command("drift")(drift_cli)

__all__ = ["models"]
