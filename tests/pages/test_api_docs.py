"""The workbench's API is shown and tried at /docs."""

from tests.pages.city import Browser


async def test_the_page_says_how_a_token_is_sent_and_takes_nothing_from_elsewhere(anna: Browser) -> None:
    page = await anna.opens("/docs")
    assert page.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert "http:" not in page.text
    assert "https:" not in page.text
    document = (await anna.opens("/openapi.json")).json()
    assert document["security"] == [{"HTTPBearer": []}]
    assert "/api/v1/cases/{request_id}/approve" in document["paths"]
