"""A mail's HTML says what its plain text says, and what a person approved: nothing that was typed becomes anything else in it."""

import dataclasses
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas import invisible_characters
from services.dispatch import html_letter, html_letter_reader, mail_integrity
from services.dispatch.html_letter_reader import UnexpectedHtml
from services.dispatch.mail_integrity import UnsafeMail
from services.dispatch.mail_message import Mail
from tests.harness.mail_server import html_of, text_of
from tests.unit.test_mail import CITY, a_mail, field_names, read, the_letter

HTML = dataclasses.replace(CITY, html=True)
BODY = "Dear Ana,\n\nwe mend it:\n  - on Monday\n\nSee https://city.example/lamps?a=1&b=2.\n\nCity Hall"

TYPED = st.lists(
    st.one_of(
        st.sampled_from(
            ["\n", "\n\n", "  ", "\t", "<b>", "&amp;", "&#10;", "<!--", "]]>", "https://a.example/?x=1&y=", "--=_", '"', "\u00a0"]
        ),
        st.text(max_size=20),
    ),
    max_size=12,
).map("".join)


@settings(max_examples=200, deadline=None)
@given(typed=TYPED)
@example(typed="\n\n\n\n")
@example(typed="<script>alert(1)</script>\n<a href='https://evil.example'>here</a>")
@example(typed="https://a.example/<b>x</b> HTTPS://A.example. (https://a.example)")
def test_whatever_is_approved_both_parts_say_it_and_nothing_else(typed: str) -> None:
    mail = read(a_mail(HTML, body=f"x{typed}x", language="fr"))
    approved = invisible_characters.letter(f"x{typed}x").rstrip("\n")
    assert text_of(mail).rstrip("\n") == approved
    shown, root = html_letter_reader.read(html_of(mail))
    assert html_letter.as_shown(shown) == html_letter.as_shown(approved)
    assert root == {"lang": "fr", "dir": "ltr"}
    assert set(re.findall(r"<([a-z]+)", html_of(mail))) <= {"html", "head", "meta", "body", "p", "br", "a"}


def test_paragraphs_line_breaks_spaces_and_links_stay_what_they_are() -> None:
    mail = read(a_mail(HTML, body=BODY, language="en"))
    assert (mail.get_content_type(), [part.get_content_type() for part in mail.iter_parts()]) == (
        "multipart/alternative",
        ["text/plain", "text/html"],
    )
    assert html_of(mail).splitlines() == [
        "<!DOCTYPE html>",
        '<html lang="en" dir="ltr"><head><meta charset="utf-8"></head><body>',
        "<p>Dear Ana,</p>",
        "<p>we mend it:<br>",
        "\u00a0\u00a0- on Monday</p>",
        '<p>See <a href="https://city.example/lamps?a=1&amp;b=2">https://city.example/lamps?a=1&amp;b=2</a>.</p>',
        "<p>City Hall</p>",
        "</body></html>",
    ]


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("he-IL", "rtl"), ("fr", "ltr"), ("zz", "auto"), ("x-y", "auto")])
def test_a_letter_is_read_from_the_side_of_its_language(language: str, direction: str) -> None:
    assert f'<html lang="{language}" dir="{direction}">' in html_of(read(a_mail(HTML, language=language)))


def test_a_letter_in_an_unknown_language_names_none() -> None:
    assert '<html dir="auto">' in html_of(read(a_mail(HTML)))


def test_the_same_decision_makes_the_same_bytes() -> None:
    assert a_mail(HTML, body=BODY).content == a_mail(HTML, body=BODY).content


def _checked(mail: Mail, before: bytes, after: bytes) -> None:
    letter = dataclasses.replace(the_letter(mail), body=f"{BODY}\n", html=True, language="en")
    mail_integrity.check(mail.content, field_names(mail), letter)
    assert before in mail.content
    mail_integrity.check(mail.content.replace(before, after), field_names(mail), letter)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"mend it:<br>", b"break it:<br>"),
        (b"<p>City Hall</p>", b"<p>City Hall</p><p>PS</p>"),
        (b"<p>City Hall</p>", b'<p>City Hall</p><img src="https://evil.example/x">'),
        (b"<p>City Hall</p>", b"<p>City Hall<!-- x --></p>"),
        (b"<p>City Hall</p>", b"<p>City Hall<script>x</script></p>"),
        (b"<p>City Hall</p>", b"<p hidden>City Hall</p>"),
        (b"<p>City Hall</p>", b"<p>City\r\nHall</p>"),
        (b"<p>City Hall</p>", b"<p>City Hall"),
        (b'href=3D"https://city.', b'href=3D"https://evil.'),
        (b'lang=3D"en"', b'lang=3D"fr"'),
        (b'charset=3D"utf-8"><', b'charset=3D"utf-7"><'),
        (b"text/html", b"text/plain"),
        (b"alternative", b"mixed"),
        (b"\r\nCity Hall\r\n", b"\r\nTown Hall\r\n"),
    ],
    ids=range(14),
)
def test_a_mail_one_of_whose_parts_says_something_else_is_refused(before: bytes, after: bytes) -> None:
    with pytest.raises(UnsafeMail):
        _checked(a_mail(HTML, body=BODY, language="en"), before, after)


@pytest.mark.parametrize(
    "html", ["<p>a<p>b</p></p>", "<br>", "<p/>", "<?x?>", "<p><a href='javascript:x'>javascript:x</a></p>", "<p></a></p>", "x"]
)
def test_html_that_no_letter_of_ours_has_is_not_read(html: str) -> None:
    with pytest.raises(UnexpectedHtml):
        html_letter_reader.read(html)


def test_a_mail_without_its_html_is_refused() -> None:
    mail = a_mail()
    with pytest.raises(UnsafeMail):
        mail_integrity.check(mail.content, field_names(mail), dataclasses.replace(the_letter(mail), html=True))
