"""`parvis models`: joins the commands of the group, which stand in several modules."""

from services.cli.model_monitoring import drift_cli, shadow_cli
from services.cli.model_promotion import promote_cli
from services.cli.models import models

models.command("promote")(promote_cli)
models.command("shadow")(shadow_cli)
models.command("drift")(drift_cli)

__all__ = ["models"]
