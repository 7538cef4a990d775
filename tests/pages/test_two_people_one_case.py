"""Two people on one case, at real browsers, in drawn series of steps; `make interleavings` plays fifty of them."""

from collections.abc import Iterator

import pytest

from tests.pages.desks import Desk, ReviewServer
from tests.pages.interleavings import Interleaving, two_desks

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ReviewServer, tuple[Desk, Desk]]]:
    with two_desks(tmp_path_factory.mktemp("city")) as ready:
        yield ready


@pytest.mark.parametrize("seed", range(1, 6))
def test_no_text_is_lost_nothing_decided_twice_and_no_wrong_text_sent(desks: tuple[ReviewServer, tuple[Desk, Desk]], seed: int) -> None:
    server, people = desks
    Interleaving(server, people, seed).plays()
