"""Tables of people, their identities elsewhere, browser sessions, devices and API tokens: of every secret only a hash."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from services.runtime.database import JSON, Moment


class PersonRow(SQLModel, table=True):
    """Somebody who may sign in."""

    __tablename__ = "review_people"

    email: str = Field(primary_key=True)
    name: str
    role: str
    also: list[str] = Field(default_factory=list, sa_type=JSON)
    departments: list[str] = Field(default_factory=list, sa_type=JSON)
    agencies: list[str] = Field(default_factory=list, sa_type=JSON)
    password_hash: str
    active: bool = True
    created_at: datetime = Field(sa_type=Moment)
    must_change_password: bool = False
    language: str = ""
    """What the pages speak to them; empty: what their browser asks for."""
    time_zone: str = ""
    """In which they read times; empty: that of the agency's calendar."""


class SessionRow(SQLModel, table=True):
    """A browser that is signed in."""

    __tablename__ = "review_sessions"

    token_hash: str = Field(primary_key=True)
    email: str = Field(index=True, foreign_key="review_people.email")
    csrf: str
    expires_at: datetime = Field(sa_type=Moment, index=True)
    """When it is over unless it is used before, and `ends_at` in any case."""
    ends_at: datetime | None = Field(default=None, sa_type=Moment)
    began_at: datetime | None = Field(default=None, sa_type=Moment)
    seen_at: datetime | None = Field(default=None, sa_type=Moment)
    address: str | None = None
    browser: str | None = None
    by: str | None = None
    """How they came in; without a word by password."""
    factor_due: bool = False
    """Whether they have to set up a second factor before anything else."""


class DeviceRow(SQLModel, table=True):
    """A browser that somebody has signed in with before: wrong tries from elsewhere do not keep them out there."""

    __tablename__ = "review_devices"

    token_hash: str = Field(primary_key=True)
    email: str = Field(index=True, foreign_key="review_people.email")
    seen_at: datetime = Field(sa_type=Moment)


class TokenRow(SQLModel, table=True):
    """A program that acts as its person."""

    __tablename__ = "review_tokens"

    token_hash: str = Field(primary_key=True)
    email: str = Field(index=True, foreign_key="review_people.email")
    created_at: datetime = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
    label: str | None = None
    scopes: list[str] | None = Field(default=None, sa_type=JSON)
    expires_at: datetime | None = Field(default=None, sa_type=Moment)
    used_at: datetime | None = Field(default=None, sa_type=Moment)


class IdentityRow(SQLModel, table=True):
    """Who a person is at a provider of single sign-on: it is the subject that lets them in, as an address may become somebody else's."""

    __tablename__ = "review_identities"

    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    email: str = Field(index=True, foreign_key="review_people.email")
    linked_at: datetime = Field(sa_type=Moment)


class UsedFlowRow(SQLModel, table=True):
    """A way to the provider and back that was used, by its mark: it leads in once."""

    __tablename__ = "review_used_flows"

    mark: str = Field(primary_key=True)
    used_at: datetime = Field(sa_type=Moment, index=True)


class SecondFactorRow(SQLModel, table=True):
    """The secret of somebody's app, sealed, and the recovery codes that are left, hashed with a key; it counts once it is confirmed."""

    __tablename__ = "review_second_factors"

    email: str = Field(primary_key=True, foreign_key="review_people.email")
    sealed_secret: str
    begun_at: datetime = Field(sa_type=Moment)
    confirmed_at: datetime | None = Field(default=None, sa_type=Moment)
    last_step: int = 0
    recovery: list[str] = Field(default_factory=list, sa_type=JSON)


class HalfSignInRow(SQLModel, table=True):
    """A sign-in whose password was right, and that waits for the second factor's code. It opens nothing by itself."""

    __tablename__ = "review_half_sign_ins"

    token_hash: str = Field(primary_key=True)
    email: str = Field(index=True, foreign_key="review_people.email")
    known_browser: bool
    expires_at: datetime = Field(sa_type=Moment, index=True)
