"""A link says where it really leads, whatever it looks like."""

import pytest

from services.domain import links


@pytest.mark.parametrize(
    ("link", "host", "doubt"),
    [
        ("https://belrive.example@evil.example/", "evil.example", "before the @"),
        ("https://belrive.example:443%2f@evil.example/x", "evil.example", "before the @"),
        ("https:/\\belrive.example@evil.example", "evil.example", "before the @"),
        ("//belrive.example@evil.example/", "evil.example", ""),
        ("https:\\\\evil.example\\@belrive.example", "evil.example", ""),
        ("HTTPS://EVIL\u3002example/", "evil.example", ""),
        ("https://ev%69l.example", "evil.example", "encoded"),
        ("https://evil\u00ad.example", "evil.example", "not seen"),
        ("https://b\u0435lrive.example/", "xn--blrive-3of.example (b\u0435lrive.example)", "mixes Cyrillic and Latin letters"),
        ("https://xn--80ak6aa92e.com", "xn--80ak6aa92e.com (\u0430\u0440\u0440\u04cf\u0435.com)", "Cyrillic"),
        ("https://wei\u00df-g\u00e4rten.example", "xn--wei-grten-i1a1d.example (wei\u00df-g\u00e4rten.example)", "Latin"),
        ("https://xn--a/", "xn--a (no valid name)", "may look like another"),
        ("https://belrive.example.evil.example/", "belrive.example.evil.example", "its end says whose it is"),
        ("https://www.bank.com.evil.net", "www.bank.com.evil.net", "its end says whose it is"),
        ("https://3232235777/", "3232235777", "a number"),
        ("https://0xC0.168.1.1/", "0xc0.168.1.1", "a number"),
        ("javascript:alert(1)", "", "no web address"),
        ("https://city.example/@belrive.example", "city.example", ""),
        ("www.city.co.uk", "www.city.co.uk", ""),
        ("city.example:8000/x", "city.example", ""),
        ("ida@belrive.example", "belrive.example", ""),
        ("mailto:ida@belrive.example", "belrive.example", ""),
    ],
)
def test_a_link_is_read_as_a_browser_reads_it(link: str, host: str, doubt: str) -> None:
    target = links.target(link)

    assert target.host == host
    assert doubt in "; ".join(target.doubts)
    if not doubt and "belrive" not in link:
        assert not target.doubts


def test_a_name_that_is_another_host_is_said_to_lead_elsewhere() -> None:
    assert links.target("https://evil.example/a", "https://city.example").doubts == ("it is called city.example and leads elsewhere",)
    assert not links.target("https://www.city.example/a", "city.example").doubts
    assert not links.target("https://city.example/a.jpg", "photo of the lamp.jpg").doubts
    assert list(links.called("[https://city.example](https://evil.example/x) and [us](u)")) == [
        ("https://evil.example/x", "https://city.example"),
        ("u", "us"),
    ]


def test_a_host_in_mixed_letters_is_a_link_without_a_scheme_too() -> None:
    assert links.links("see b\u0435lrive.example or https://belrive.example@evil.example/.") == [
        "b\u0435lrive.example",
        "https://belrive.example@evil.example/",
    ]


@pytest.mark.parametrize(
    "text", ["a." * 10_000, "[" * 20_000, "@" * 20_000, "https://" * 2_500, "[a](" * 5_000, "\u0435" * 20_000, "a-" * 10_000]
)
def test_a_text_that_was_written_to_keep_it_busy_does_not(text: str) -> None:
    for link in [*links.links(text), text]:
        links.target(link, text)
    assert len(list(links.called(text))) <= len(text)
