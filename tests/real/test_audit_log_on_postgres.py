"""Whoever has the services' password adds to the log and reads it; whoever owns the tables is stopped by the trigger."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from services.migrations.upgrade import upgrade
from services.runtime.settings import Settings
from tests.harness.postgres import Postgres

ROLES = Path(__file__).parents[2] / "deploy" / "roles.sql"
PASSWORDS = {"owner": "owner's own", "services": "the services'"}
CHANGES = [
    "update review_audit set actor = 'eve'",
    "delete from review_audit",
    "truncate review_audit",
    "insert into review_audit select * from review_audit on conflict (id) do update set actor = 'eve'",
    "merge into review_audit a using review_audit b on a.id = b.id when matched then update set actor = 'eve'",
    "merge into review_audit a using review_audit b on a.id = b.id when matched then delete",
    "with gone as (delete from review_audit returning *) select * from gone",
]
ESCAPES = [
    "alter table review_audit disable trigger all",
    "drop trigger review_audit_append_only on review_audit",
    "create rule hidden as on insert to review_audit do instead nothing",
    "create trigger hidden before insert on review_audit for each row execute function suppress_redundant_updates_trigger()",
    "alter table review_audit owner to parvis_services",
    "alter table review_audit enable row level security",
    "drop table review_audit cascade",
    "set session_replication_role = replica",
    "set role parvis_owner",
    "create table mine (id int)",
    "create function mine() returns int language sql as 'select 1'",
    "create schema mine",
    "copy review_audit to program 'true'",
    "insert into alembic_version values ('x')",
]


@pytest.fixture(scope="module")
def tables(postgres: Postgres) -> Iterator[dict[str, str]]:
    """A database made as its instructions say; the addresses of its two roles."""
    with postgres.database() as name:
        addresses = {role: postgres.url(name, f"parvis_{role}", password) for role, password in PASSWORDS.items()}

        def apply_roles() -> None:
            variables = [f"--set={role}_password={password}" for role, password in PASSWORDS.items()]
            subprocess.run(["psql", "-q", *variables, "-f", str(ROLES), postgres.url(name)], capture_output=True, check=True)

        apply_roles()
        upgrade(Settings(database_url=addresses["owner"]).database)
        apply_roles()
        with psycopg.connect(addresses["services"], autocommit=True) as services:
            services.execute("insert into review_audit (at, actor, action, detail) values (now(), 'anna', 'approve', '{}')")
        yield addresses


@pytest.mark.parametrize("statement", CHANGES + ESCAPES)
def test_with_the_services_password_nothing_in_the_log_is_changed(tables: dict[str, str], statement: str) -> None:
    with psycopg.connect(tables["services"], autocommit=True) as services:
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.RaiseException)):
            services.execute(statement)
        assert services.execute("select actor, action from review_audit").fetchall() == [("anna", "approve")]


@pytest.mark.parametrize("statement", CHANGES)
def test_whoever_owns_the_tables_is_stopped_by_the_trigger(tables: dict[str, str], statement: str) -> None:
    with psycopg.connect(tables["owner"], autocommit=True) as owner:
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            owner.execute(statement)
        assert owner.execute("select actor, action from review_audit").fetchall() == [("anna", "approve")]
