"""Allows webhooks to https on public addresses only, unless the operator or a flag allows more."""

import re
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from services.domain.phrases import Phrase

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

METADATA = frozenset(
    map(ip_address, ("169.254.169.254", "169.254.170.2", "100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254"))
)
"""Where clouds hand out credentials to whoever asks from inside: closed whatever is opened around them."""

NAT64 = IPv6Network("64:ff9b::/96")  # how a network without IPv4 reaches a public IPv4 address
# `is_global` differs between releases of Python; and no receiver needs an address of a transition mechanism, which hides another one.
CLOSED = (
    *map(ip_network, ("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "240.0.0.0/4")),
    *map(ip_network, ("::/96", "::ffff:0:0:0/96", "64:ff9b:1::/48", "2001::/23", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10")),
)
ISATAP = 0x5EFE
NAME = re.compile(r"[A-Za-z0-9._-]*")  # of a host, as it is looked up: with anything else, two readers may see two hosts


@dataclass(frozen=True)
class Reach:
    """The addresses that are allowed besides the public ones: this machine, for one webhook; networks, for the installation."""

    loopback: bool = False
    private_nets: Sequence[Network] = ()


PUBLIC = Reach()


def wrong_with(url: str, reach: Reach) -> str | None:
    """The reason why a webhook address can't be used, found before it is tried in vain; None where it can."""
    import httpx  # with what it brings it takes 8 MB, and the pages reach this module without ever asking it

    if any(character.isspace() or not character.isprintable() for character in url):
        return Phrase("take the spaces, line ends and invisible characters out of it")
    try:
        parts, address = urlsplit(url), httpx.URL(url)
        port = parts.port  # refuses what is not a number up to 65535
        host = address.raw_host.decode().encode("idna").decode()  # as the look-up of the host writes it: no empty or endless labels
    except (ValueError, httpx.InvalidURL) as error:
        return Phrase(f"correct this: {error}")
    faults = (
        (address.scheme not in ("http", "https"), Phrase("begin it with https://")),
        (not host or not parts.hostname, Phrase("put the name of a host after the //")),
        (bool(address.userinfo) or parts.username is not None, Phrase("take the user name and the password out of it")),
        (not NAME.fullmatch(host) and literal(host) is None, Phrase("write the host with letters, digits, dots and dashes alone")),
        (port == 0, Phrase("give it a port from 1 to 65535, or none")),
    )
    return next((fix for is_wrong, fix in faults if is_wrong), None) or _closed(address.scheme, host, reach)


def _closed(scheme: str, host: str, reach: Reach) -> str | None:
    address = literal(host)
    is_here = address.is_loopback if address else host.rstrip(".").split(".")[-1].lower() == "localhost"
    if is_here and not reach.loopback:
        return Phrase("it leads to this machine itself: give the agency's own address, or --loopback where the receiver really runs here")
    if scheme == "http" and not is_here:
        return Phrase("begin it with https://: a reply holds what a citizen wrote, and http shows it to everybody on the way")
    return refusal([address], scheme, reach) if address else None


def literal(host: str) -> Address | None:
    """The address that a host is, where it is none of names; `127.1` and `0x7f000001` are addresses to the system as well."""
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host.rstrip(".")))
    except OSError:
        return None


def refusal(addresses: Iterable[Address], scheme: str, reach: Reach) -> str | None:
    """The reason why a host with these addresses is refused: all of them must be allowed, since any may be used."""
    return next((reason for address in addresses if (reason := _why_closed(address, scheme, reach))), None)


def _why_closed(address: Address, scheme: str, reach: Reach) -> str | None:
    inner = _inner(address)
    if inner.is_loopback and reach.loopback:
        return None
    reason = _scheme_or_kind(inner, scheme, address)
    if not reason and not any(inner in network for network in reach.private_nets) and not _is_public(inner):
        reason = Phrase(
            f"{address} is not a public address: give one that is, or ask whoever runs Parvis to open the agency's network "
            "(PARVIS_WEBHOOK_PRIVATE_NETS)"
        )
    return reason


def _scheme_or_kind(address: Address, scheme: str, written: Address) -> str | None:
    """The reason that no opened network changes: the scheme, or a kind of address. `written` is how it is named."""
    if scheme != "https":
        return Phrase(f"{written} is not this machine: begin the address with https://")
    if address in METADATA:
        return Phrase(f"{written} is where a cloud hands out credentials: give the agency's own address")
    if address.is_loopback:
        return Phrase(f"{written} is this machine itself: give the agency's own address, or --loopback where the receiver really runs here")
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return Phrase(f"{written} is no address of one server elsewhere: give the agency's own address")
    return None


def _is_public(address: Address) -> bool:
    return address.is_global and not _is_isatap(address) and not any(address in network for network in CLOSED)


def _inner(address: Address) -> Address:
    """The IPv4 address that a mapped or a translated one stands for."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_isatap(address: Address) -> bool:
    return isinstance(address, IPv6Address) and (int(address) >> 32) & 0xFDFFFFFF == ISATAP
