"""Which addresses can ever be delivered to, and how servers want them."""

import pytest

from services.dispatch import smtp
from services.domain import mail_addresses
from services.domain.mail_addresses import UnusableAddress


@pytest.mark.parametrize(
    ("email", "mailbox"),
    [
        ("joerg@weiß-gärten.example", "joerg@xn--wei-grten-i1a1d.example"),
        ("a@faß.example", "a@xn--fa-hia.example"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("ana@bu\u0308cher.example", "ana@xn--bcher-kva.example"),
        ("ana@BÜCHER.Example", "ana@xn--bcher-kva.example"),
        ("ana@日本語。jp", "ana@xn--wgv71a119e.jp"),
        ("ana@ＥＸＡＭＰＬＥ.org", "ana@example.org"),
        ("Ana.O'Neil+lamp@Example.ORG", "Ana.O'Neil+lamp@example.org"),
        ("an\u0303a@example.org", "aña@example.org"),
        ("a@r3---sn.example.org", "a@r3---sn.example.org"),
    ],
)
def test_an_address_goes_to_the_domain_that_is_written(email: str, mailbox: str) -> None:
    assert mail_addresses.mailbox(email) == mailbox


@pytest.mark.parametrize(
    ("email", "why", "meant"),
    [
        ("aiko@example.org.", "ends with a dot", "aiko@example.org"),
        ("aiko@example.org。", "ends with a dot", "aiko@example.org"),
        ("aiko@.example.org", "begins", "aiko@example.org"),
        ("aiko@example..org", "two in a row", "aiko@example.org"),
        ("aiko.@example.org", "before the @", "aiko@example.org"),
        (".aiko@example.org", "before the @", "aiko@example.org"),
        ("ai..ko@example.org", "before the @", "ai.ko@example.org"),
        ("ai\u200bko@example.org", "nobody sees", "aiko@example.org"),
        ("ai ko@example.org", "a space", "aiko@example.org"),
        ("mailto:aiko@example.org", "no address can have", "aiko@example.org"),
        ("aiko@example", "no ending", None),
        ("aiko@localhost", "no ending", None),
        ("aiko@nowhere.invalid", "nowhere", None),
        ("aiko@192.0.2.1", "number", None),
        ("aiko@-example.org", "no domain can have", None),
        ("aiko@exa_mple.org", "no domain can have", None),
        ("aiko@xn--a.example", "no domain can have", None),
        ("aiko@i❤.example", "no domain can have", None),
        ("a" * 65 + "@example.org", "longer", None),
        ("aiko@" + "a" * 64 + ".org", "no domain can have", None),
        ("aiko@" + "a." * 130 + "org", "longer", None),
        ("=?utf-8?q?evil=40x=2Eexample?=@example.org", "encoded word", None),
        ("a: b@c;", "no address can have", None),
        ('"ai ko"@example.org', "no address can have", None),
        ("aiko(x)@example.org", "no address can have", None),
        ("aiko@b@example.org", "one @", None),
        ("aiko", "one @", None),
        ("", "one @", None),
        ("aiko@", "one @", None),
        ("@example.org", "one @", None),
    ],
)
def test_what_can_never_be_delivered_is_known_with_the_reason_and_with_what_was_meant(email: str, why: str, meant: str | None) -> None:
    with pytest.raises(UnusableAddress, match=why):
        mail_addresses.mailbox(email)
    if meant:
        assert mail_addresses.suggestion(email) == meant


@pytest.mark.parametrize(
    "email",
    [
        "no-reply@x.example",
        "NoReply@x.example",
        "no_reply+77@x.example",
        "donotreply@x.example",
        "do.not.reply@x.example",
        "city-noreply@x.example",
        "ne-pas-répondre@x.example",
        "nepasrepondre@x.example",
        "no-responder@x.example",
        "nicht-antworten@x.example",
        "keine-antwort@x.example",
        "não-responda@x.example",
        "geen-antwoord@x.example",
        "MAILER-DAEMON@x.example",
        "bounce@x.example",
        "bounces+123-ana=example.org@x.example",
        "SRS0=abc=de=example.org=ana@x.example",
        "prvs=123=ana@x.example",
        "ana@users.noreply.git.example",
        "reply@bounces.x.example",
        "nobody@x.example",
        "postmaster@x.example",
        "Postmaster@x.example",
        "unmonitored-mailbox@x.example",
        "do_not_respond.noanswer@x.example",
        "yanıtlamayın@x.example",
        "svara-inte@x.example",
        "niet-reageren@x.example",
        "nie-odpowiadać@x.example",
        "neodpovídejte@x.example",
        "ne-odgovarjaj@x.example",
        "nu-raspunde@x.example",
        "ei-vastata@x.example",
        "не-отвечать@x.example",
        "不要-请勿回复@x.example",
        "sin-respuesta@x.example",
        "ne_pas_y_repondre@x.example",
        "pas-de-réponse@x.example",
    ],
)
def test_an_address_that_says_that_nobody_reads_it_is_known(email: str) -> None:
    assert mail_addresses.is_unattended(email)


@pytest.mark.parametrize(
    "email",
    [
        "ana@example.org",
        "reply@example.org",
        "bouncer@example.org",
        "service@city.example",
        "norah.eply@example.org",
        "n.oresti@example.org",
        "contact@example.org",
        "svarnik@example.org",
        "postmann@example.org",
        "ana@postmaster.example",
        "renoir@example.org",
        "info@reply.example",
    ],
)
def test_an_address_of_people_is_not_taken_for_a_machines(email: str) -> None:
    assert not mail_addresses.is_unattended(email)


def test_one_mailbox_is_the_same_however_it_is_written() -> None:
    assert mail_addresses.same_mailbox("Help@City.example", "help+7@CITY.example")
    assert mail_addresses.same_mailbox("help@weiß.example", "help@xn--wei-hoa.example") == (
        mail_addresses.mailbox("help@weiß.example") == "help@xn--wei-hoa.example"
    )
    assert not mail_addresses.same_mailbox("help@city.example", "help@other.example")


def test_a_mail_servers_host_is_looked_up_by_the_name_that_is_written() -> None:
    assert smtp.server("smtp://mail.weiß-gärten.example").host == "mail.xn--wei-grten-i1a1d.example"
