"""Which address is ours: told by the setting, never by the request."""

import pytest
from pydantic import ValidationError

from services.runtime.base_url import PublicAddress
from services.runtime.settings import Settings

CITY = PublicAddress("https://parvis.city.example")


@pytest.mark.parametrize(
    "host", ["parvis.city.example", "PARVIS.city.example", "parvis.city.example:443", "127.0.0.1:8000", "localhost", "[::1]:80"]
)
def test_our_own_name_and_this_machines_are_answered_to(host: str) -> None:
    assert CITY.answers_to(host)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "parvis.city.example:8443", "parvis.city.example.evil.example", "parvis.city.example@evil.example", "", "a b", "[::1",
     "10.0.0.1", "parvis.city.example/x", "parvis.city.example#", "parvis.city.example?x", "evil.example:99999", "127.0.0.1.evil.example"],
)  # fmt: skip
def test_another_name_is_not(host: str) -> None:
    assert not CITY.answers_to(host)


def test_a_link_is_the_settings_or_a_path() -> None:
    assert CITY.link("/v1/x", "evil.example", "http") == "https://parvis.city.example/v1/x"
    assert PublicAddress().link("/v1/x", "evil.example", "http") == "/v1/x"
    assert PublicAddress().link("/v1/x", "evil@127.0.0.1", "http") == "/v1/x"
    assert PublicAddress().link("/v1/x", "127.0.0.1:8001", "http") == "http://127.0.0.1:8001/v1/x"
    assert PublicAddress(listens_on="10.0.0.5").link("/v1/x", "10.0.0.5:8001", "http") == "http://10.0.0.5:8001/v1/x"
    assert PublicAddress(listens_on="0.0.0.0").link("/v1/x", "0.0.0.0:8001", "http") == "/v1/x"  # noqa: S104


@pytest.mark.parametrize(
    ("origin", "host", "ours"),
    [
        ("https://parvis.city.example", "parvis.city.example", True),
        ("https://parvis.city.example", "10.0.0.1:8000", True),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", True),
        ("http://parvis.city.example", "parvis.city.example", False),
        ("https://evil.example", "evil.example", False),
        ("https://evil.example", "parvis.city.example", False),
        ("http://127.0.0.1:9000", "127.0.0.1:8000", False),
        ("http://[::1", "parvis.city.example", False),
        ("", "parvis.city.example", False),
    ],
)
def test_a_form_comes_from_the_settings_address_whatever_the_host_says(origin: str, host: str, *, ours: bool) -> None:
    assert CITY.sent_from_here(origin, host) is ours


def test_without_the_setting_a_form_comes_from_where_it_goes() -> None:
    assert PublicAddress().sent_from_here("https://city.test", "city.test")
    assert not PublicAddress().sent_from_here("https://evil.example", "city.test")


@pytest.mark.parametrize(
    "url",
    [
        "parvis.city.example",
        "ftp://x.example",
        "https://x.example/path",
        "https://a@x.example",
        "https://x.example?a",
        "https://x.example/#",
    ],
)
def test_a_setting_that_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="only scheme, host"):
        Settings(public_url=url)
    assert Settings(public_url="https://x.example:8443/").public_url == "https://x.example:8443"
