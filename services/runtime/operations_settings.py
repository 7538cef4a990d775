"""Settings for whoever runs Parvis: figures, traces, logs, the seal of the audit log."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode

from services.runtime.setting_types import DaysByState, ServiceUrls, urls_by_service


class OperationsSettings(BaseSettings):
    """The part of `services.runtime.settings.Settings` that concerns operations."""

    service_urls: Annotated[ServiceUrls, NoDecode, BeforeValidator(urls_by_service)] = Field(
        (),
        description="where each service answers HTTP, as `intake=http://intake:8080,triage=http://triage:8080`, for `/ops`, "
        "`parvis status` and `parvis doctor`; `parvis up` sets it by itself",
    )
    metrics_token: SecretStr = Field(SecretStr(""), description="who asks for `/metrics` must bring it; empty: only this machine may ask")
    trace_days: float = Field(30.0, gt=0, description="how long the steps of requests are kept in the data directory")
    erase_after_days: DaysByState = Field(
        (),
        description="after how many days a case that has ended loses identity and words, as `365` or `sent=730,closed=365`; empty: never",
    )
    audit_key: SecretStr = Field(
        SecretStr(""),
        description="signs the anchors of the audit log (at least 32 random characters); empty: a file in the data directory with the "
        "embedded database, none with PostgreSQL",
    )
    audit_anchor_seconds: float = Field(3600.0, gt=0, description="how often it is signed and logged where the audit log's chain stands")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="how much to log")
