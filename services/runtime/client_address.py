"""Where a request came from, behind proxies that are ours or not."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from fastapi import Request

HOME_NETWORK = 64
"""Whoever has one IPv6 address has all of its /64: they count as one."""
MOST_HOPS = 20


def client_address(request: Request, trusted: Sequence[IPv4Network | IPv6Network]) -> str:
    """The address of the one who asks: the last one that a proxy of ours was spoken to from."""
    peer = request.client.host if request.client else ""
    hops = ",".join(request.headers.getlist("x-forwarded-for")).rsplit(",", MOST_HOPS)[-MOST_HOPS:]
    address = _parsed(peer)
    while hops and address and any(address in network for network in trusted if network.version == address.version):
        before = _parsed(hops.pop())
        if before is None:
            break
        address = before
    if address is None:
        return "unknown"
    return str(ip_network((address, HOME_NETWORK), strict=False)) if isinstance(address, IPv6Address) else str(address)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
