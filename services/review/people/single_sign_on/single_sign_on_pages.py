"""The way to the provider of single sign-on, and the way back."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.review.people import session_cookie
from services.review.people.authentication import of_cookie
from services.review.people.pages import begin_session, local, own_address, show_sign_in
from services.review.people.single_sign_on import flow
from services.review.people.single_sign_on.identity import NotSignedOn, Trouble
from services.review.people.single_sign_on.sign_on import Return, SignOns
from services.runtime.client_address import client_address
from services.runtime.errors import InvalidInput, NotFound
from services.runtime.settings import Settings

router = APIRouter(include_in_schema=False)

START = "/login/single-sign-on"
BACK = f"{START}/back"
LONGEST = 4000  # of what comes back in the address: codes of some providers are 1,500 characters

STATUS = {Trouble.AWAY: 503, Trouble.UNTRUSTED: 502, Trouble.UNKNOWN: 403, Trouble.NO_ADDRESS: 403, Trouble.TAKEN: 403}


def _sign_ons(request: Request) -> SignOns:
    sign_ons: SignOns | None = request.app.state.sign_ons
    if not sign_ons:
        raise NotFound("there is no single sign-on here: PARVIS_OIDC_ISSUER says where")
    return sign_ons


def _redirect_uri(request: Request) -> str:
    address = own_address(request, BACK)
    if not address:
        raise InvalidInput("single sign-on needs PARVIS_PUBLIC_URL: nobody said under which address people reach these pages")
    return address


@router.get(START)
async def leave(request: Request, next: str = "/") -> Response:  # noqa: A002 - its name in the address
    """Goes to the provider, or straight on for whoever is signed in."""
    if await of_cookie(request):
        return RedirectResponse(local(next), 303)
    if request.headers.get("sec-fetch-site") == "cross-site":  # to sign in is the person's own decision
        return show_sign_in(request, next)
    try:
        begun, url = await _sign_ons(request).begin(local(next), _redirect_uri(request))
    except NotSignedOn as error:
        return show_sign_in(request, next, status=STATUS[error.trouble], trouble=error.trouble)
    response = RedirectResponse(url, 303)
    session_cookie.write(request, response, session_cookie.FLOW, begun.cookie, seconds=int(flow.LASTS.total_seconds()))
    return response


@router.get(BACK)
async def come_back(request: Request, state: str = "", code: str = "", error: str = "", iss: str = "") -> Response:
    """Begins a session, where the provider's word is good and names somebody who was added here."""
    settings: Settings = request.app.state.settings
    cookie = session_cookie.read(request, session_cookie.FLOW)
    back = Return(
        cookie,
        state[:LONGEST],
        code[:LONGEST],
        error,
        iss,
        _redirect_uri(request),
        client_address(request, settings.trusted_proxies),
        request.headers.get("user-agent", ""),
        session_cookie.read(request, session_cookie.SESSION),
    )
    try:
        token, next_page = await _sign_ons(request).complete(back)
    except NotSignedOn as fault:
        begun = flow.read(cookie)
        response = show_sign_in(request, begun.next if begun else "/", status=STATUS.get(fault.trouble, 401), trouble=fault.trouble)
    else:
        response = RedirectResponse(local(next_page), 303)
        begin_session(request, response, token)
    session_cookie.drop(request, response, session_cookie.FLOW)
    return response
