"""Who may publish, sign in and act by program: given on the command line, and taken away again."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from services.cli import context
from services.cli.main import app
from services.domain.agency_keys import Key
from services.intake import api_keys
from services.intake import store as intake
from services.review.audit import store as audit
from services.review.people import passwords, session_store, token_store
from services.review.people import store as people
from services.review.people.second_factor import factor_store, one_time_codes
from services.review.people.second_factor.factor_key import FactorKey
from services.review.people.session_store import Lasting
from services.runtime import clock
from services.runtime.database import Session
from services.runtime.errors import ParvisError
from services.runtime.settings import Settings

Parvis = Callable[..., Result]

LASTING = Lasting(timedelta(hours=12), timedelta(hours=2))


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("PARVIS_DATA_DIR", str(tmp_path))
    return Settings()


@pytest.fixture
def parvis(settings: Settings) -> Parvis:  # noqa: ARG001 - asked for so that the commands find the city
    return lambda *words: CliRunner().invoke(app, words, env={"COLUMNS": "300", "LOGNAME": "otto"})


def error_of(result: Result) -> str:
    """What a person reads who was refused."""
    assert isinstance(result.exception, ParvisError), result.output
    return result.exception.detail


def does(settings: Settings, work: Callable[[Session], Awaitable[Any]]) -> Any:
    return context.in_transaction(settings, work)


def last_logged(settings: Settings) -> audit.Entry:
    [(_, entry)] = does(settings, lambda s: audit.page(s, actor=None, before=None, limit=1))
    assert isinstance(entry, audit.Entry)
    return entry


def secret(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def agency_of_key(settings: Settings, key: str) -> str | None:
    kept: Key | None = does(settings, lambda s: api_keys.key_of(s, key, clock.now()))
    return kept.agency if kept else None


def test_a_revoked_agency_has_no_key_and_may_be_given_a_new_one(settings: Settings, parvis: Parvis) -> None:
    city, other = [secret(parvis("agencies", "add", "belrive")) for _ in range(2)]
    elsewhere = secret(parvis("agencies", "add", "springfield"))

    assert secret(parvis("agencies", "revoke", "belrive")) == "2 keys of belrive revoked"

    assert [agency_of_key(settings, key) for key in (city, other, elsewhere)] == [None, None, "springfield"]
    entry = last_logged(settings)
    assert (entry.actor, entry.action, entry.detail) == (
        "command line (otto)",
        "agency keys revoked",
        {"agency": "belrive", "keys": 2},
    )
    assert agency_of_key(settings, secret(parvis("agencies", "add", "belrive"))) == "belrive"


def test_one_key_of_several_is_revoked_by_how_it_begins(settings: Settings, parvis: Parvis) -> None:
    good, lost = [secret(parvis("agencies", "add", "belrive")) for _ in range(2)]

    assert secret(parvis("agencies", "revoke", "belrive", "--key", lost[:11])) == "1 key of belrive revoked"

    assert [agency_of_key(settings, key) for key in (good, lost)] == ["belrive", None]
    assert "no key of belrive" in error_of(parvis("agencies", "revoke", "belrive", "--key", lost[:11]))
    assert "first 11 characters" in error_of(parvis("agencies", "revoke", "belrive", "--key", "pk_"))
    secret(parvis("agencies", "add", "springfield"))
    assert "no key of springfield" in error_of(parvis("agencies", "revoke", "springfield", "--key", good))
    assert "no agency atlantis" in error_of(parvis("agencies", "revoke", "atlantis"))


def test_the_list_of_agencies_shows_how_their_good_keys_begin(parvis: Parvis) -> None:
    good, lost = [secret(parvis("agencies", "add", "belrive", "--name", "City of Belrive")) for _ in range(2)]
    parvis("agencies", "revoke", "belrive", "--key", lost)

    listed = secret(parvis("agencies", "list"))

    assert "City of Belrive" in listed
    assert f"{good[:11]}...         all  {clock.now():%Y-%m-%d}  never" in listed
    assert good not in listed
    assert lost[:11] not in listed


@pytest.mark.parametrize(
    ("code", "better"),
    [("City of Belrive", "city-of-belrive"), ("-belrive-", "belrive"), ("b" * 65, "b" * 64), ("", "my-city"), ("é", "my-city")],
)
def test_a_code_that_no_request_could_name_is_refused_with_one_that_would_do(parvis: Parvis, code: str, better: str) -> None:
    error = error_of(parvis("agencies", "add", "--", code))

    assert error.startswith("code: ")
    assert f"{better!r} would do" in error
    assert secret(parvis("agencies", "add", better))


def test_a_removed_person_is_listed_no_more_and_has_no_token(settings: Settings, parvis: Parvis) -> None:
    parvis("people", "add", "ole@city.example", "--role", "ops")
    token = secret(parvis("tokens", "issue", "ole@city.example"))

    assert secret(parvis("people", "remove", "Ole@city.example")) == "ole@city.example can sign in no more"

    assert "ole@" not in secret(parvis("people", "list"))
    assert "no longer good" in told_by_token(settings, token)
    assert last_logged(settings).action == "person removed"
    assert "no ole@city.example" in error_of(parvis("people", "remove", "ole@city.example"))
    assert "no ole@city.example" in error_of(parvis("tokens", "issue", "ole@city.example"))
    assert secret(parvis("people", "add", "ole@city.example", "--role", "caseworker"))
    assert "no longer good" in told_by_token(settings, token)


def test_every_power_that_is_given_leaves_a_line_with_who_gave_it_and_no_secret(settings: Settings, parvis: Parvis) -> None:
    key, webhook_secret = secret(parvis("agencies", "add", "belrive", "--webhook", "https://belrive.example/hook?token=t0ps3cret")).split()
    parvis("people", "add", "ole@city.example", "--role", "ops")
    token = secret(parvis("tokens", "issue", "ole@city.example"))

    entries = [entry for _, entry in does(settings, lambda s: audit.page(s, actor=None, before=None, limit=10))]

    assert [entry.action for entry in entries] == ["token issued", "person added", "webhook set", "agency key issued"]
    assert {entry.actor for entry in entries} == {"command line (otto)"}
    assert entries[2].detail == {"agency": "belrive", "host": "belrive.example"}
    assert entries[3].detail["key"] == key[:11]
    assert not [word for word in (key, webhook_secret, token, "t0ps3cret") if word in str(entries)]


def test_a_person_is_limited_to_the_departments_and_agencies_that_are_listed(settings: Settings, parvis: Parvis) -> None:
    for code in ("belrive", "springfield", "ogdenville"):
        parvis("agencies", "add", code)

    secret(
        parvis("people", "add", "sue@city.example", "--role", "supervisor", "--department", "streets",
               "--agency", "belrive", "--agency", "springfield")
    )  # fmt: skip

    sue = does(settings, lambda s: people.person(s, "sue@city.example"))
    assert (sue.departments, sue.agencies) == (("streets",), ("belrive", "springfield"))
    assert "streets" in (listed := secret(parvis("people", "list")))
    assert "belrive, springfield" in listed
    entry = last_logged(settings)
    assert (entry.actor, entry.action) == ("command line (otto)", "person added")
    assert entry.detail == {
        "email": "sue@city.example", "role": "supervisor", "departments": ["streets"], "agencies": ["belrive", "springfield"],
    }  # fmt: skip
    assert "no agency 'atlantis'" in error_of(parvis("people", "add", "x@city.example", "--role", "caseworker", "--agency", "atlantis"))
    assert "--department out" in error_of(parvis("people", "add", "x@city.example", "--role", "ops", "--department", "streets"))


def told_by_token(settings: Settings, token: str) -> str:
    with pytest.raises(ParvisError) as refused:
        does(settings, lambda s: token_store.acting(s, token, clock.now()))
    return refused.value.detail


def test_revoked_tokens_act_as_nobody_and_their_person_stays(settings: Settings, parvis: Parvis) -> None:
    for email in ("ole@city.example", "ada@city.example"):
        parvis("people", "add", email, "--role", "ops")
    tokens = [secret(parvis("tokens", "issue", "ole@city.example")) for _ in range(2)]
    other = secret(parvis("tokens", "issue", "ada@city.example"))

    assert secret(parvis("tokens", "revoke", "ole@city.example")) == "2 tokens revoked"

    assert all("no longer good" in told_by_token(settings, token) for token in tokens)
    assert does(settings, lambda s: token_store.acting(s, other, clock.now())).person.email == "ada@city.example"
    assert "ole@city.example" in secret(parvis("people", "list"))
    assert "no eve@city.example" in error_of(parvis("tokens", "revoke", "eve@city.example"))


def test_a_webhook_inside_is_refused_with_the_fix_and_leaves_no_agency_behind(settings: Settings, parvis: Parvis) -> None:
    for url, fix in (("http://10.0.0.1/x", "https://"), ("https://10.0.0.1/x", "PRIVATE_NETS"), ("http://127.0.0.1:9/", "--loopback")):
        refused = error_of(parvis("agencies", "add", "belrive", "--webhook", url))
        assert refused.startswith("webhook: ")
        assert fix in refused
    assert does(settings, lambda s: intake.agencies(s, clock.now())) == []

    assert len(secret(parvis("agencies", "add", "belrive", "--webhook", "http://127.0.0.1:9/", "--loopback")).split()) == 2


def test_a_known_agencys_webhook_is_set_without_a_further_key(settings: Settings, parvis: Parvis, monkeypatch: pytest.MonkeyPatch) -> None:
    secret(parvis("agencies", "add", "belrive"))
    monkeypatch.setenv("PARVIS_WEBHOOK_PRIVATE_NETS", "10.20.0.0/16, fd12::/48")

    assert secret(parvis("agencies", "webhook", "belrive", "https://10.20.0.1/parvis")).startswith("whsec_")

    entry = last_logged(settings)
    assert (entry.action, entry.detail) == ("webhook set", {"agency": "belrive", "host": "10.20.0.1"})
    assert "--loopback" in error_of(parvis("agencies", "webhook", "belrive", "https://localhost/"))
    assert "no agency 'atlantis'" in error_of(parvis("agencies", "webhook", "atlantis", "https://10.20.0.1/"))


def test_a_person_is_signed_out_everywhere_and_may_sign_in_again(settings: Settings, parvis: Parvis) -> None:
    parvis("people", "add", "anna@city.example", "--role", "caseworker")
    now = clock.now()

    async def signs_in(session: Session) -> str:
        return await session_store.begin(session, "anna@city.example", now, LASTING, "127.0.0.1", "a browser")

    sessions = [does(settings, signs_in) for _ in range(2)]

    ended = parvis("people", "sign-out", "Anna@City.example")

    assert ended.stdout == "2 sessions ended\n"
    for token in sessions:
        assert does(settings, partial(session_store.present, token=str(token), now=now)) is None
    entry = last_logged(settings)
    assert (entry.actor, entry.action) == ("command line (otto)", "sessions ended")
    assert entry.detail == {"email": "anna@city.example", "sessions": 2}
    assert does(settings, signs_in)
    assert "there is no eve@city.example" in error_of(parvis("people", "sign-out", "eve@city.example"))


def test_whom_the_provider_names_is_said_by_command_and_taken_back(
    parvis: Parvis, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for email in ("anna@city.example", "ben@city.example"):
        secret(parvis("people", "add", email, "--role", "caseworker"))
    assert "PARVIS_OIDC_ISSUER" in error_of(parvis("people", "link", "anna@city.example", "--subject", "a-1"))
    monkeypatch.setenv("PARVIS_OIDC_ISSUER", "https://login.city.example")
    monkeypatch.setenv("PARVIS_OIDC_CLIENT_ID", "parvis")

    assert parvis("people", "link", "anna@city.example", "--subject", "a-1").exit_code == 0
    assert last_logged(settings).detail["subject"] == "a-1"
    assert "anna@city.example already" in error_of(parvis("people", "link", "ben@city.example", "--subject", "a-1"))
    assert parvis("people", "unlink", "anna@city.example").exit_code == 0
    assert last_logged(settings).action == "identity unlinked"
    assert parvis("people", "link", "ben@city.example", "--subject", "a-1").exit_code == 0


def test_rights_are_changed_by_command_and_what_is_not_named_stays(parvis: Parvis, settings: Settings) -> None:
    secret(parvis("agencies", "add", "belrive"))
    secret(parvis("people", "add", "ben@city.example", "--role", "caseworker", "--department", "streets", "--agency", "belrive"))

    assert parvis("people", "change", "ben@city.example", "--role", "supervisor", "--all-agencies").exit_code == 0

    ben = does(settings, lambda s: people.person(s, "ben@city.example"))
    assert (ben.role, ben.departments, ben.agencies) == ("supervisor", ("streets",), ())
    assert last_logged(settings).action == "rights changed"
    assert "no department 'moon'" in error_of(parvis("people", "change", "ben@city.example", "--department", "moon"))
    assert "say what is to change" in error_of(parvis("people", "change", "ben@city.example"))
    assert "--department" in error_of(parvis("people", "change", "ben@city.example", "--role", "ops"))
    assert "there is no nora@city.example" in error_of(parvis("people", "change", "nora@city.example", "--role", "ops"))


def test_a_password_that_is_given_by_command_is_good_until_they_choose_their_own(parvis: Parvis, settings: Settings) -> None:
    former = secret(parvis("people", "add", "ben@city.example", "--role", "caseworker"))

    word = secret(parvis("people", "reset-password", "ben@city.example"))

    door = does(settings, lambda s: people.door(s, "ben@city.example", None))
    assert (passwords.matches(word, door.password_hash), passwords.matches(former, door.password_hash)) == (True, False)
    assert does(settings, lambda s: people.person(s, "ben@city.example")).must_change_password


def test_a_break_glass_address_that_is_no_administrators_is_told_of_at_each_change(parvis: Parvis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARVIS_OIDC_BREAK_GLASS", "Ada@City.example")
    wrong = "PARVIS_OIDC_BREAK_GLASS names ada@city.example, who is no administrator here"

    assert "--role admin" in parvis("people", "add", "ben@city.example", "--role", "caseworker").stderr.partition(wrong)[2]
    assert wrong not in parvis("people", "add", "ada@city.example", "--role", "admin").stderr
    assert wrong in parvis("people", "change", "ada@city.example", "--role", "ops").stderr
    assert wrong not in parvis("people", "change", "ada@city.example", "--also", "admin").stderr
    assert wrong in parvis("people", "remove", "ada@city.example").stderr


def test_a_second_factor_is_reset_by_command(parvis: Parvis, settings: Settings) -> None:
    secret(parvis("people", "add", "ben@city.example", "--role", "caseworker"))
    assert "had no second factor" in parvis("people", "reset-second-factor", "ben@city.example").stdout
    key, now = FactorKey("a key as long as a key has to be here"), clock.now()
    shown = does(settings, lambda s: factor_store.begin(s, "ben@city.example", key, now))
    code = one_time_codes.code_at(shown, one_time_codes.step_of(now))
    does(settings, lambda s: factor_store.confirm(s, "ben@city.example", key, code, now))

    assert "no second factor any more" in parvis("people", "reset-second-factor", "ben@city.example").stdout

    assert does(settings, lambda s: factor_store.of_person(s, "ben@city.example")) is None
    assert last_logged(settings).action == "second factor off"
