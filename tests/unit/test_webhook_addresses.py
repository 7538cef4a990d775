"""Where agencies may be told of decisions, and where nothing is sent."""

from ipaddress import ip_address, ip_network

import pytest

from services.dispatch.webhook_addresses import PUBLIC, Reach, refusal, wrong_with

CLOSED = [
    "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.1.1", "169.254.169.254", "168.63.129.16",
    "100.64.0.1", "100.100.100.200", "192.0.0.192", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "0.1.2.3", "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "ff0e::1", "2001:db8::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::1",
    "::127.0.0.1", "::ffff:0:127.0.0.1", "2001:0:7f00:1::1", "2606:4700::5efe:a00:1", "2606:4700::200:5efe:a00:1",
]  # fmt: skip
OPEN = ["93.184.215.14", "2606:4700::1111", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e"]


def in_a_url(address: str) -> str:
    return f"https://{f'[{address}]' if ':' in address else address}/parvis"


@pytest.mark.parametrize("address", CLOSED)
def test_an_address_that_is_not_public_is_refused_with_a_reason_and_a_fix(address: str) -> None:
    assert (wrong := wrong_with(in_a_url(address), PUBLIC))
    assert "give " in wrong
    assert refusal([ip_address(OPEN[0]), ip_address(address)], "https", PUBLIC)


@pytest.mark.parametrize("address", OPEN)
def test_a_public_address_is_taken(address: str) -> None:
    assert wrong_with(in_a_url(address), PUBLIC) is None


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "localhost.", "a.localhost", "127.1", "2130706433", "0x7f.1", "127。0。0。1"])
def test_this_machine_is_known_under_its_other_names(host: str) -> None:
    assert "this machine" in (wrong_with(f"https://{host}/", PUBLIC) or "")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1\\.agency.example", "%31%32%37.0.0.1", "localhost%2e", "agency.example%2f.evil.example", "agency$.example", "a,b.example"],
)
def test_a_host_that_two_readers_may_read_differently_is_refused(host: str) -> None:
    for reach in (PUBLIC, Reach(loopback=True)):
        assert wrong_with(f"https://{host}/", reach)


@pytest.mark.parametrize("url", ["http://agency.example/", "http://93.184.215.14/", "http://10.0.0.1/", "http://localhost.agency.example/"])
def test_http_is_refused_everywhere_but_on_this_machine(url: str) -> None:
    for reach in (PUBLIC, Reach(loopback=True), Reach(private_nets=[ip_network("10.0.0.0/8")])):
        assert "begin it with https://" in (wrong_with(url, reach) or "")


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000/", "http://[::1]/", "http://localhost:9/", "https://localhost/"])
def test_this_machine_is_taken_where_it_is_asked_for(url: str) -> None:
    assert "--loopback" in (wrong_with(url, PUBLIC) or "")
    assert wrong_with(url, Reach(loopback=True)) is None


def test_the_flag_for_this_machine_opens_no_other() -> None:
    assert refusal([ip_address("10.0.0.1")], "http", Reach(loopback=True))
    assert refusal([ip_address("10.0.0.1")], "https", Reach(loopback=True))
    assert refusal([ip_address("127.0.0.1"), ip_address("10.0.0.1")], "http", Reach(loopback=True))


def test_an_agencys_own_network_is_opened_by_the_operator_and_nothing_beside_it() -> None:
    nets = Reach(private_nets=[ip_network(net) for net in ("10.20.0.0/16", "fd00::/8", "169.254.0.0/16", "127.0.0.0/8")])
    assert wrong_with("https://10.20.1.1/", nets) is None
    assert wrong_with("https://[::ffff:10.20.1.1]/", nets) is None
    assert wrong_with("https://[fd12::1]/", nets) is None
    for address in ("10.21.1.1", "192.168.1.1", "169.254.169.254", "169.254.1.1", "fd00:ec2::254", "127.0.0.1"):
        assert wrong_with(in_a_url(address), nets)
