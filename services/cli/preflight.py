"""Checks settings and data before anything starts: a fault is told at once, rather than by a service that dies again and again."""

from collections.abc import Collection
from urllib.parse import urlsplit

from services.domain import taxonomy
from services.local import run_file
from services.runtime import file_scanner
from services.runtime.errors import InvalidInput
from services.runtime.settings import MAIL_IN, SERVICES, Settings
from services.triage.classification import model_folder

DATABASES = ("postgresql+psycopg", "sqlite+aiosqlite")


def check(settings: Settings, services: Collection[str] = SERVICES) -> None:
    """Raises the first fault of the settings that these services need, with the setting's name and the fix."""
    check_data(settings)
    if not {"triage", "drafting", "review"}.isdisjoint(services):
        try:
            taxonomy.load(settings.taxonomy)
        except taxonomy.InvalidTaxonomy as error:
            raise InvalidInput(f"PARVIS_TAXONOMY: {error}", field="PARVIS_TAXONOMY") from None
    if "triage" in services:
        model_folder.check(settings.models)
    if "drafting" in services:
        _check_drafting(settings)
    if "dispatch" in services:
        _check_mail(settings)
    if "review" in services:
        _check_senders(settings)
    file_scanner.file_scanner(settings.files_scanner)
    if settings.mailboxes and not {"intake", MAIL_IN}.isdisjoint(services):
        from services.intake.mail import mailboxes

        mailboxes.read(settings.mailboxes)


def check_data(settings: Settings) -> None:
    """Checks data directory and database. Raises InvalidInput where a database is none of ours, or the directory is none."""
    url = settings.database_url.get_secret_value()
    if not url:
        run_file.keep_private(settings.data_dir.resolve())
        return
    wanted = "give postgresql://user:password@host/name, or leave it out for SQLite in the data directory"
    try:
        parts = urlsplit(settings.database)
        usable = parts.scheme in DATABASES and bool(parts.path.strip("/")) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        # The address is never quoted: it has a password.
        raise InvalidInput(f"PARVIS_DATABASE_URL is no database that Parvis can use: {wanted}", field="PARVIS_DATABASE_URL")


def _check_drafting(settings: Settings) -> None:
    base_url = settings.llm.base_url
    if base_url:
        try:
            usable = urlsplit(base_url).scheme in ("http", "https") and bool(urlsplit(base_url).hostname)
        except ValueError:
            usable = False
        if not usable:
            raise InvalidInput(
                "PARVIS_LLM_BASE_URL is no http address: give one as http://127.0.0.1:8080/v1, or leave it out for template drafts",
                field="PARVIS_LLM_BASE_URL",
            )
    if settings.knowledge_dir:  # the sample city's is ours and in order
        from services.domain import knowledge_folder

        try:
            knowledge_folder.read(settings.knowledge_dir)
        except knowledge_folder.InvalidKnowledge as error:
            raise InvalidInput(f"PARVIS_KNOWLEDGE_DIR: {error}", field="PARVIS_KNOWLEDGE_DIR") from None
    if settings.templates_dir:
        from services.drafting import letter_folder

        try:
            letter_folder.read(settings.templates_dir, taxonomy.load(settings.taxonomy).names)
        except letter_folder.InvalidTemplates as error:
            raise InvalidInput(f"PARVIS_TEMPLATES_DIR: {error}", field="PARVIS_TEMPLATES_DIR") from None


def _check_mail(settings: Settings) -> None:
    from services.dispatch import mail_accounts

    mail_accounts.accounts(settings)


def _check_senders(settings: Settings) -> None:
    """Of review, which knows the addresses and sends nothing: it needs no key."""
    if settings.mail_senders:
        from services.domain import mail_senders

        try:
            mail_senders.read(settings.mail_senders)
        except mail_senders.InvalidSenders as error:
            raise InvalidInput(f"PARVIS_MAIL_SENDERS: {error}", field="PARVIS_MAIL_SENDERS") from None
