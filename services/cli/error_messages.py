"""Words a fault for people: one sentence with the thing at fault and the next step, where the fault is not ours."""

from pydantic import ValidationError
from pydantic_settings import SettingsError

from services.domain.taxonomy import InvalidTaxonomy
from services.runtime.errors import ParvisError

PREFIXES = {"Settings": "PARVIS_", "KafkaSettings": "PARVIS_KAFKA_", "LlmSettings": "PARVIS_LLM_"}


def sentence(error: Exception) -> str | None:
    """The sentence for an error; None where the fault is a bug of ours: a traceback tells more then."""
    if isinstance(error, ParvisError):
        return error.detail
    if isinstance(error, InvalidTaxonomy | SettingsError):
        return str(error)
    if isinstance(error, ValidationError) and error.title in PREFIXES:
        return "; ".join(_setting(PREFIXES[error.title], fault["loc"], fault["input"], fault["msg"]) for fault in error.errors())
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    if type(error).__module__.startswith("sqlalchemy."):
        return _database(error)
    return None


def _setting(prefix: str, location: tuple[int | str, ...], value: object, fault: str) -> str:
    name = prefix + "_".join(map(str, location)).upper()
    # What stands deeper may be a group with a password in it.
    about = f"{name} is {value!r}" if isinstance(value, str) and len(location) == 1 else name
    return f"{about}: {fault[:1].lower()}{fault[1:]}; put it right or leave it out"


def _database(error: Exception) -> str | None:
    # Imported here, since most faults have nothing to do with a database.
    from sqlalchemy.exc import DatabaseError, IntegrityError, InterfaceError, OperationalError, ProgrammingError

    if not isinstance(error, DatabaseError | InterfaceError) or isinstance(error, IntegrityError | ProgrammingError):
        return None
    first, _, _ = str(error.orig).partition("\n")
    if "not a database" in first or "malformed" in first:
        return (
            f"the database file is damaged ({first}): stop Parvis, move parvis.db, parvis.db-wal and parvis.db-shm "
            "out of the data directory and put your backup there"
        )
    if isinstance(error, OperationalError | InterfaceError):
        return f"the database can't be used ({first}): see that it runs and that PARVIS_DATABASE_URL and PARVIS_DATA_DIR are right"
    return None
