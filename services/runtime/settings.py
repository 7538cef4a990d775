"""Every setting of every process: environment variables with the prefix PARVIS_."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from services.runtime.base_url import PublicAddress, is_https_or_loopback
from services.runtime.operations_settings import OperationsSettings
from services.runtime.setting_types import Agencies, Limits, PublicUrl, limits_by_agency, listed

SERVICES = ("intake", "triage", "drafting", "review", "dispatch")
MAIL_IN = "mail-in"
"""The process that takes mail for intake, where mailboxes are set."""


SHORTEST_KEY = 32  # characters


class KafkaSettings(BaseSettings):
    """How to reach Kafka."""

    model_config = SettingsConfigDict(env_prefix="PARVIS_KAFKA_", extra="ignore", env_ignore_empty=True, populate_by_name=True)

    bootstrap: str = Field("", description="`host:port,...` of your Kafka; empty: `parvis up` starts the embedded broker")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field("PLAINTEXT", description="how to talk to it")
    security_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field("SCRAM-SHA-512", description="SASL mechanism")
    security_username: str = Field("", description="SASL user")
    security_password: SecretStr = Field(SecretStr(""), description="SASL password")
    security_cafile: Path | None = Field(None, description="PEM file of the authority that signed the broker's certificate")
    signed_requests: bool | None = Field(
        None,
        description="whether each request on Kafka must be signed by its agency; empty: where the broker knows its users (SASL), "
        "else of agencies added with `--signed`",
    )
    instance: str = Field(
        "",
        description="a name that this process keeps over restarts and no other has: it then gets its partitions back without a rebalance",
    )
    partitions: int = Field(12, ge=1, description="of each topic: as many processes of one service can share the work")
    replication: int = Field(0, ge=0, description="copies of each record; 0: one on each broker, up to three")
    retention_personal_days: float = Field(
        7.0, gt=0, description="how long topics with identities keep a record (a day more at most); longer than your longest outage"
    )
    retention_days: float = Field(30.0, gt=0, description="how long topics without identities keep a record")
    retention_learning_days: float = Field(365.0, gt=0, description="how long corrections are kept for training")
    stop_after_failures: int = Field(
        10,
        ge=0,
        description="where so many of a partition's last records failed, and half of the topic's, the consumer stops instead of making "
        "dead letters of the rest; 0: never",
    )
    ephemeral: bool = Field(
        default=False,
        description="the broker forgets everything when it stops (the embedded one does): open requests are published again at start",
    )
    epoch: str = Field(
        "",
        validation_alias=AliasChoices("PARVIS_KAFKA_EPOCH", "PARVIS_KAFKA_LIFE"),
        description="which run of an ephemeral broker this is: open requests are published again once for each",
    )

    @property
    def all_sign(self) -> bool:
        """Whether every agency has to sign."""
        return self.security_protocol.startswith("SASL") if self.signed_requests is None else self.signed_requests


class SigningSettings(BaseSettings):
    """How services sign and verify each other's records on a broker that others may write to."""

    model_config = SettingsConfigDict(env_prefix="PARVIS_SIGNING_", extra="ignore", env_ignore_empty=True)

    key: SecretStr = Field(
        SecretStr(""), description="signs what intake, review and dispatch publish; empty: a random one that is kept in the database"
    )


BudgetKind = Literal["tokens", "cost", "seconds"]
"""What a day's use of the model is limited by."""


class LlmSettings(BaseSettings):
    """The language model, if there is one."""

    model_config = SettingsConfigDict(env_prefix="PARVIS_LLM_", extra="ignore", env_ignore_empty=True)

    base_url: str = Field("", description="an OpenAI-compatible endpoint, as http://127.0.0.1:8080/v1; empty with no key: template drafts")
    model: str = Field("gpt-5-mini", description="the model to ask for")
    api_key: SecretStr = Field(SecretStr(""), description="its key")
    timeout_seconds: float = Field(30.0, gt=0, description="how long one answer may take")
    attempts: int = Field(2, ge=1, le=5, description="how often to ask before the template is used")
    max_output_tokens: int = Field(1200, ge=64, description="the longest answer to accept")
    at_once: int = Field(4, ge=1, le=64, description="how many drafts one process writes side by side")
    reasoning_effort: str = Field("", description="how long a reasoning model thinks, as `low`; empty: as it likes")
    price_input: float = Field(0.0, ge=0, description="what a million input tokens cost")
    price_output: float = Field(0.0, ge=0, description="what a million output tokens cost")
    price_currency: str = Field("USD", description="in which currency")
    daily_tokens: Annotated[Limits, NoDecode, BeforeValidator(limits_by_agency)] = Field(
        (),
        description="the most tokens, in and out, for each agency on one of its days, and for single ones, as `200000,belrive=50000`; "
        "then the template drafts until midnight; empty: no limit",
    )
    daily_cost: Annotated[Limits, NoDecode, BeforeValidator(limits_by_agency)] = Field(
        (), description="the same for what they cost by these prices, as `20,belrive=5`"
    )
    daily_seconds: Annotated[Limits, NoDecode, BeforeValidator(limits_by_agency)] = Field(
        (), description="the same for the seconds that a model is waited for, as `3600`"
    )

    @field_validator("daily_cost")
    @classmethod
    def _has_prices(cls, limits: Limits, info: ValidationInfo) -> Limits:
        if limits and not (info.data.get("price_input") or info.data.get("price_output")):
            raise ValueError("without PARVIS_LLM_PRICE_INPUT and PARVIS_LLM_PRICE_OUTPUT nothing costs anything: set them")
        return limits

    def daily_limit(self, kind: BudgetKind, agency: str) -> float | None:
        """What an agency may use on one day; None: as much as it likes."""
        limits = dict({"tokens": self.daily_tokens, "cost": self.daily_cost, "seconds": self.daily_seconds}[kind])
        return limits.get(agency, limits.get(""))

    @property
    def limited(self) -> bool:
        """Whether there is any budget."""
        return bool(self.daily_tokens or self.daily_cost or self.daily_seconds)

    @property
    def configured(self) -> bool:
        """Whether there is a model to ask at all."""
        return bool(self.base_url or self.api_key.get_secret_value())


class EmbeddingsSettings(BaseSettings):
    """What passages and messages are compared by beside their words, if there is anything."""

    model_config = SettingsConfigDict(env_prefix="PARVIS_EMBEDDINGS_", extra="ignore", env_ignore_empty=True)

    url: str = Field(
        "", description="an OpenAI-compatible endpoint of embeddings, as http://127.0.0.1:8081/v1; empty: the extra `encoder`, if installed"
    )
    model: str = Field("text-embedding-3-small", description="the model to ask for")
    api_key: SecretStr = Field(SecretStr(""), description="its key")
    timeout_seconds: float = Field(2.0, gt=0, description="how long it may take; after a failure words alone are compared for a minute")


class OidcSettings(BaseSettings):
    """Single sign-on at an OpenID Connect provider, if there is one."""

    model_config = SettingsConfigDict(env_prefix="PARVIS_OIDC_", extra="ignore", env_ignore_empty=True)

    issuer: str = Field("", description="the OpenID Connect provider that people sign in at, as `https://login.city.example`; empty: none")
    client_id: str = Field("", description="what this installation is called there")
    client_secret: SecretStr = Field(SecretStr(""), description="its secret there; empty: a public client, by PKCE alone")
    client_authentication: Literal["", "basic", "post"] = Field(
        "",
        description="how the secret is sent: `basic` or `post`; empty: as a field (`post`) where the provider lists that",
    )
    name: str = Field("single sign-on", max_length=60, description="what the button on the sign-in page calls it")
    email_claim: str = Field("email", description="the claim that holds a person's address, as `preferred_username`")
    trust_email: bool = Field(
        default=False,
        description="take that address as verified though the provider does not say so: only where nobody can choose their own there",
    )
    only: bool = Field(default=False, description="take no passwords any more, but those of `PARVIS_OIDC_BREAK_GLASS`")
    break_glass: Annotated[tuple[str, ...], NoDecode, BeforeValidator(listed)] = Field(
        (), description="addresses of administrators whose password opens the pages while the provider is away"
    )

    @field_validator("issuer")
    @classmethod
    def _is_safe(cls, issuer: str) -> str:
        if issuer and not is_https_or_loopback(issuer):
            raise ValueError("give an address that begins with https://, as the provider's discovery document says it")
        return issuer

    @field_validator("break_glass")
    @classmethod
    def _as_they_are_kept(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(address.lower() for address in addresses)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.issuer and not self.client_id:
            raise ValueError("PARVIS_OIDC_ISSUER needs PARVIS_OIDC_CLIENT_ID: register this installation at the provider")
        if self.only and not self.issuer:
            raise ValueError("PARVIS_OIDC_ONLY without PARVIS_OIDC_ISSUER lets nobody in: set both or neither")
        return self

    @property
    def configured(self) -> bool:
        """Whether there is a provider."""
        return bool(self.issuer)


class Settings(OperationsSettings):
    """One for all processes; a service reads what concerns it."""

    model_config = SettingsConfigDict(env_prefix="PARVIS_", extra="ignore", env_ignore_empty=True)

    data_dir: Path = Field(Path("./var"), description="where the embedded default keeps its database, mails, traces and model")
    database_url: SecretStr = Field(
        SecretStr(""), description="`postgresql://user:password@host/name`; empty: SQLite in the data directory"
    )
    files_url: str = Field(
        "",
        description="where files that came with mails and forms are kept: `s3://bucket/prefix` (with the usual AWS_* variables) or "
        "`file:///folder`; empty: `files` in the data directory",
    )
    files_scanner: str = Field(
        "",
        description="what looks through files for viruses: `clamd://host:port`, `unix:///whole/path` or `exec:/whole/path`; empty: nothing",
    )
    mailboxes: Path | None = Field(None, description="the file (YAML) of mailboxes that mail is taken from; empty: none")
    knowledge_dir: Path | None = Field(None, description="folder of Markdown articles; empty: the sample city's")
    templates_dir: Path | None = Field(
        None, description="folder of the agency's own letters for drafts without a model; empty: those of Parvis"
    )
    taxonomy: Path | None = Field(None, description="the agency's taxonomy (YAML); empty: the sample city's")
    model_dir: Path | None = Field(
        None, description="a trained model's folder, or the folder of several; empty: `models` in the data directory"
    )
    shadow_model: str = Field(
        "",
        description="a trained classifier, by name or folder, that sorts beside the one in use and decides nothing",
    )
    triage_seconds: float = Field(
        10.0,  # a thousand times what the longest message takes; a batch of 64 of these takes one second
        gt=0,
        le=30,  # 256 messages in hand, all of them too slow, must end before Kafka takes the partition away
        description="processor seconds that triage may spend on one message; what takes longer is set aside for a person to read",
    )
    triage_encoder: Literal["none", "local", "endpoint"] = Field(
        "none",
        description="what tells triage the meaning of messages whose words leave it unsure of matter or danger: `local` (the extra "
        "`encoder`, 125 MB of memory), `endpoint` (`PARVIS_EMBEDDINGS_URL`; redacted texts leave the machine) or `none`",
    )
    matters_encoder: Literal["none", "local", "endpoint"] = Field(
        "none", description="what review compares the meaning of messages by, to see what emerges: as `PARVIS_TRIAGE_ENCODER`"
    )
    smtp_url: SecretStr = Field(
        SecretStr(""), description="`smtp://user:password@host:587` or `smtps://...`; empty: an .eml file per reply in the data directory"
    )
    mail_from: str = Field("Parvis <no-reply@parvis.example>", description="the sender of replies")
    mail_reply_to: str = Field(
        "",
        description="where answers to them go, as `answers@city.example`; `answers+@city.example`: behind the plus stands the case, so "
        "that an answer finds it by its address; empty: to the sender",
    )
    mail_subject_reference: bool = Field(
        default=False, description="whether the subject of each reply ends with the case's reference, for programs that keep nothing else"
    )
    mail_senders: Path | None = Field(
        None, description="a file (YAML) of agencies with a sender, an address for answers, a mail server or a DKIM key of their own"
    )
    quota_per_minute: int = Field(
        6000, ge=0, description="how many requests a minute a key may hand over by HTTP, in each intake process; 0: no limit"
    )
    quota_burst: int = Field(60_000, ge=1, description="how many of these at once, after a rest")
    forms: Annotated[tuple[str, ...], NoDecode, BeforeValidator(listed)] = Field(
        (),
        description="agencies whose citizens can write by a web form, public at `/forms/AGENCY`, as `belrive,my-city`; empty: none",
    )
    forms_branding: Path | None = Field(
        None, description="a file (YAML) of their colours, logos, privacy notices and contacts, and of sites that may embed them"
    )
    forms_hourly_per_address: int = Field(30, ge=0, description="how many messages an hour one address may send by a form; 0: no limit")
    forms_hourly_per_agency: int = Field(2000, ge=0, description="how many all addresses together may send to one agency; 0: no limit")
    api_docs: bool = Field(default=True, description="whether intake and review show their API at `/docs`, to try it with a key")
    open311_contact: str = Field("", description="how developers of Open311 clients reach you for a key, as its discovery tells them")
    agency_key: SecretStr = Field(SecretStr(""), description="the agency's API key, with which `parvis publish` signs what it sends")
    undo_seconds: float = Field(5.0, ge=0, le=3600, description="how long an approval can be recalled before it is sent")
    reconcile_seconds: float = Field(120.0, gt=0, description="how long a request may stand still before its last step is published again")
    delivery_attempts: int = Field(8, ge=1, description="how often a delivery is tried before it has failed")
    delivery_pause_seconds: float = Field(
        2.0, gt=0, description="the pause after the first failed delivery; doubles each time, up to an hour"
    )
    webhook_private_nets: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(listed)] = Field(
        (), description="networks that are not public and may have agencies' webhooks, as `10.20.0.0/16,fd12::/48`"
    )
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(listed)] = Field(
        (),
        description="your own proxies, as `127.0.0.1,10.0.0.0/8`: what they, and nobody else, say in `X-Forwarded-For` is believed",
    )
    client_seconds: float = Field(
        20.0, gt=0, description="how long a client may take to send a request's head, the next bytes of its body, or to read an answer on"
    )
    public_url: PublicUrl = Field(
        "", description="where people reach the pages, as `https://parvis.city.example`; requests that name another host are refused"
    )
    transparency: Path | None = Field(
        None, description="a file (YAML) in which agencies say what only they can of the public record at `/about/AGENCY`"
    )
    reply_note: Agencies = Field(
        "all",
        description="agencies whose replies end with a note of how they came about and a link to `/about/AGENCY`, as `belrive,my-city`; "
        "`none`: nobody's; needs `PARVIS_PUBLIC_URL`",
    )
    reply_question: Agencies = Field(
        "",
        description="those whose note also asks whether the reply solved the matter, or `all`; empty: nobody's; needs "
        "`PARVIS_INTAKE_PUBLIC_URL` as well",
    )
    explain_names: bool = Field(default=False, description="whether `parvis explain` names who decided; otherwise it tells their role")
    practice_url: PublicUrl = Field(
        "",
        description="where people practise (`parvis practice`), as `https://practice.city.example`; *Practice* leads there",
    )
    intake_public_url: PublicUrl = Field("", description="the same for intake; `status_url` begins with it")
    language: Literal["en", "fr"] = Field(
        "en", description="what the pages speak to who has chosen nothing and whose browser asks for neither"
    )
    session_hours: float = Field(12.0, gt=0, description="how long a person stays signed in at most")
    session_idle_minutes: float = Field(120.0, gt=0, description="how long a person stays signed in without doing anything")
    second_factor: Literal["off", "optional", "required"] = Field(
        "optional", description="whether who signs in by password may have, or must have, a second factor beside it"
    )
    second_factor_of: Annotated[tuple[str, ...], NoDecode, BeforeValidator(listed)] = Field(
        (), description="roles and agencies of whom it is required where it is `optional`, as `admin,supervisor,belrive`"
    )
    second_factor_key: SecretStr = Field(
        SecretStr(""),
        description="seals the secrets of second factors (at least 32 random characters); empty: a file in the data directory with the "
        "embedded database, no second factor with PostgreSQL",
    )
    secure_cookies: bool = Field(
        default=False, description="set where people reach the pages by https, which an https `PARVIS_PUBLIC_URL` says as well"
    )
    host: str = Field("127.0.0.1", description="the address that services listen on")

    kafka: KafkaSettings = Field(default_factory=KafkaSettings)
    signing: SigningSettings = Field(default_factory=SigningSettings)
    oidc: OidcSettings = Field(default_factory=OidcSettings)
    llm: LlmSettings = Field(default_factory=LlmSettings)
    embeddings: EmbeddingsSettings = Field(default_factory=EmbeddingsSettings)

    @field_validator("second_factor_key")
    @classmethod
    def _is_long(cls, key: SecretStr) -> SecretStr:
        if 0 < len(key.get_secret_value()) < SHORTEST_KEY:
            raise ValueError(f"at least {SHORTEST_KEY} random characters, as of `openssl rand -hex 24`")
        return key

    @model_validator(mode="after")
    def _can_be_required(self) -> Self:
        wanted = self.second_factor == "required" or (self.second_factor == "optional" and self.second_factor_of)
        if wanted and self.database_url.get_secret_value() and not self.second_factor_key.get_secret_value():
            raise ValueError("a second factor that is required needs PARVIS_SECOND_FACTOR_KEY with PostgreSQL: set it, or nobody gets in")
        return self

    @property
    def database(self) -> str:
        """The database as SQLAlchemy's address, with the driver that we use."""
        url = self.database_url.get_secret_value()
        if not url:
            return f"sqlite+aiosqlite:///{self.data_dir.resolve() / 'parvis.db'}"
        scheme, _, rest = url.partition("://")
        return f"{'postgresql+psycopg' if scheme in ('postgres', 'postgresql') else scheme}://{rest}"

    @property
    def pages(self) -> PublicAddress:
        """The address where people reach review."""
        return PublicAddress(self.public_url, self.host)

    @property
    def asks_citizens(self) -> bool:
        """Whether intake has pages for the links of replies that ask if they solved the matter."""
        wanted = self.reply_note != "none" and self.reply_question not in ("", "none")
        return bool(self.intake_public_url) and wanted

    @property
    def intake(self) -> PublicAddress:
        """The address where agencies reach intake."""
        return PublicAddress(self.intake_public_url, self.host)

    @property
    def pages_by_https(self) -> bool:
        """Whether people come by https: cookies may ask for it, and browsers be told to stay with it."""
        return self.secure_cookies or self.pages.is_https

    @property
    def models(self) -> Path:
        """Where trained classifiers are kept."""
        return self.model_dir or self.data_dir / "models"

    @property
    def traces(self) -> Path:
        """The local store of spans."""
        return self.data_dir / "traces.db"
