"""Reads what a list of service requests is asked for, and says how one of them is shown. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, get_args
from uuid import UUID

from fastapi import Query
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, WithJsonSchema

from schemas.values import Urgency, in_utc
from services.domain.taxonomy import Taxonomy
from services.intake.listing import MOST_LISTED, Filters, Listed, Report, Since
from services.intake.open311 import catalogue, sentences
from services.intake.open311.documents import ServiceRequest
from services.intake.rules import State
from services.runtime.errors import InvalidInput

LONGEST_SPAN = timedelta(days=90)
MOST_PAGES = 100_000
MOST_CODES = 1000
STATUSES = ("open", "closed")


def _absent_where_empty(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _with_offset(value: object) -> object:
    """A `+` that a client did not escape arrives as a space."""
    return value.strip().replace(" ", "+") if isinstance(value, str) and "T" in value else value


def _or_empty(**schema: object) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [schema, {"type": "string", "maxLength": 0}]})


Day = Annotated[
    Since | None, BeforeValidator(_with_offset), BeforeValidator(_absent_where_empty), _or_empty(type="string", format="date-time")
]
Page = Annotated[
    Annotated[int, Field(ge=1, le=MOST_PAGES)] | None,
    BeforeValidator(_absent_where_empty),
    _or_empty(type="integer", minimum=1, maximum=MOST_PAGES),
]
PageSize = Annotated[
    Annotated[int, Field(ge=1, le=MOST_LISTED)] | None,
    BeforeValidator(_absent_where_empty),
    _or_empty(type="integer", minimum=1, maximum=MOST_LISTED),
]


def _parted(values: list[str]) -> list[str]:
    """Several values, given one by one, in one with commas, or both."""
    return list(dict.fromkeys(part for value in values for item in value.split(",") if (part := item.strip())))


Several = Annotated[list[str], AfterValidator(_parted)]


class ListQuery(BaseModel):
    """The parameters of `GET requests`. An empty one is absent; what is not named here is passed over."""

    service_request_id: Annotated[Several, Field(description="ids, with commas between them; all else is then passed over")] = []
    service_code: Annotated[Several, Field(description="codes, with commas between them")] = []
    status: Annotated[
        list[Annotated[str, WithJsonSchema({"type": "string", "enum": ["", "open", "closed", "open,closed"]})]],
        AfterValidator(_parted),
        Field(description="`open`, `closed`, or both with a comma"),
    ] = []
    start_date: Annotated[Day, Field(description="the earliest `requested_datetime`")] = None
    end_date: Annotated[Day, Field(description="the latest, at most 90 days after `start_date`")] = None
    updated_after: Annotated[Day, Field(description="the earliest `updated_datetime`; without dates it reaches back without an end")] = None
    updated_before: Annotated[Day, Field(description="the latest `updated_datetime`")] = None
    page: Page = None
    page_size: Annotated[PageSize, Field(description=f"{MOST_LISTED} where absent")] = None
    jurisdiction_id: Annotated[str | None, BeforeValidator(_absent_where_empty)] = None
    locale: str | None = None

    @property
    def limit(self) -> int:
        """How many are shown at most."""
        return self.page_size or MOST_LISTED

    @property
    def offset(self) -> int:
        """How many are passed over."""
        return ((self.page or 1) - 1) * self.limit


ListQueryParameters = Annotated[ListQuery, Query()]


def filters(query: ListQuery, taxonomy: Taxonomy, now: datetime) -> Filters:
    """What is looked for. Raises InvalidInput for a span that is too long and a status that is none."""
    if query.service_request_id:
        if len(query.service_request_id) > MOST_LISTED:
            raise InvalidInput(f"service_request_id: at most {MOST_LISTED} at once", field="service_request_id")
        return Filters(request_ids=tuple(request_id for text in query.service_request_id if (request_id := id_of(text))))
    if unknown := set(query.status) - set(STATUSES):
        raise InvalidInput(f"status: give open, closed or both with a comma, and not {min(unknown)[:40]!r}", field="status")
    if len(query.service_code) > MOST_CODES:
        raise InvalidInput(f"service_code: at most {MOST_CODES} at once", field="service_code")
    earliest, latest = _span(query, now)
    categories = [category for code in query.service_code if (category := catalogue.category_of(taxonomy, code))]
    states = [state for state in get_args(State) if ("closed" if state in sentences.CLOSED else "open") in query.status]
    return Filters(
        states=tuple(states) if query.status else None,
        categories=tuple(categories) if query.service_code else None,
        accepted_from=earliest,
        accepted_to=latest,
        updated_from=query.updated_after,
        updated_to=query.updated_before,
    )


def id_of(text: str) -> UUID | None:
    """The id that was written; None where no request can have it."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _span(query: ListQuery, now: datetime) -> tuple[datetime | None, datetime | None]:
    """The last 90 days where nothing is given, the 90 days on the one end that is; who asks for what changed asks for all of it."""
    earliest, latest = query.start_date, query.end_date
    if earliest and latest and latest - earliest > LONGEST_SPAN:
        raise InvalidInput("end_date: at most 90 days after start_date", field="end_date")
    if not earliest and not latest and (query.updated_after or query.updated_before):
        return None, None
    if earliest and not latest:
        return earliest, earliest + LONGEST_SPAN
    return earliest or (latest or now) - LONGEST_SPAN, latest


def shown(listed: Listed, report: Report | None, taxonomy: Taxonomy, language: str) -> ServiceRequest:
    """The request as Open311 has it. `report` is None for what came by Kafka itself: of that only the status is here."""
    category = listed.chosen_category or listed.category
    received_at = report.received_at if report and report.received_at else listed.accepted_at
    urgency = Urgency(listed.urgency or Urgency.NORMAL)
    return ServiceRequest(
        service_request_id=str(listed.request_id),
        status="closed" if listed.state in sentences.CLOSED else "open",
        status_notes=sentences.status_note(listed.state, language),
        service_name=taxonomy.label(category, language) if category else None,
        service_code=catalogue.code_of(taxonomy, category) if category else None,
        description=report.body if report else None,
        agency_responsible=taxonomy.department_label(listed.department, language) if listed.department else None,
        requested_datetime=in_utc(listed.accepted_at.replace(microsecond=0)),
        updated_datetime=in_utc(listed.updated_at.replace(microsecond=0)),
        expected_datetime=in_utc(taxonomy.due(category, urgency, received_at).replace(microsecond=0)) if category else None,
        address=report.address if report else None,
        address_id=report.address_id if report else None,
        lat=report.latitude if report else None,
        long=report.longitude if report else None,
        media_url=report.media_url if report else None,
    )


def all_shown(requests: Sequence[Listed], reports: dict[UUID, Report], taxonomy: Taxonomy, language: str) -> list[ServiceRequest]:
    """The requests of one page in their order."""
    return [shown(listed, reports.get(listed.request_id), taxonomy, language) for listed in requests]
