"""Two people at two real browsers on one case, in a drawn series of steps: `python -m tests.pages.interleavings --seed 1 --count 50`.

Every text only ever gets longer, by words that nobody wrote before. At the end each word must be with its writer's kept texts or in what
was decided, at most one reply may wait to leave, and each reply must be, letter by letter, what stood in the editor of whoever approved it.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Request, Route
from sqlmodel import select

from schemas.replies_decided import ReplyDecided
from services.review.cases import store
from services.review.cases.case_state import State
from services.review.cases.writing import text_store
from services.review.cases.writing.written_text import WrittenText
from services.runtime.outbox import OutboxRow
from tests.harness.waiting import until
from tests.pages.city import ANNA, SUE, City
from tests.pages.desks import BOXES, Desk, ReviewServer, chromium, review

STEPS = 24
WEIGHTS = {
    "type": 34,
    "claim": 7,
    "approve": 11,
    "discard": 5,
    "undo": 14,
    "sign out": 3,
    "session ends": 5,
    "sign in": 9,
    "restart": 4,
    "cut the network": 6,
    "mend the network": 8,
    "reload": 5,
    "leave": 3,
    "hold what is sent": 5,
    "release what is held": 6,
    "what was held arrives": 4,
    "comes late": 6,
    "draft": 8,
    "other window": 4,
}
RARE_FIELDS = ("subject", "reject_reason", "close_reason", "instructions")


@dataclass(frozen=True)
class Step:
    """What one of the two does, or what happens around both."""

    what: str
    desk: int
    field: str = "body"
    agrees: bool = False
    """Whether they decide although a colleague works on the case."""


def drawn(seed: int) -> Iterator[Step]:
    """The steps of that seed, always the same."""
    draw = random.Random(seed)
    names, weights = list(WEIGHTS), list(WEIGHTS.values())
    while True:
        yield Step(
            what=draw.choices(names, weights)[0],
            desk=draw.randrange(2),
            field="body" if draw.random() < 0.6 else draw.choice(RARE_FIELDS),
            agrees=draw.random() < 0.6,
        )


@dataclass
class Seat:
    """One person with what they have typed and pressed."""

    desk: Desk
    words: list[str] = field(default_factory=list)
    pressed: list[tuple[str, str]] = field(default_factory=list)
    """Subject and text in the editor at each press of Approve."""
    held: list[Request] = field(default_factory=list)
    holds: bool = False
    cut: bool = False

    @property
    def email(self) -> str:
        return self.desk.person.email

    def hold(self) -> bool:
        """What the script sends from now on does not arrive: it comes late, when it is released."""
        if self.holds:
            return False
        self.holds = True

        def kept_back(route: Route) -> None:
            self.held.append(route.request)
            route.abort()

        self.desk.context.route("**/texts", kept_back)
        return True

    def release(self) -> bool:
        """What the script sends arrives again; what was held is still under way."""
        if not self.holds:
            return False
        self.holds = False
        self.desk.context.unroute("**/texts")
        return True

    def arrives_late(self, draw: random.Random) -> bool:
        """What was held arrives after all, in any order, however much has been written since."""
        csrf = self.desk.page.locator("input[name=csrf]")
        if not self.held or self.cut or not csrf.count():
            return False
        draw.shuffle(self.held)
        headers = {"content-type": "application/json", "x-csrf-token": csrf.first.input_value()}
        for request in self.held:
            self.desk.context.request.put(request.url, headers=headers, data=request.post_data or "")
        self.held.clear()
        return True


class Interleaving:
    """One case, two people, and the steps of one seed."""

    def __init__(self, server: ReviewServer, desks: tuple[Desk, Desk], seed: int) -> None:
        self.server, self.seed, self.draw = server, seed, random.Random(-seed)
        self.seats = tuple(Seat(desk) for desk in desks)
        self.case: UUID = server.run(lambda city: city.waiting_case())
        self.log: list[str] = []

    def plays(self) -> None:
        """Takes every step, lets all come to rest, and checks what has become of each word and each decision."""
        for seat in self.seats:
            self.arrives(seat)
        taken = 0
        for number, step in enumerate(drawn(self.seed)):
            # What was not possible then, as approving what is approved, does not count; on a case that ended little is.
            taken += self.takes(number, step)
            if taken == STEPS or number > STEPS * 6:
                break
        for seat in self.seats:
            self.rests(seat)
        self.checks()

    def takes(self, number: int, step: Step) -> bool:
        """One step; says whether it was possible. One that is not leaves things as they are."""
        seat = self.seats[step.desk]
        does: dict[str, Callable[[], bool]] = {
            "type": lambda: self.types(seat, step.field, number),
            "claim": lambda: self.presses(seat, "Claim") or self.presses(seat, "Take over"),
            "approve": lambda: self.decides(seat, step, "Approve and send"),
            "discard": lambda: (
                self.shown(seat, "Approve and send") and self.types(seat, "reject_reason", number) and self.decides(seat, step, "Reject")
            ),
            "undo": lambda: self.presses(seat, "Undo"),
            "sign out": lambda: self.presses(seat, "Sign out"),
            "session ends": lambda: self.ends_session(seat),
            "sign in": lambda: self.signs_in(seat),
            "restart": self.restarts,
            "cut the network": lambda: self.cuts(seat, cut=True),
            "mend the network": lambda: self.cuts(seat, cut=False),
            "reload": lambda: self.goes(seat, f"/cases/{self.case}"),
            "leave": lambda: self.goes(seat, "/"),
            "hold what is sent": seat.hold,
            "release what is held": seat.release,
            "what was held arrives": lambda: seat.arrives_late(self.draw),
            "comes late": lambda: self.comes_late(seat, number),
            "draft": self.drafts,
            "other window": lambda: self.turns_to_another_window(seat),
        }
        try:
            done = does[step.what]()
        except BrowserError as error:  # what can't be reached now: a step that was not possible
            self.log.append(f"{number}: {seat.email} {step.what} was not possible: {str(error).splitlines()[0]}")
            return False
        if done:
            self.log.append(f"{number}: {seat.email} {step.what}{' ' + step.field if step.what == 'type' else ''}")
        return done

    def arrives(self, seat: Seat) -> None:
        seat.desk.page.goto(f"/cases/{self.case}")
        if "/login" in seat.desk.page.url:
            seat.desk.signs_in()
            seat.desk.page.goto(f"/cases/{self.case}")

    def rests(self, seat: Seat) -> None:
        self.cuts(seat, cut=False)
        seat.release()
        self.arrives(seat)
        until(lambda: seat.desk.kept_in_the_browser() == 0, f"the browser of {seat.email} has sent all that it kept")
        seat.arrives_late(self.draw)
        for page in seat.desk.context.pages:
            if page is not seat.desk.page:
                page.close()

    def shown(self, seat: Seat, name: str) -> bool:
        button = seat.desk.page.get_by_role("button", name=name, exact=True)
        return button.count() > 0 and button.first.is_visible()

    def presses(self, seat: Seat, name: str) -> bool:
        if not self.shown(seat, name):
            return False
        try:
            with seat.desk.page.expect_navigation(timeout=10_000):
                seat.desk.page.get_by_role("button", name=name, exact=True).first.click()
        except BrowserError:
            return False  # the network is cut
        return True

    def types(self, seat: Seat, name: str, number: int) -> bool:
        """Adds a word that nobody wrote before."""
        if seat.desk.page.locator(BOXES[name]).count() == 0:
            return False
        box = seat.desk.box(name)
        word = f"{seat.desk.person.name.split()[0].lower()}{self.seed}x{number}{name[0]}{len(seat.words)}"
        box.fill(f"{box.input_value()} {word}".strip())
        seat.words.append(word)
        return True

    def decides(self, seat: Seat, step: Step, name: str) -> bool:
        page = seat.desk.page
        if not self.shown(seat, name) and name == "Approve and send":
            return False
        form = page.locator("form.writing" if name == "Approve and send" else "form[action$='/reject']")
        ticks = form.locator("input[name=although_claimed]")
        if step.agrees and ticks.count():
            ticks.first.check()
        agreed = bool(ticks.count()) and ticks.first.is_checked()
        if name == "Approve and send":
            seat.pressed.append((page.locator("#subject").input_value(), page.locator("#body").input_value()))
        before, holder = self.decisions(), self.server.run(lambda city: city.case(self.case)).assignee
        pressed = self.presses(seat, name)
        new = self.decisions()[len(before) :]
        assert len(new) <= 1, self.told(f"one press made {len(new)} decisions")
        assert not new or new[0].decided_by == seat.email, self.told("a decision bears another name than that of whoever pressed")
        assert agreed or not new or holder in (None, seat.email), self.told(f"{seat.email} decided unasked on the case of {holder}")
        return pressed and bool(new)

    def signs_in(self, seat: Seat) -> bool:
        """Comes back by the page that asks for it, where one does."""
        try:
            if "/login" not in seat.desk.page.url:
                seat.desk.page.goto(f"/cases/{self.case}")
            if "/login" not in seat.desk.page.url:
                return False
            seat.desk.signs_in()
        except BrowserError:
            return False
        return self.goes(seat, f"/cases/{self.case}")

    def goes(self, seat: Seat, path: str) -> bool:
        try:
            seat.desk.page.goto(path)
        except BrowserError:
            return False
        return True

    def comes_late(self, seat: Seat, number: int) -> bool:
        """A request with older words arrives after the newer ones of the same page were kept."""
        page = seat.desk.page
        if seat.cut or seat.holds or not self.types(seat, "body", number):
            return False
        seat.hold()
        self.types(seat, "body", number)
        with suppress(BrowserError), page.expect_event("requestfailed", lambda request: request in seat.held, timeout=5_000):
            page.locator("body").focus()
        seat.release()
        self.types(seat, "body", number)
        with suppress(BrowserError):  # a session that has ended keeps nothing
            page.locator("body:not([data-unsaved])").wait_for(state="attached", timeout=5_000)
        return seat.arrives_late(self.draw)

    def ends_session(self, seat: Seat) -> bool:
        seat.desk.ends_every_session()
        return True

    def restarts(self) -> bool:
        self.server.stop()
        self.server.start()
        return True

    def cuts(self, seat: Seat, *, cut: bool) -> bool:
        """Cuts the network of one person, or mends it."""
        if seat.cut is cut:
            return False
        seat.cut = cut
        seat.desk.context.set_offline(cut)
        return True

    def turns_to_another_window(self, seat: Seat) -> bool:
        """Goes on in another window of the same browser, while the first stays open."""
        others = [page for page in seat.desk.context.pages if page is not seat.desk.page]
        seat.desk.page = others[0] if others else seat.desk.context.new_page()
        return bool(others) or self.goes(seat, f"/cases/{self.case}")

    def drafts(self) -> bool:
        async def arrives(city: City) -> bool:
            if (await city.case(self.case)).state is not State.DRAFTING:
                return False
            await city.drafts(self.case)
            return True

        return self.server.run(arrives)

    def decisions(self) -> list[ReplyDecided]:
        async def look(city: City) -> list[ReplyDecided]:
            async with city.commands.database.reading() as session:
                return [decision for decision, _ in await store.decisions_of(session, self.case)]

        return self.server.run(look)

    def checks(self) -> None:
        """No lost text, no double decision, no wrong text sent."""

        async def look(city: City) -> tuple[list[WrittenText], list[OutboxRow]]:
            async with city.commands.database.reading() as session:
                rows = (await session.exec(select(OutboxRow).where(OutboxRow.key == str(self.case)))).all()
                return await text_store.texts_of(session, self.case), list(rows)

        texts, rows = self.server.run(look)
        used = "\n".join([*(row.value for row in rows), *(decision.model_dump_json() for decision in self.decisions())])
        for seat in self.seats:
            kept = "\n".join(text.text for text in texts if text.email == seat.email and text.text is not None)
            for word in seat.words:
                assert word in kept or word in used, self.told(f"{word} of {seat.email} is lost; kept is:\n{kept}")
        leaving = [ReplyDecided.model_validate_json(row.value) for row in rows if "replies.decided" in row.topic]
        replies = [reply for reply in leaving if reply.decision in ("approved", "edited")]
        assert len(replies) <= 1, self.told(f"{len(replies)} replies are on their way to one citizen")
        for reply in [*replies, *(decision for decision in self.decisions() if decision.body is not None)]:
            [seat] = [seat for seat in self.seats if seat.email == reply.decided_by]
            seen = (reply.subject, reply.body) in seat.pressed
            assert seen, self.told(f"what {seat.email} approved did not stand in their editor: {reply.body!r}")

    def told(self, fault: str) -> str:
        return "\n".join(
            [f"seed {self.seed}: {fault}", *self.log, f"again: python -m tests.pages.interleavings --seed {self.seed} --count 1"]
        )


@contextmanager
def two_desks(folder: Path) -> Iterator[tuple[ReviewServer, tuple[Desk, Desk]]]:
    """A review service and two people at their own browsers, signed in."""
    with ExitStack() as stack:
        server = stack.enter_context(review(folder))
        passwords = server.run(lambda city: city.hires(ANNA, SUE))
        browsers: list[Chromium] = [stack.enter_context(chromium())]
        desks = [Desk(browsers[0], server, person, passwords[person.email]) for person in (ANNA, SUE)]
        for desk in desks:
            desk.signs_in()
        yield server, (desks[0], desks[1])


def main() -> int:
    """Plays the interleavings of so many seeds; exit code 1 with the seed and its steps where one fails."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=50)
    asked = parser.parse_args()
    began = time.monotonic()
    failed: list[int] = []
    with tempfile.TemporaryDirectory(prefix="parvis-interleavings-") as folder, two_desks(Path(folder)) as (server, desks):
        for seed in range(asked.seed, asked.seed + asked.count):
            interleaving = Interleaving(server, desks, seed)
            try:
                interleaving.plays()
            except AssertionError as fault:
                failed.append(seed)
                sys.stderr.write(f"{fault}\n")
            else:
                words = sum(len(seat.words) for seat in interleaving.seats)
                sys.stdout.write(f"seed {seed}: {words} words and {len(interleaving.decisions())} decisions, all where they belong\n")
            sys.stdout.flush()
    sys.stdout.write(f"{asked.count - len(failed)} of {asked.count} interleavings hold, {time.monotonic() - began:.0f} s\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
