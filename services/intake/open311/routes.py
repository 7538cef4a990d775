"""The routes of Open311 GeoReport v2. What can be reported is public; requests are shown to the key of their agency alone."""

import base64
import binascii
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import ValidationError
from starlette.datastructures import MutableHeaders

from schemas.values import Urgency
from services.domain.agency_keys import KeyScope
from services.domain.taxonomy import Taxonomy
from services.intake import acceptance, listing_store, posted_form, request_body
from services.intake.acceptance import Caller, Sent
from services.intake.authentication import DatabaseDep, bearer, identify
from services.intake.dependencies import KeyDep, PatienceDep, RelayDep, TaxonomyDep, take_one
from services.intake.documented import FORM_BODY, SECURED, documents, list_of, schema_of
from services.intake.listing import Filters
from services.intake.open311 import catalogue, queries, reports, sentences
from services.intake.open311.documents import (
    Discovery,
    Encoding,
    Endpoint,
    Receipt,
    Service,
    ServiceDefinition,
    ServiceRequest,
    TokenOfRequest,
    document,
)
from services.intake.open311.faults import Open311Route
from services.intake.open311.queries import ListQueryParameters
from services.runtime import clock
from services.runtime.database import Database
from services.runtime.errors import InvalidInput, NotFound, ParvisError

PREFIX = "/open311/v2"
HOW = "send the agency's key: Authorization: Bearer pk_..., Basic with the key as password, or api_key in a posted form"
PUBLIC = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300", "Vary": "Accept-Language"}
"""What everybody may read, any page's script may read as well. Requests need a key, which no page may hold."""
PRIVATE = {"Cache-Control": "no-store"}

routes = APIRouter(prefix=PREFIX, route_class=Open311Route)

EncodingDep = Annotated[Encoding, Path()]
JurisdictionQuery = Annotated[str | None, Query(description="the agency; may be left out where there is one")]


def _language(
    request: Request, taxonomy: TaxonomyDep, locale: Annotated[str | None, Query(description="as `fr` or `fr-CA`")] = None
) -> str:
    return catalogue.language_of(taxonomy, locale, request.headers.get("accept-language", ""))


LanguageDep = Annotated[str, Depends(_language)]


def _token(request: Request) -> str:
    """The key of the header: as Bearer, or as the password of Basic, which clients know that know no other header."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return bearer(request)
    try:
        user, _, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return password or user


async def _jurisdiction(database: Database, jurisdiction: str | None) -> None:
    """Raises where no agency is meant, or none that is here."""
    async with database.reading() as session:
        agencies = await listing_store.active_agencies(session)
    if jurisdiction and jurisdiction not in agencies:
        raise NotFound(f"jurisdiction_id: there is no {jurisdiction[:64]!r} here", field="jurisdiction_id")
    if not jurisdiction and len(agencies) > 1:
        raise InvalidInput("jurisdiction_id: say whose services are meant: several agencies are here", field="jurisdiction_id")


def _must_be(agency: str, jurisdiction: str | None) -> None:
    if jurisdiction and jurisdiction != agency:
        raise NotFound("jurisdiction_id: the key belongs to another agency: leave this out, or give its own", field="jurisdiction_id")


async def _agency(request: Request, database: DatabaseDep, jurisdiction_id: JurisdictionQuery = None) -> str:
    identified = await identify(request, database, _token(request), KeyScope.READ, HOW)
    _must_be(identified.agency, jurisdiction_id)
    return identified.agency


AgencyDep = Annotated[str, Depends(_agency)]


@routes.get("/discovery.{encoding}", responses=documents(schema_of(Discovery), 400))
async def discovery(request: Request, encoding: EncodingDep) -> Response:
    """Where the API is, and whom to ask for a key."""
    state = request.app.state
    contact: str = state.open311_contact or "Ask the agency that you want to report to."
    changeset: str = state.taxonomy_changeset
    url = state.address.link(PREFIX, request.headers.get("host", ""), request.url.scheme)
    answer = Discovery(
        changeset=changeset,
        contact=contact,
        key_service=f"The agency gives keys. {contact}",
        endpoints=[Endpoint(url=url, changeset=changeset)],
    )
    return document(encoding, "discovery", answer, headers=PUBLIC)


@routes.get("/services.{encoding}", responses=documents(list_of(Service), 400, 404))
async def services(
    encoding: EncodingDep, database: DatabaseDep, taxonomy: TaxonomyDep, language: LanguageDep, jurisdiction_id: JurisdictionQuery = None
) -> Response:
    """What can be reported."""
    await _jurisdiction(database, jurisdiction_id)
    return document(encoding, "services", catalogue.services(taxonomy, language), headers=PUBLIC)


@routes.get("/services/{service_code}.{encoding}", responses=documents(schema_of(ServiceDefinition), 400, 404))
async def service_definition(
    service_code: str, encoding: EncodingDep, database: DatabaseDep, taxonomy: TaxonomyDep, jurisdiction_id: JurisdictionQuery = None
) -> Response:
    """What else is asked about a service: nothing, for any."""
    await _jurisdiction(database, jurisdiction_id)
    if catalogue.category_of(taxonomy, service_code) is None:
        raise NotFound("service_code: no service has this code", field="service_code")
    return document(encoding, "service_definition", ServiceDefinition(service_code=service_code), headers=PUBLIC)


@routes.post("/requests.{encoding}", responses=documents(list_of(Receipt), 400, 403, 404, 413, 429), openapi_extra=FORM_BODY | SECURED)
async def post_request(
    request: Request,
    encoding: EncodingDep,
    database: DatabaseDep,
    taxonomy: TaxonomyDep,
    language: LanguageDep,
    patience: PatienceDep,
    relay: RelayDep,
    key: KeyDep = None,
) -> Response:
    """Takes a request. It is on disk before this answers."""
    token = _token(request)
    identified = await identify(request, database, token, KeyScope.SEND, HOW) if token else None
    form = await posted_form.read(request)
    identified = identified or await identify(request, database, form.get("api_key") or "", KeyScope.SEND, HOW)
    answer = Response()
    take_one(request, answer, identified.token)
    _must_be(identified.agency, form.get("jurisdiction_id") or request.query_params.get("jurisdiction_id"))
    chosen = reports.category(form, taxonomy)
    value = reports.request_of(form, chosen, taxonomy, language)
    caller = Caller(identified.agency, f"{PREFIX}/requests", request_body.trace_headers(request))
    [outcome] = await acceptance.accept(database, caller, [Sent(value, key, chosen)], patience)
    if isinstance(outcome, ValidationError):
        raise reports.refused(outcome)
    if isinstance(outcome, ParvisError):
        raise outcome
    relay.wake()
    receipt = Receipt(
        service_request_id=str(outcome.request_id),
        service_notice=_notice(taxonomy, chosen, language, outcome),
        account_id=form.get("account_id"),
    )
    return document(encoding, "service_requests", [receipt], headers=PRIVATE | _quota_headers(answer.headers))


def _quota_headers(headers: MutableHeaders) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.startswith("ratelimit")}


def _notice(taxonomy: Taxonomy, chosen: str | None, language: str, accepted: acceptance.Accepted) -> str:
    """By when to expect a reply, and what of the form could not be used."""
    now = clock.now()
    due = taxonomy.due(chosen or taxonomy.fallback, Urgency.NORMAL, now)
    dropped = [(note.field, note.message) for note in accepted.dropped]
    warned = [(warning.field, warning.message) for warning in accepted.warnings]
    notes = [f"{reports.OURS.get(field, field)}: {message}." for field, message in dropped + warned]
    return " ".join([sentences.promise(taxonomy.day(due), language), *notes])


@routes.get("/requests.{encoding}", responses=documents(list_of(ServiceRequest), 400, 403, 404), openapi_extra=SECURED)
async def list_requests(
    encoding: EncodingDep,
    query: ListQueryParameters,
    agency: AgencyDep,
    database: DatabaseDep,
    taxonomy: TaxonomyDep,
    language: LanguageDep,
) -> Response:
    """The agency's requests, the newest first."""
    filters = queries.filters(query, taxonomy, clock.now())
    async with database.reading() as session:
        listed = await listing_store.requests_of(session, agency, filters, limit=query.limit, offset=query.offset)
        journaled = await listing_store.reports(session, agency, [entry.request_id for entry in listed])
    return document(encoding, "service_requests", queries.all_shown(listed, journaled, taxonomy, language), headers=PRIVATE)


@routes.get("/requests/{service_request_id}.{encoding}", responses=documents(list_of(ServiceRequest), 400, 403, 404), openapi_extra=SECURED)
async def show_request(
    service_request_id: str, encoding: EncodingDep, agency: AgencyDep, database: DatabaseDep, taxonomy: TaxonomyDep, language: LanguageDep
) -> Response:
    """One request."""
    request_id = queries.id_of(service_request_id)
    async with database.reading() as session:
        wanted = Filters(request_ids=(request_id,) if request_id else ())
        listed = await listing_store.requests_of(session, agency, wanted, limit=1)
        journaled = await listing_store.reports(session, agency, [entry.request_id for entry in listed])
    if not listed:
        raise NotFound("service_request_id: this agency has no request of this id", field="service_request_id")
    return document(encoding, "service_requests", queries.all_shown(listed, journaled, taxonomy, language), headers=PRIVATE)


@routes.get("/tokens/{token}.{encoding}", responses=documents(list_of(TokenOfRequest), 400, 403, 404), openapi_extra=SECURED)
async def request_of_token(token: str, encoding: EncodingDep, agency: AgencyDep, database: DatabaseDep) -> Response:
    """The id behind a token: ids are given at once, and no tokens, so that each id stands for itself."""
    request_id = queries.id_of(token)
    async with database.reading() as session:
        wanted = Filters(request_ids=(request_id,) if request_id else ())
        listed = await listing_store.requests_of(session, agency, wanted, limit=1)
    if not listed:
        raise NotFound("token: this agency has no request of this token", field="token")
    answer = [TokenOfRequest(service_request_id=str(listed[0].request_id), token=token)]
    return document(encoding, "service_requests", answer, headers=PRIVATE)
