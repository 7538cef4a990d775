"""An agency's form looks like the agency, and stands where the agency says."""

import re
from pathlib import Path

import pytest

from services.intake.web_form import branding
from services.runtime.errors import InvalidInput
from tests.service.form_desk import FORM, an_intake, browser


async def test_an_agencys_form_looks_like_the_agency_and_stands_in_its_own_pages(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    (tmp_path / "branding.yaml").write_text(BRANDED)
    intake = await an_intake(tmp_path, forms_branding=tmp_path / "branding.yaml")
    async with browser(intake) as citizen:
        page, french, plain = [await citizen.get(path) for path in (FORM, f"{FORM}?lang=fr", "/forms/nyon")]
        sheet = await citizen.get(re.search(r'href="([^"]+form.css[^"]*)"', page.text)[1])  # type: ignore[index]  # each page has one
        logo = await citizen.get(f"{FORM}/logo")

    assert page.headers["content-security-policy"].endswith("frame-ancestors https://www.city.example https://city.example:8443")
    assert "x-frame-options" not in page.headers
    assert plain.headers["content-security-policy"].endswith("frame-ancestors 'none'")
    assert 'href="https://www.city.example/privacy"' in page.text
    assert 'href="https://www.city.example/donnees"' in french.text
    assert "City Hall &lt;1 Main Square&gt;" in page.text
    assert sheet.text.startswith(":root { --brand: #7a1f5c; }")
    assert sheet.headers["content-type"] == "text/css; charset=utf-8"
    assert (logo.status_code, logo.headers["content-type"]) == (200, "image/svg+xml")
    assert "sandbox" in logo.headers["content-security-policy"], "opened by itself, a picture runs nothing"
    await intake.state.database.close()


BRANDED = """
agencies:
  belrive:
    colour: "#7A1F5C"
    logo: logo.svg
    privacy: {en: https://www.city.example/privacy, fr: https://www.city.example/donnees}
    contact: City Hall <1 Main Square>
    embedded_on: [https://www.city.example/, "https://city.example:8443"]
"""


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('colour: "#7ab"', "agencies.belrive.colour: '#7ab' is no colour: give #rrggbb"),
        ('colour: "#ffcc00"', "a contrast of 1.51 to 1, and 4.5 are needed: take a darker one"),
        ("logo: nowhere.png", "nowhere.png is no PNG, JPEG, WebP, GIF or SVG"),
        ("logo: branding.yaml", "branding.yaml is no PNG, JPEG, WebP, GIF or SVG"),
        ("privacy: javascript:alert(1)", "is no address of a page"),
        ('embedded_on: ["*"]', "give only scheme, host"),
        ('embedded_on: ["https://a.example; script-src *"]', "give only scheme, host"),
        ("color: red", "agencies.belrive.color: Extra inputs are not permitted"),
    ],
)
def test_a_branding_that_cant_be_used_stops_the_start_with_the_place_and_the_fix(tmp_path: Path, line: str, words: str) -> None:
    file = tmp_path / "branding.yaml"
    file.write_text(f"agencies:\n  belrive:\n    {line}\n")

    with pytest.raises(branding.InvalidBranding, match=re.escape(words)):
        branding.read(file)


async def test_a_branding_for_an_agency_without_a_form_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "branding.yaml").write_text("agencies:\n  bellrive:\n    contact: City Hall\n")

    with pytest.raises(branding.InvalidBranding, match=r"agencies\.bellrive: PARVIS_FORMS does not name this agency"):
        await an_intake(tmp_path, forms_branding=tmp_path / "branding.yaml")


async def test_a_form_for_what_is_no_agencys_code_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="'Bel_Rive' is no agency's code"):
        await an_intake(tmp_path, forms=("belrive", "Bel_Rive"))


async def test_a_form_for_an_agency_that_nobody_has_added_is_in_the_log_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    intake = await an_intake(tmp_path, forms=("belrive", "geneva"))
    async with browser(intake) as citizen:
        pages = [await citizen.get(path) for path in ("/forms/geneva", "/forms/geneva/status", "/forms/nobody", FORM)]

    assert [page.status_code for page in pages] == [404, 404, 404, 200]
    [line] = [record.getMessage() for record in caplog.records if "PARVIS_FORMS" in record.getMessage()]
    assert "parvis agencies add geneva" in line
    await intake.state.database.close()
