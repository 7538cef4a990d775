"""Makes readable lines of an invitation (iCalendar, RFC 5545). Never raises."""

import re
from datetime import datetime

LONGEST = 200_000  # characters that are looked at
MOST_EVENTS = 5
_LABELS = {
    "SUMMARY": "Subject",
    "DTSTART": "Begins",
    "DTEND": "Ends",
    "LOCATION": "Place",
    "ORGANIZER": "Organiser",
    "DESCRIPTION": "Description",
}
_METHODS = {
    "REQUEST": "Invitation",
    "PUBLISH": "Appointment",
    "CANCEL": "Cancellation of an appointment",
    "REPLY": "Answer to an invitation",
    "COUNTER": "Proposal of another time",
}
_ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}
_ESCAPED = {"n": "\n", "N": "\n"}


def lines_of(calendar: str) -> str:
    """What the invitation says; empty for what is no calendar."""
    if "BEGIN:VCALENDAR" not in calendar[:LONGEST].upper():
        return ""
    method, events = "PUBLISH", list[dict[str, str]]()
    inside = False
    for name, parameters, value in _properties(calendar[:LONGEST]):
        if name == "METHOD":
            method = value.strip().upper()
        elif name == "BEGIN":
            inside = value.strip().upper() in ("VEVENT", "VTODO") or (inside and value.strip().upper() != "VALARM")
            if value.strip().upper() in ("VEVENT", "VTODO"):
                events.append({})
        elif name == "END" and value.strip().upper() in ("VEVENT", "VTODO", "VALARM"):
            inside = value.strip().upper() == "VALARM"
        elif inside and events and name in (*_LABELS, "ATTENDEE"):
            events[-1].setdefault(name, _readable(name, parameters, value))
    written = ["\n".join([_METHODS.get(method, _METHODS["PUBLISH"]), *_event(event, method)]) for event in events[:MOST_EVENTS]]
    return "\n\n".join(written)


def _event(event: dict[str, str], method: str) -> list[str]:
    answer = [f"Answer: {event['ATTENDEE']}"] if method == "REPLY" and event.get("ATTENDEE") else []
    return [f"{label}: {event[name]}" for name, label in _LABELS.items() if event.get(name)] + answer


def _properties(calendar: str) -> list[tuple[str, str, str]]:
    unfolded = re.sub(r"\r?\n[ \t]", "", calendar)
    properties: list[tuple[str, str, str]] = []
    for content in unfolded.splitlines():
        head, colon, value = _divided(content)
        if colon:
            name, _, parameters = head.partition(";")
            properties.append((name.strip().upper(), parameters, value))
    return properties


def _divided(content: str) -> tuple[str, str, str]:
    """At the first colon that is in no quotes."""
    quoted = False
    for place, character in enumerate(content[:2_000]):
        if character == '"':
            quoted = not quoted
        elif character == ":" and not quoted:
            return content[:place], ":", content[place + 1 :]
    return content, "", ""


def _readable(name: str, parameters: str, value: str) -> str:
    if name in ("DTSTART", "DTEND"):
        return _moment(value.strip(), parameters)
    if name in ("ORGANIZER", "ATTENDEE"):
        common = re.search(r"CN=\"?([^\";:]{1,200})", parameters, re.IGNORECASE)
        email = re.sub(r"^mailto:", "", value.strip(), flags=re.IGNORECASE)
        answer = re.search(r"PARTSTAT=([A-Z-]{1,20})", parameters, re.IGNORECASE)
        who = f"{common[1]} <{email}>" if common else email
        stands = _ANSWERS.get(answer[1].upper(), "") if answer and name == "ATTENDEE" else ""
        return f"{who} {stands}".strip()
    return re.sub(r"\\(.)", lambda match: _ESCAPED.get(match[1], match[1]), value).strip()


def _moment(value: str, parameters: str) -> str:
    zone = re.search(r"TZID=\"?([^\";:]{1,60})", parameters, re.IGNORECASE)
    for form, shown in (("%Y%m%dT%H%M%S", "%Y-%m-%d %H:%M"), ("%Y%m%d", "%Y-%m-%d")):
        try:
            moment = datetime.strptime(value.removesuffix("Z"), form)  # noqa: DTZ007 - the zone is named behind it
        except ValueError:
            continue
        suffix = " UTC" if value.endswith("Z") else f" ({zone[1]})" if zone else ""
        return moment.strftime(shown) + suffix
    return value[:60]
