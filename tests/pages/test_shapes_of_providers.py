"""Single sign-on by tokens, keys and discovery documents of the shapes that Keycloak and Microsoft Entra ID send."""

import base64
import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Literal

import pytest
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from services.review.people.single_sign_on import provider
from services.review.people.single_sign_on.identity import NotSignedOn
from services.runtime import clock
from services.runtime.settings import OidcSettings
from tests.harness.identity_provider import IdentityProvider
from tests.pages.city import ANNA, Browser, City, without_kafka
from tests.pages.test_single_sign_on import log_of, signs_on

SECRET = "q8~p%41+/=:9 and long enough"
DIRECTORY = "8f14e45f-ceea-467f-a9a2-5b1d7c2e0f11"
ENTRA: dict[str, object] = {
    "aio": "AWQAm/8TAAAA",
    "email": None,
    "idp": f"https://sts.windows.net/{DIRECTORY}/",
    "name": "Anna Weber",
    "oid": "00000000-0000-0000-66f3-3332eca7ea81",
    "preferred_username": "Anna.Weber@City.example",
    "rh": "0.AXEA",
    "roles": ["Parvis.Administrator"],
    "groups": [f"{number:08d}-aaaa-bbbb-cccc-000000000000" for number in range(200)],
    "tid": DIRECTORY,
    "uti": "x",
    "ver": "2.0",
}
KEYCLOAK: dict[str, object] = {
    "acr": "1",
    "auth_time": 1_700_000_000,
    "azp": "parvis",
    "email": ANNA.email,
    "email_verified": True,
    "jti": "b2a1",
    "preferred_username": "anna",
    "realm_access": {"roles": ["default-roles-city", "admin"]},
    "resource_access": {"account": {"roles": ["manage-account"]}},
    "sid": "1f0e",
    "typ": "ID",
}


@pytest.fixture
def hall() -> Iterator[IdentityProvider]:
    with IdentityProvider() as hall:
        hall.knows("anna-1")
        hall.document = {
            "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic", "client_secret_post", "tls_client_auth"],
            "authorization_response_iss_parameter_supported": True,
        }
        yield hall


async def city_with(folder: Path, hall: IdentityProvider, **more: object) -> City:
    oidc = OidcSettings(issuer=hall.issuer, client_id="parvis", client_secret=SecretStr(SECRET), **more)  # type: ignore[arg-type]
    city = City(without_kafka(folder, oidc=oidc, public_url="http://city.test"))
    await city.hires(ANNA)
    return city


@pytest.fixture
async def city(tmp_path: Path, hall: IdentityProvider) -> AsyncIterator[City]:
    city = await city_with(tmp_path, hall)
    yield city
    await city.app.state.database.close()


def public_key(**more: object) -> dict[str, object]:
    return {**RSAKey.generate_key(2048).as_dict(private=False), **more}


async def test_keycloaks_token_signs_in_and_its_roles_give_no_right(city: City, hall: IdentityProvider) -> None:
    hall.more_claims = KEYCLOAK
    browser = Browser(city)

    assert (await signs_on(browser, hall, "anna-1")).status_code == 303

    assert (await browser.opens("/")).status_code == 200
    assert (await browser.opens("/admin")).status_code == 403


@pytest.mark.parametrize(
    "key",
    [
        {"kty": "AKP", "alg": "ML-DSA-65", "kid": "post-quantum", "pub": "AAAA"},
        {"kty": "OKP", "crv": "Ed25519ph", "kid": "a curve of later", "x": "AAAA"},
        {"kty": "EC", "crv": "brainpoolP256r1", "kid": "another curve", "x": "AAAA", "y": "AAAA"},
        {"kid": "without a type"},
        public_key(kid="of encryption", use="enc", alg="RSA-OAEP", x5c=["MIIC"]),
        public_key(kid="the next one", use="sig", x5t="the next one", x5c=["MIIC"], issuer="https://login.example/{tenantid}/v2.0"),
    ],
    ids=lambda key: str(key["kid"]),
)
async def test_keys_that_are_published_besides_do_not_stand_in_the_way(city: City, hall: IdentityProvider, key: dict[str, object]) -> None:
    hall.more_claims = KEYCLOAK
    hall.more_keys = [key]

    assert (await signs_on(Browser(city), hall, "anna-1")).status_code == 303


async def test_a_secret_of_any_letters_is_understood(city: City, hall: IdentityProvider) -> None:
    hall.more_claims = KEYCLOAK

    await signs_on(Browser(city), hall, "anna-1")

    assert hall.secrets == {SECRET}


@pytest.mark.parametrize("way", ["basic", "post"])
async def test_a_provider_that_holds_the_client_to_one_way_gets_the_secret_in_that_way(
    tmp_path: Path, hall: IdentityProvider, way: Literal["basic", "post"]
) -> None:
    hall.takes = way
    hall.more_claims = KEYCLOAK
    city = await city_with(tmp_path, hall, client_authentication=way)

    assert (await signs_on(Browser(city), hall, "anna-1")).status_code == 303

    assert hall.secrets == {SECRET}
    await city.app.state.database.close()


async def test_where_the_client_is_refused_the_log_names_the_setting(
    city: City, hall: IdentityProvider, caplog: pytest.LogCaptureFixture
) -> None:
    hall.takes = "basic"

    assert (await signs_on(Browser(city), hall, "anna-1")).status_code == 502

    assert "invalid_client" in caplog.text
    assert "PARVIS_OIDC_CLIENT_AUTHENTICATION" in caplog.text
    assert SECRET not in caplog.text


async def test_what_is_said_of_a_token_that_nobody_uses_does_not_matter(city: City, hall: IdentityProvider) -> None:
    """The hash of the access token is for whoever uses that one; by newer signatures it is made in ways that our library does not have."""
    shake = base64.urlsafe_b64encode(hashlib.shake_256(b"of Ed448").digest(57)).decode().rstrip("=")
    hall.more_claims = KEYCLOAK | {"at_hash": shake}

    assert (await signs_on(Browser(city), hall, "anna-1")).status_code == 303


async def test_entra_says_of_no_address_that_it_is_verified_and_the_log_has_the_subject(city: City, hall: IdentityProvider) -> None:
    hall.more_claims = ENTRA | {"email": ANNA.email}

    assert (await signs_on(Browser(city), hall, "anna-1")).status_code == 403

    [entry] = [entry for entry in await log_of(city) if entry.action == "sign-in refused"]
    assert (entry.detail["why"], entry.detail["subject"]) == ("no-address", "anna-1")


@pytest.mark.parametrize("claim", ["preferred_username", "upn"])
async def test_entras_user_name_finds_the_person_where_it_is_trusted(tmp_path: Path, hall: IdentityProvider, claim: str) -> None:
    city = await city_with(tmp_path, hall, email_claim=claim, trust_email=True)
    hall.more_claims = ENTRA | {"preferred_username": "somebody", claim: ANNA.email.title()}
    browser = Browser(city)

    assert (await signs_on(browser, hall, "anna-1")).status_code == 303

    assert (await browser.opens("/admin")).status_code == 403
    await city.app.state.database.close()


async def test_a_guests_user_name_is_not_the_address_that_it_was_made_of(tmp_path: Path, hall: IdentityProvider) -> None:
    city = await city_with(tmp_path, hall, email_claim="upn", trust_email=True)
    hall.more_claims = ENTRA | {"upn": f"{ANNA.email.replace('@', '_')}#EXT#@city.example"}

    assert (await signs_on(Browser(city), hall, "anna-1")).status_code == 403
    await city.app.state.database.close()


@pytest.mark.parametrize(("seconds", "status"), [(45, 303), (75, 502)])
async def test_clocks_may_differ_by_a_minute(city: City, hall: IdentityProvider, seconds: int, status: int) -> None:
    begins = int(clock.now().timestamp()) + seconds
    hall.more_claims = KEYCLOAK | {"iat": begins, "nbf": begins}

    assert (await signs_on(Browser(city), hall, "anna-1")).status_code == status


async def test_keys_that_changed_since_the_last_sign_in_are_read_anew(city: City, hall: IdentityProvider) -> None:
    hall.more_claims = KEYCLOAK
    assert (await signs_on(Browser(city), hall, "anna-1")).status_code == 303
    hall.changes_its_key()

    assert (await signs_on(Browser(city), hall, "anna-1")).status_code == 303


def test_a_document_for_every_directory_says_what_to_set() -> None:
    place = "https://login.microsoftonline.com/common"
    document = {
        "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0",
        **dict.fromkeys(("authorization_endpoint", "token_endpoint", "jwks_uri"), f"{place}/x"),
    }

    for issuer in (f"{place}/v2.0", str(document["issuer"])):
        with pytest.raises(NotSignedOn, match="put the id of your own directory into PARVIS_OIDC_ISSUER"):
            provider.metadata_of(document, issuer)
