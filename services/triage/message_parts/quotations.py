"""Detects quoted and forwarded lines, by quote marks and by mail headers, and attributes them to the agency or to somebody else."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from services.triage.message_parts import forward_headers
from services.triage.message_parts.correspondents import Correspondence
from services.triage.message_parts.quoted_lines import Line

Kind = Literal["new", "quoted", "forwarded", "ours", "answered", "signature", "footer"]

_READ_OF_A_PASTED_REPLY = 4
"""Lines below a greeting in which a reply of ours shows that it is one."""
_MOST_ABOVE_A_QUOTED_HEADER = 1


@dataclass
class _Letter:
    """One letter that is quoted: all the lines of one depth below one beginning."""

    sender: str | None = None
    forwarded: bool = False
    lines: list[str] = field(default_factory=list)


@dataclass
class _Thread:
    """Letters that quote each other, from the newest, at depth 1, to the oldest."""

    letters: dict[int, _Letter] = field(default_factory=lambda: defaultdict(_Letter))


def kinds(lines: Sequence[Line], correspondence: Correspondence) -> list[Kind]:
    """The kind of each line."""
    reader = _Reader(lines, forwarded=correspondence.is_forward)
    reader.read()
    return _with_pasted_replies(lines, reader.decide(correspondence), correspondence)


def _with_pasted_replies(lines: Sequence[Line], kinds: list[Kind], correspondence: Correspondence) -> list[Kind]:
    """A reply of ours below what is new, with neither header nor quote marks: from its greeting to the department that signs it."""
    written = False
    at = 0
    while at < len(lines):
        if kinds[at] == "new" and written and forward_headers.is_greeting(lines[at]):
            end = _last_new(kinds, at)
            below = [line.text for line in lines[at + 1 : end] if line.text][:_READ_OF_A_PASTED_REPLY]
            signed = next((place for place in range(at + 1, end) if correspondence.is_sign_off(lines[place].text)), None)
            # Without our name below it, only our own sentences are proof: a citizen who answers us begins with thanks as well.
            if correspondence.begins_reply(below, signed=signed is not None):
                last = _last_own_line(lines, at, end, correspondence) if signed is None else signed
                kinds[at : last + 1] = ["ours"] * (last + 1 - at)
                at = last
        written = written or (kinds[at] == "new" and not lines[at].blank)
        at += 1
    return with_blank_lines(lines, kinds)


def _last_own_line(lines: Sequence[Line], first: int, end: int, correspondence: Correspondence) -> int:
    """The end of the last paragraph with a sentence of ours: what stands below it, the citizen may have typed."""
    last, begins = first, first
    for at in range(first, end):
        if at + 1 == end or lines[at + 1].blank:
            if correspondence.has_own_sentence(line.text for line in lines[begins : at + 1]):
                last = at
            begins = at + 1
    return last


def _last_new(kinds: Sequence[Kind], at: int) -> int:
    while at < len(kinds) and kinds[at] == "new":
        at += 1
    return at


class _Reader:
    """Goes through the lines once: which letter each belongs to."""

    def __init__(self, lines: Sequence[Line], *, forwarded: bool) -> None:
        self._lines = lines
        self._forward_subject = forwarded
        self._threads = [_Thread()]
        self._places: list[tuple[_Thread, int] | None] = []
        self._below = 0
        """How deep everything is that stands below a header without quote marks."""

    def read(self) -> None:
        """Gives every line its place in a letter, or none."""
        at = 0
        while at < len(self._lines):
            taken, sender, forwarded = self._header(at)
            if taken:
                self._begin(at, taken, sender, forwarded=forwarded)
                at += taken
                continue
            line = self._lines[at]
            depth = self._below + line.depth
            if depth and not (line.depth == 0 and self._below == 0):
                self._put(line, depth)
            else:
                self._places.append(None)
            at += 1

    def decide(self, correspondence: Correspondence) -> list[Kind]:
        """Whose each letter is; what is older than one of ours has been answered."""
        of_letters: dict[tuple[int, int], Kind] = {}
        for thread in self._threads:
            answered = False
            for depth in sorted(thread.letters):
                letter = thread.letters[depth]
                kind: Kind = "forwarded" if letter.forwarded else "quoted"
                if correspondence.wrote(letter.sender, letter.lines):
                    kind, answered = "ours", True
                elif answered:
                    kind = "answered"
                of_letters[id(thread), depth] = kind
        kinds: list[Kind] = ["new" if place is None else of_letters[id(place[0]), place[1]] for place in self._places]
        return with_blank_lines(self._lines, kinds)

    def _header(self, at: int) -> tuple[int, str | None, bool]:
        """How many lines introduce a letter here, its sender, and whether it is passed on rather than answered."""
        line = self._lines[at]
        if line.blank:
            return 0, None, False
        if forward_headers.is_forward_mark(line):
            return self._marked(at, forwarded=True)
        if forward_headers.is_original_mark(line) or (forward_headers.is_rule(line) and self._field_block(self._next(at + 1))[0]):
            return self._marked(at, forwarded=self._forward_subject)
        taken, sender = self._field_block(at)
        if taken:
            return taken, sender, self._forward_subject
        taken = forward_headers.attribution(self._lines, at) or (
            1 if forward_headers.ends_as_attribution(line) and self._is_quoted(at + 1, line.depth) else 0
        )
        if taken and (self._is_quoted(at + taken, line.depth) or forward_headers.tells_sender(self._lines[at : at + taken])):
            return taken, " ".join(line.text for line in self._lines[at : at + taken]), self._forward_subject
        return 0, None, False

    def _marked(self, at: int, *, forwarded: bool) -> tuple[int, str | None, bool]:
        after = self._next(at + 1)
        taken, sender = self._field_block(after)
        return (after + taken - at if taken else 1), sender, forwarded

    def _field_block(self, at: int) -> tuple[int, str | None]:
        return forward_headers.fields(self._lines, at) if at < len(self._lines) else (0, None)

    def _next(self, at: int) -> int:
        """The next line that is not blank."""
        while at < len(self._lines) and self._lines[at].blank:
            at += 1
        return at

    def _is_quoted(self, at: int, depth: int) -> bool:
        following = self._next(at)
        return following < len(self._lines) and self._lines[following].depth > depth

    def _begin(self, at: int, taken: int, sender: str | None, *, forwarded: bool) -> None:
        """A letter begins below these lines, which are shown with it."""
        first = self._lines[at]
        marks_follow = self._is_quoted(at + taken, first.depth)
        if self._below == 0 and (first.depth == 0 or not self._places or self._places[-1] is None):
            self._threads.append(_Thread())
        if not marks_follow and first.depth == 0:
            self._below += 1
            depth = self._below
        elif not marks_follow and self._heads_its_own_quote(self._below + first.depth):
            depth = self._below + first.depth
        else:
            depth = self._below + first.depth + 1
        thread = self._threads[-1]
        thread.letters[depth] = _Letter(sender, forwarded)
        self._places += [(thread, depth)] * taken

    def _heads_its_own_quote(self, depth: int) -> bool:
        """Whether a header is quoted together with what it introduces, as Apple and Orange do: little or nothing stands above it."""
        letter = self._threads[-1].letters.get(depth)
        return letter is None or (letter.sender is None and len(letter.lines) <= _MOST_ABOVE_A_QUOTED_HEADER)

    def _put(self, line: Line, depth: int) -> None:
        thread = self._threads[-1]
        if depth not in thread.letters and depth - 1 in thread.letters:
            thread.letters[depth] = _Letter(None, thread.letters[depth - 1].forwarded)
        thread.letters[depth].lines.append(line.text)
        self._places.append((thread, depth))


def with_blank_lines(lines: Sequence[Line], kinds: list[Kind]) -> list[Kind]:
    """A blank line belongs to what stands before it."""
    for at, line in enumerate(lines):
        if at and line.blank and line.depth == 0 and kinds[at] == "new":
            kinds[at] = kinds[at - 1]
    return kinds
