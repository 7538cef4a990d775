"""Splits a message into new text, quoted and forwarded text, signature and footers."""

from collections.abc import Iterator, Sequence

from schemas.requests_triaged import MessagePart
from schemas.values import RedactedSpan
from services.domain import reply_note
from services.triage.message_parts import quotations, signatures
from services.triage.message_parts.correspondents import Agency, Correspondence
from services.triage.message_parts.quotations import Kind
from services.triage.message_parts.quoted_lines import Line, lines

__all__ = ["Agency", "Correspondence", "redacted_parts", "split"]

_Stretch = tuple[Kind, int, int]


def split(body: str, correspondence: Correspondence) -> list[MessagePart]:
    """The parts of the body in their order; none where all of it is new."""
    every = lines(body)
    kinds = _with_our_notes(every, quotations.kinds(every, correspondence), body)
    if "new" not in kinds:
        return _joined([(kind, line.start, line.end) for kind, line in zip(kinds, every, strict=True)])
    closings = _closings(every, kinds)
    label = _without_form_fields(every, closings)
    if not _says_something(every, closings):
        closings, label = kinds, None  # all of it would be a signature or a footer: then that is the message
    return _joined(list(_stretches(every, closings, body, label)))


def redacted_parts(parts: Sequence[MessagePart], spans: Sequence[RedactedSpan]) -> list[MessagePart]:
    """The same parts in the redacted body. A placeholder for something that lies in two parts belongs to the first."""
    inside = sorted((span for span in spans if span.field == "body"), key=lambda span: span.start)
    shown_parts: list[MessagePart] = []
    begins = shift = at = 0
    for part in parts:
        while at < len(inside) and inside[at].start < part.end:
            span = inside[at]
            shift += len(span.placeholder) - (span.end - span.start)
            at += 1
        # A span that goes on beyond the part has its whole placeholder in it.
        behind = max(0, inside[at - 1].end - part.end) if at else 0
        end = part.end + shift + behind
        if end > begins:
            shown_parts.append(MessagePart(kind=part.kind, start=begins, end=end))
            begins = end
    return shown_parts


def _with_our_notes(every: Sequence[Line], kinds: Sequence[Kind], body: str) -> list[Kind]:
    """The note under our replies is ours wherever somebody pastes it."""
    places = reply_note.places(body)
    return [
        "ours" if any(line.start < end and start < line.end for start, end in places) else kind
        for line, kind in zip(every, kinds, strict=True)
    ]


def _closings(every: Sequence[Line], kinds: Sequence[Kind]) -> list[Kind]:
    """Signatures and footers within what is new: at the end of each stretch of it, and before what is quoted."""
    kinds_of_lines: list[Kind] = list(kinds)
    first = 0
    while first < len(every):
        if kinds[first] != "new":
            first += 1
            continue
        end = first
        while end < len(every) and kinds[end] == "new":
            end += 1
        own = every[first:end]
        footer = signatures.footers(own)
        if first == 0:
            warned = signatures.banner(own)
            footer[:warned] = [True] * warned
        for at, is_footer in enumerate(footer):
            if is_footer:
                kinds_of_lines[first + at] = "footer"
        last = len(own)
        while last and (own[last - 1].blank or footer[last - 1]):
            last -= 1
        without = [line for line, is_footer in zip(own[:last], footer[:last], strict=True) if not is_footer]
        places = [first + at for at in range(last) if not footer[at]]
        for at in range(signatures.signature_begins(without), len(without)):
            kinds_of_lines[places[at]] = "signature"
        first = end
    return quotations.with_blank_lines(every, kinds_of_lines)


def _without_form_fields(every: Sequence[Line], kinds: list[Kind]) -> tuple[int, int] | None:
    """Marks the fields of a contact form that say who writes; the line whose beginning is the message's label, and where that ends."""
    fields, label = signatures.form_fields(every)
    for at in fields[:-1]:
        if kinds[at] == "new":
            kinds[at] = "footer"
    return (fields[-1], label) if fields and kinds[fields[-1]] == "new" else None


def _says_something(every: Sequence[Line], kinds: Sequence[Kind]) -> bool:
    return any(kind == "new" and not line.blank for kind, line in zip(kinds, every, strict=True))


def _stretches(every: Sequence[Line], kinds: Sequence[Kind], body: str, label: tuple[int, int] | None) -> Iterator[_Stretch]:
    """Of each line its kind; one may begin with a form's label, the last new one may end in a signature."""
    last = max((at for at, kind in enumerate(kinds) if kind == "new" and not every[at].blank), default=-1)
    for at, (line, kind) in enumerate(zip(every, kinds, strict=True)):
        start = line.start
        if label and at == label[0]:
            start = min(line.end, body.index(line.text, start) + label[1])
            yield "footer", line.start, start
        if at == last:
            text = body[start : line.end]
            signed = signatures.sign_off_in_line(text)
            yield kind, start, start + signed
            if signed < len(text):
                yield "signature", start + signed, line.end
        else:
            yield kind, start, line.end


def _joined(stretches: Sequence[_Stretch]) -> list[MessagePart]:
    """Neighbours of one kind are one part."""
    joined: list[_Stretch] = []
    for kind, start, end in stretches:
        if joined and joined[-1][0] == kind:
            joined[-1] = kind, joined[-1][1], end
        elif end > start:
            joined.append((kind, start, end))
    parts = [MessagePart(kind=kind, start=start, end=end) for kind, start, end in joined]
    return [] if all(part.kind == "new" for part in parts) else parts
