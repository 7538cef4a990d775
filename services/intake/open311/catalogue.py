"""The agency's taxonomy as Open311 services, with labels in the language that was asked for. Pure."""

from services.domain.taxonomy import Taxonomy, said_in
from services.intake.open311.documents import Service
from services.runtime.accept_language import liked, primary


def language_of(taxonomy: Taxonomy, locale: str | None, accept_language: str) -> str:
    """The language to label in: `locale`, else the best of `Accept-Language` that the taxonomy has, else English."""
    spoken = {language for category in taxonomy.categories.values() for language in category.label}
    asked = [primary(tag) for tag in [*([locale] if locale else []), *liked(accept_language)]]
    return next((language for language in asked if language in spoken), "en")


def code_of(taxonomy: Taxonomy, category: str) -> str:
    """The category's service code: the agency's own where the taxonomy gives one."""
    entry = taxonomy.categories.get(category)
    return (entry.open311_code if entry else None) or category


def category_of(taxonomy: Taxonomy, code: str) -> str | None:
    """The category of a service code; None where no service has it."""
    return next((name for name in taxonomy.names if code_of(taxonomy, name) == code), None)


def services(taxonomy: Taxonomy, language: str) -> list[Service]:
    """Every service, in the order of the taxonomy. A code that two categories share is the first one's."""
    return [
        Service(
            service_code=code_of(taxonomy, name),
            service_name=taxonomy.label(name, language),
            description=said_in(category.description, language),
            keywords=", ".join(dict.fromkeys(label for spoken, label in category.label.items() if spoken != language)),
            group=taxonomy.department_label(category.department, language),
        )
        for name, category in taxonomy.categories.items()
        if category_of(taxonomy, code_of(taxonomy, name)) == name
    ]
