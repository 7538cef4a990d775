"""Decides under which address a service is reached: by a setting, and never by the Host that a request names."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class PublicAddress:
    """`url` is the setting's, or empty; `listens_on` is where the process listens, which is known without one."""

    url: str = ""
    listens_on: str = "127.0.0.1"

    @property
    def is_https(self) -> bool:
        """Whether people and programs come by https."""
        return self.url.startswith("https:")

    def answers_to(self, host: str) -> bool:
        """Whether a request's Host is this service's; without the setting any may be."""
        return not self.url or self._is_here(host) or _origin(f"{urlsplit(self.url).scheme}://{host}") == _origin(self.url)

    def link(self, path: str, host: str, scheme: str) -> str:
        """The whole address of a path where it is certain, else the path alone."""
        if self.url:
            return f"{self.url}{path}"
        return f"{scheme}://{host}{path}" if self._is_here(host) else path

    def sent_from_here(self, origin: str, host: str) -> bool:
        """Whether a browser's `Origin` is our own."""
        ours = _origin(origin)
        if ours is None:
            return False
        if self.url and ours == _origin(self.url):
            return True
        return self.answers_to(host) and (not self.url or self._is_here(host)) and ours == _origin(f"{ours[0]}://{host}")

    def _is_here(self, host: str) -> bool:
        origin = _origin(f"http://{host}")
        if origin is None:
            return False
        name = origin[1]
        try:
            return ip_address(name).is_loopback or (name == self.listens_on and not ip_address(name).is_unspecified)
        except ValueError:
            return name in ("localhost", self.listens_on.lower())


def _origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of a URL; None where it is more than that, or less."""
    try:
        parts = urlsplit(url)
        name, port = parts.hostname, parts.port
    except ValueError:
        return None
    plain = url.isascii() and url.isprintable() and not set(" ?#\\") & set(url)
    if not plain or not name or parts.scheme not in DEFAULT_PORTS or "@" in parts.netloc or parts.path not in ("", "/"):
        return None
    return parts.scheme, name, port or DEFAULT_PORTS[parts.scheme]


def usable(url: str) -> str:
    """The setting's address without a slash at its end. Raises ValueError where it is more than scheme, host and port, or less."""
    if url and _origin(url) is None:
        raise ValueError("give only scheme, host and, where needed, port, as https://parvis.city.example")
    return url.rstrip("/")


def is_https_or_loopback(url: str) -> bool:
    """Whether what is asked of that address can be read by nobody on the way. A name and a password in it are none of it."""
    try:
        parts = urlsplit(url)
        name = parts.hostname
    except ValueError:
        return False
    if not name or "@" in parts.netloc or not url.isascii() or not url.isprintable() or " " in url:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(name))


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
