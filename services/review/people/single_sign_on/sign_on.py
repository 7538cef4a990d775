"""Signs people in by a provider's word: they must have been added here, and are known by who they are there from then on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.review.audit import store as audit
from services.review.people import session_store
from services.review.people.refusal_log import Refusals, typed_name
from services.review.people.session_store import Lasting, Way
from services.review.people.single_sign_on import flow as flows
from services.review.people.single_sign_on import identity_store
from services.review.people.single_sign_on.flow import Flow
from services.review.people.single_sign_on.identity import NotSignedOn, Trouble
from services.runtime import clock, metrics
from services.runtime.database import Database

if TYPE_CHECKING:  # without a provider its libraries stay where they are
    from services.review.people.single_sign_on.provider import Provider


@dataclass(frozen=True)
class Return:
    """What a browser comes back from the provider with."""

    cookie: str | None
    state: str
    code: str
    error: str
    issuer: str
    redirect_uri: str
    address: str
    browser: str
    session_before: str | None


class SignOns:
    """Single sign-on of one process."""

    def __init__(self, database: Database, refusals: Refusals, lasting: Lasting, provider: "Provider", issuer: str) -> None:
        self._database = database
        self._refusals = refusals
        self._lasting = lasting
        self._provider = provider
        self._issuer = issuer

    async def begin(self, next_page: str, redirect_uri: str) -> tuple[Flow, str]:
        """What the browser keeps, and where it goes. Raises NotSignedOn."""
        flow = flows.begin(clock.now(), next_page)
        return flow, await self._provider.authorization_url(flow, redirect_uri)

    async def complete(self, back: Return) -> tuple[str, str]:
        """The session's token, and the page to go on with. Raises NotSignedOn, which is logged."""
        try:
            flow = await self._used_now(back)
            identity = await self._provider.identity(flow, back.code, back.redirect_uri)
            now = clock.now()
            async with self._database.transaction() as session:
                email, is_new = await identity_store.person_behind(session, identity, now)
                token = await session_store.begin(session, email, now, self._lasting, back.address, back.browser, by=Way.SINGLE_SIGN_ON)
                await session_store.sign_out(session, back.session_before or "")
                if is_new:
                    detail: dict[str, object] = {"email": email, "issuer": identity.issuer, "subject": identity.subject}
                    await audit.add(session, audit.Entry(now, email, "identity linked", None, detail))
                entry = audit.Entry(now, email, "signed in", None, {"address": back.address, "by": Way.SINGLE_SIGN_ON.value})
                await audit.add(session, entry)
        except NotSignedOn as error:
            metrics.SIGN_IN_FAILURES.inc(way="single sign-on")
            await self._refusals.note("sign-in refused", **refused(error), address=back.address)
            raise
        return token, flow.next

    async def _used_now(self, back: Return) -> Flow:
        flow, now = flows.read(back.cookie), clock.now()
        if not flow or not flow.fits(back.state) or flow.is_over(now):
            raise NotSignedOn(Trouble.STALE, "not begun at this browser, or too long ago")
        if back.issuer and back.issuer != self._issuer:
            raise NotSignedOn(Trouble.UNTRUSTED, "the answer is another provider's")
        async with self._database.transaction() as session:
            await identity_store.use(session, flow, now)
        if back.error or not back.code:
            raise NotSignedOn(Trouble.DECLINED, back.error[:100])
        return flow

    async def end_session_url(self, back: str) -> str | None:
        """Where the browser signs out at the provider as well, if it can."""
        return await self._provider.end_session_url(back)


def refused(error: NotSignedOn) -> dict[str, object]:
    """What the audit log says of it. The subject is there where an administrator may want to link it."""
    name = typed_name(error.email) if error.email else "(single sign-on)"
    subject = {"subject": error.subject} if error.subject else {}
    return {"name": name, "by": Way.SINGLE_SIGN_ON.value, "why": error.trouble.value, **subject}
