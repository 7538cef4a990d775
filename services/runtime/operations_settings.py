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
    trace_megabytes: float = Field(
        1000.0, gt=0, description="how large the store of them may grow: beyond that go those that went well first, then the oldest"
    )
    trace_ratio: float = Field(
        1.0,
        ge=0,
        le=1,
        description="the share of traces that is kept of requests that went well; what failed, was slow, unsure, rejected, recalled or "
        "drafted by the template for want of the model is kept always",
    )
    trace_decide_hours: float = Field(24.0, gt=0, description="how long a request is at an end before it is decided if its trace is kept")
    trace_url: str = Field(
        "", description="a page of your own tracing tool, as `https://tempo.city.example/trace/{trace_id}`: traces link to it; empty: none"
    )
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
    log_format: Literal["auto", "json", "text"] = Field(
        "auto", description="how logs are written: `json`, `text`; `auto`: text where a terminal shows them, else JSON"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="how much to log")
