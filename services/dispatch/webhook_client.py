"""The HTTP client of webhooks: resolves the name, checks every address it has, and connects to the checked one only."""

import asyncio
import socket
from urllib.parse import urlsplit

import httpx

from services.dispatch.webhook_addresses import Address, Network, Reach, literal, refusal, wrong_with
from services.runtime.errors import InvalidInput

MOST_ADDRESSES = 4  # of a name, that are tried one after the other
LOOPBACK = "parvis_loopback"
"""The extension of a request to a webhook that was added with --loopback."""


class ClosedAddress(httpx.RequestError):
    """The name resolves to an address that is not allowed."""


async def addresses_of(host: str, port: int) -> list[Address]:
    """Resolves a name to all of its addresses. Raises OSError where it has none."""
    if address := literal(host):
        return [address]
    answers = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    # A link-local one brings its zone along, which is no part of what is checked.
    return [address for address in dict.fromkeys(literal(str(answer[4][0])) for answer in answers) if address]


async def must_be_open(url: str, reach: Reach) -> None:
    """Raises InvalidInput for a webhook that nothing would be sent to. A name that has no address yet is taken: sending checks again."""
    wrong = wrong_with(url, reach)
    if not wrong:
        address = httpx.URL(url)
        try:
            wrong = refusal(await addresses_of(address.raw_host.decode(), address.port or 443), address.scheme, reach)
        except (OSError, UnicodeError):
            return
        wrong = wrong and f"{urlsplit(url).hostname} leads elsewhere than to a public server: {wrong}"
    if wrong:
        raise InvalidInput(f"webhook: an address as https://agency.example/parvis is needed; {wrong}", field="webhook")


class CheckedTransport(httpx.AsyncBaseTransport):
    """Connects to the address that was checked, so that a name can't lead elsewhere a moment later. Host and certificate are the name's."""

    def __init__(self, inner: httpx.AsyncBaseTransport, private_nets: tuple[Network, ...] = ()) -> None:
        self._inner = inner
        self._private_nets = private_nets

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Sends it, or raises ClosedAddress."""
        url, host = request.url, request.url.raw_host.decode()
        reach = Reach(bool(request.extensions.get(LOOPBACK)), self._private_nets)
        try:
            addresses = await addresses_of(host, url.port or 443)
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError(f"the name has no address ({type(error).__name__})") from error
        if reason := refusal(addresses, url.scheme, reach):
            raise ClosedAddress(reason)
        unreachable: httpx.TransportError = httpx.ConnectError("the name has no address")
        for address in addresses[:MOST_ADDRESSES]:
            try:
                return await self._inner.handle_async_request(_to(address, host, request))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                unreachable = error
        raise unreachable

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._inner.aclose()


def _to(address: Address, host: str, request: httpx.Request) -> httpx.Request:
    return httpx.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,  # `Host` is among them
        stream=request.stream,
        extensions=dict(request.extensions) | {"sni_hostname": host},
    )


def client(private_nets: tuple[Network, ...] = ()) -> httpx.AsyncClient:
    """The client of all webhooks: no proxy of the environment, no redirect, and no connection that another name could be spoken to over."""
    inner = httpx.AsyncHTTPTransport(
        verify=httpx.create_ssl_context(),  # with SSL_CERT_FILE, for an authority of your own
        trust_env=False,
        limits=httpx.Limits(max_keepalive_connections=0),
    )
    return httpx.AsyncClient(transport=CheckedTransport(inner, private_nets), follow_redirects=False, trust_env=False)
