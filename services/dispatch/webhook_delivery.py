"""Delivers each decision to its agency's webhook, signed by Standard Webhooks, independently of the mail."""

import asyncio
import logging
from datetime import UTC, datetime

import httpx
import standardwebhooks
from opentelemetry import trace
from opentelemetry.trace import SpanKind

from services.dispatch import rules, store
from services.dispatch.delivery_log import log_outcome
from services.dispatch.lease import LEASE, renewed
from services.dispatch.mail_delivery import SERVICE, Patience
from services.dispatch.rules import Result, WebhookDelivery
from services.dispatch.webhook_addresses import Network, Reach, wrong_with
from services.dispatch.webhook_client import LOOPBACK, ClosedAddress
from services.domain.phrases import Phrase
from services.domain.waiting_deliveries import Reason
from services.runtime import clock, metrics, outbox, telemetry
from services.runtime.database import Database
from services.runtime.outbox import Relay
from services.runtime.retry import Health, persist

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10.0  # for each step
ATTEMPT_SECONDS = 40.0  # for all of them: an answer may come byte by byte
GONE = 410


def signed(delivery: WebhookDelivery, secret: str, now: datetime) -> dict[str, str]:
    """The signature headers of one attempt; `webhook-id` is the same for each attempt."""
    message_id = str(delivery.decision_id)
    return {
        "content-type": "application/json",
        "user-agent": "Parvis",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": standardwebhooks.Webhook(secret).sign(message_id, now.astimezone(UTC), delivery.payload),
    }


def answered(status: int) -> Result:
    """The result by HTTP status: 2xx is delivered, 410 failed for good, anything else is retried."""
    detail = Phrase(f"the webhook answered {status}")
    if 200 <= status < 300:  # noqa: PLR2004
        return Result("delivered", detail)
    return Result("failed" if status == GONE else "later", detail, "refused")


def not_sent(error: ClosedAddress | httpx.HTTPError | TimeoutError) -> Result:
    """The result of an attempt that was never answered: it is tried again."""
    if isinstance(error, ClosedAddress):  # the name may be put right
        return Result("later", Phrase(f"nothing is sent to where the webhook's name leads: {error}"), "closed_address")
    reason: Reason = "dropped"
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        reason = "no_answer"
    elif isinstance(error, httpx.ConnectError):
        reason = "tls" if "SSL" in str(error) else "unreachable"
    return Result("later", Phrase(f"the webhook did not answer ({type(error).__name__})"), reason)


class Webhooks:
    """Sends the webhook deliveries that are due."""

    def __init__(
        self,
        database: Database,
        relay: Relay,
        client: httpx.AsyncClient,
        patience: Patience,
        health: Health,
        private_nets: tuple[Network, ...] = (),
    ) -> None:
        self._database = database
        self._relay = relay
        self._client = client
        self._patience = patience
        self._health = health
        self._private_nets = private_nets

    async def claim(self, limit: int) -> list[WebhookDelivery]:
        """Leases the webhook deliveries to send now."""
        now = clock.now()
        async with self._database.reading() as session:
            if not await store.anything_due(session, now):
                return []
        async with self._database.transaction() as session:
            return await store.claim_webhook_deliveries(session, now, now + LEASE, limit)

    async def tell(self, delivery: WebhookDelivery) -> None:
        """Makes one attempt and records its outcome."""
        with telemetry.request_span("tell the agency", delivery.request_id, parent=delivery.trace) as span:
            telemetry.note(span, {"parvis.attempt": delivery.attempts, "parvis.agency": delivery.agency})

            async def renew(leased_until: datetime) -> bool:
                async with self._database.transaction() as session:
                    return await store.renew_webhook_delivery(session, delivery, leased_until)

            async with renewed(renew):
                result = await self._attempt(delivery)
                if result.kind != "delivered":
                    telemetry.failed(span, rules.code_of(result))

                async def record() -> str | None:
                    return await self._conclude(delivery, result)

                telemetry.note(span, {"parvis.delivery": await persist(record, self._health)})
                metrics.WEBHOOK_ATTEMPTS.inc(outcome=result.kind)
        self._relay.wake()

    async def _attempt(self, delivery: WebhookDelivery) -> Result:
        async with self._database.reading() as session:
            webhook = await store.webhook_of(session, delivery.agency)
        if webhook is None:
            return Result("failed", Phrase("the agency has no webhook any more"))
        if wrong := wrong_with(webhook.url, Reach(webhook.loopback, self._private_nets)):  # taken by an earlier release
            return Result("failed", Phrase(f"nothing can be sent to the webhook's address, set another one: {wrong}"))
        request = self._client.build_request(
            "POST",
            webhook.url,
            content=delivery.payload.encode(),
            headers=signed(delivery, webhook.secret, clock.now()),
            timeout=TIMEOUT_SECONDS,
            extensions={LOOPBACK: webhook.loopback},
        )
        calling: telemetry.Attributes = {
            "http.request.method": "POST",
            "server.address": request.url.host,
            "server.port": request.url.port or (443 if request.url.scheme == "https" else 80),
        }
        with telemetry.step("POST", calling, SpanKind.CLIENT) as span:
            result = await self._answer_to(request)
            if result.kind != "delivered":
                telemetry.failed(span, rules.code_of(result))
        return result

    async def _answer_to(self, request: httpx.Request) -> Result:
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS):
                answer = await self._client.send(request, stream=True)
                telemetry.note(trace.get_current_span(), {"http.response.status_code": answer.status_code})
                await answer.aclose()  # only the status is read: a body without end is not waited for
            return answered(answer.status_code)
        except httpx.InvalidURL as error:  # not an HTTPError, and no better tomorrow
            return Result("failed", Phrase(f"nothing can be sent to the webhook's address, set another one: {error}"))
        except (ClosedAddress, httpx.HTTPError, TimeoutError) as error:
            return not_sent(error)

    async def _conclude(self, delivery: WebhookDelivery, result: Result) -> str | None:
        now = clock.now()
        tries = delivery.attempts - delivery.attempts_before
        verdict = rules.verdict(result, tries, self._patience.attempts, now, self._patience.first_pause, self._patience.chance)
        async with self._database.transaction() as session:
            if not await store.conclude_webhook_delivery(session, delivery, verdict, now):
                return None
            if verdict.state != "pending":
                end = rules.end_by_webhook(verdict, delivery.attempts)
                if await store.end_waiting(session, delivery.decision_id, end, now):
                    ended = await store.delivery_of(session, delivery.decision_id)
                    assert ended is not None
                    await outbox.add(session, SERVICE, rules.dispatched(ended))
        log_outcome(log, "webhook", delivery.request_id, verdict, delivery.attempts)
        return verdict.state
