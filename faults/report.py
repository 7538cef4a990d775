"""Counts what a run came to, at its end: from the database, the mail server and what was accepted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg

DONE = frozenset({"sent", "by_hand", "closed"})


@dataclass(frozen=True)
class Report:
    """Figures of a run, and the three that must be zero."""

    accepted: int
    sent_twice_by_publishers: int
    cases: int
    drafts: int
    decisions: int
    mails: int
    dead_letters: int
    confirmed_by_person: int
    sent_again_by_person: int
    lost: Sequence[UUID]
    doubled: Sequence[str]
    stuck: Mapping[UUID, str]
    longest_to_draft: float
    longest_recovery: tuple[float, str]

    @property
    def good(self) -> bool:
        """Nothing lost, nothing doubled, nothing stuck."""
        return not (self.lost or self.doubled or self.stuck)

    def text(self) -> str:
        """The report for a person."""
        seconds, kind = self.longest_recovery
        lines = [
            f"requests accepted        {self.accepted} (and {self.sent_twice_by_publishers} of them sent again by their publishers)",
            f"cases                    {self.cases}",
            f"drafts                   {self.drafts}",
            f"decisions to send        {self.decisions}",
            f"mails taken              {self.mails}",
            f"resolved by a person     {self.confirmed_by_person} in doubt confirmed, {self.sent_again_by_person} sent again",
            f"dead letters             {self.dead_letters}",
            f"longest from accepted to a draft or a person's desk  {self.longest_to_draft:.1f} s",
            f"longest recovery         {seconds:.1f} s after: {kind}",
            f"lost                     {len(self.lost)} {list(map(str, self.lost[:5])) or ''}",
            f"doubled                  {len(self.doubled)} {list(self.doubled[:5]) or ''}",
            f"stuck                    {len(self.stuck)} {({str(k): v for k, v in list(self.stuck.items())[:5]}) or ''}",
        ]
        return "\n".join(lines)


def doubled(taken: Counter[str], decisions: Mapping[str, UUID], sent_again: frozenset[str]) -> list[str]:
    """Mails that came twice, and requests that got two mails though no person sent again."""
    twice = [message_id for message_id, count in taken.items() if count > 1]
    of_request = Counter(str(decisions[d]) for message_id in taken for d in [message_id.strip("<>").partition("@")[0]] if d in decisions)
    return twice + [request for request, count in of_request.items() if count > 1 and request not in sent_again]


def recovery(ends: Sequence[tuple[float, str]], accepted: Mapping[UUID, float], worked_on: Mapping[UUID, float]) -> tuple[float, str]:
    """The longest time from a fault's end until a request accepted after it had a draft or was on a person's desk."""
    worst = (0.0, "nothing")
    for end, kind in ends:
        later = [worked_on[r] for r, at in accepted.items() if at >= end and r in worked_on]
        if later:
            worst = max(worst, (min(later) - end, kind))
    return worst


def stuck(database: str) -> dict[UUID, str]:
    """Cases that are neither sent nor closed."""
    with psycopg.connect(database) as connection:
        rows = connection.execute("select request_id, state from review_cases").fetchall()
    return {request_id: state for request_id, state in rows if state not in DONE}


def count(
    database: str,
    accepted: Mapping[UUID, float],
    taken: Counter[str],
    ends: Sequence[tuple[float, str]],
    *,
    sent_again: frozenset[str],
    confirmed: int,
    repeated: int,
) -> Report:
    """Reads the database once everything has come to rest."""
    with psycopg.connect(database) as connection:
        cases = {row[0] for row in connection.execute("select request_id from review_cases")}
        query = "select decision_id, request_id from review_decisions where event->>'decision' in ('approved', 'edited')"
        decided = {str(decision_id): request_id for decision_id, request_id in connection.execute(query)}
        drafts = connection.execute("select count(*) from review_drafts").fetchone()
        letters = connection.execute("select count(*) from review_dead_letters").fetchone()
        query = "select request_id, min(extract(epoch from at)) from review_audit where action in ('triaged', 'drafted') group by 1"
        worked_on = {request_id: float(at) for request_id, at in connection.execute(query)}
    waited = [worked_on[r] - at for r, at in accepted.items() if r in worked_on]
    return Report(
        accepted=len(accepted),
        sent_twice_by_publishers=repeated,
        cases=len(cases),
        drafts=drafts[0] if drafts else 0,
        decisions=len(decided),
        mails=sum(taken.values()),
        dead_letters=letters[0] if letters else 0,
        confirmed_by_person=confirmed,
        sent_again_by_person=len(sent_again),
        lost=sorted(set(accepted) - cases),
        doubled=doubled(taken, decided, sent_again),
        stuck=stuck(database),
        longest_to_draft=max(waited, default=0.0),
        longest_recovery=recovery(ends, accepted, worked_on),
    )
