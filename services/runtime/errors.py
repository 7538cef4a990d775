"""Errors with a sentence for people, an HTTP status, and the field at fault."""


class ParvisError(Exception):
    """A fault with a sentence for whoever meets it, an HTTP status, and the field at fault where there is one."""

    status = 500
    title = "Something went wrong"

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.headers: dict[str, str] = {}


class InvalidInput(ParvisError):
    """What was sent can't be used; the detail says what would be."""

    status = 422
    title = "The request can't be used as it is"


class NotFound(ParvisError):
    """The thing does not exist, or not for this caller."""

    status = 404
    title = "Not found"


class NotSignedIn(ParvisError):
    """No session, no token, or one that is no longer good."""

    status = 401
    title = "Sign in first"


class NotAllowed(ParvisError):
    """The person is known and may not do this."""

    status = 403
    title = "Not allowed"


class Conflict(ParvisError):
    """The thing is no longer as the caller last saw it."""

    status = 409
    title = "It has changed in the meantime"


class InvalidRecord(ParvisError):
    """A Kafka record that will never work: it goes to dead letters at once, and its bytes stay untouched."""

    status = 422


class Unavailable(ParvisError):
    """Something outside is away for now: wait and try again, however long it takes."""

    status = 503
    title = "Not available for now"


class Refused(InvalidRecord):
    """A record that can be read and is not accepted: it says nothing against the release that refuses it."""

    status = 403
    title = "Refused"


class AccountFirst(NotAllowed):
    """There is something to be done with the account before anything else; `page` is where."""

    page = "/account"


class PasswordOfOnesOwn(AccountFirst):
    """The password was given to them for once, and they have not chosen their own yet."""

    title = "Choose a password of your own"


class SecondFactorFirst(AccountFirst):
    """A second factor is asked of them, and they have none yet."""

    title = "Set up a second factor"
    page = "/account/second-factor"
