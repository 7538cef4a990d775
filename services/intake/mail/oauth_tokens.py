"""Gets the OAuth2 token that a mailbox is opened with: from a file, or from the provider by the installation's own secret."""

from authlib.integrations.httpx_client import OAuth2Client
from pydantic import SecretStr

from services.domain.phrases import Phrase
from services.intake.mail.mailboxes import Mailbox, OAuth2, secret
from services.runtime.errors import Unavailable

TIMEOUT = 20.0  # seconds


def sign_in_of(mailbox: Mailbox) -> SecretStr:
    """The password or the token, fresh at each sign-in. Blocks. Raises Unavailable, without what the provider said of the secret."""
    if not mailbox.oauth2:
        return secret(mailbox.password_file)
    return _token(mailbox.oauth2, mailbox.name)


def _token(oauth2: OAuth2, name: str) -> SecretStr:
    if oauth2.token_file:
        return secret(oauth2.token_file)
    key = secret(oauth2.client_secret_file).get_secret_value()
    try:
        with OAuth2Client(oauth2.client_id, key, scope=oauth2.scope or None, timeout=TIMEOUT) as client:
            token = client.fetch_token(oauth2.token_url, grant_type="client_credentials")["access_token"]
    except Exception as error:  # noqa: BLE001 - of the provider, the way to it, or what it answered
        raise Unavailable(Phrase(f"{name}: no token from the provider ({type(error).__name__})")) from None
    return SecretStr(str(token))
