"""Encodes mail header fields: what a citizen typed goes in as quoted or encoded text, never as something to be interpreted."""

import base64
from collections.abc import Sequence
from urllib.parse import quote

LINE = 76  # characters: RFC 2047 asks for it where there are encoded words
_LONGEST_PIECE = 64  # so that one fits beside the longest name of a field that holds text
_ENCODED_OCTETS = 36  # make 60 characters with what an encoded word has around them


def field(name: str, value: str) -> str:
    """A field whose value is our own, or checked to be of one form."""
    return _folded(name, [value])


def ids(name: str, message_ids: Sequence[str]) -> str:
    """A field of ids, which have gone through message_ids.message_id; at least one."""
    return _folded(name, message_ids)


def text(name: str, value: str) -> str:
    """A field that holds free text, such as a subject. `value` is one line."""
    words = value.split(" ")
    return _folded(name, words if _is_plain(value) and all(len(word) <= _LONGEST_PIECE for word in words) else _encoded(value))


def mailbox(name: str, display_name: str, address: str) -> str:
    """A field with one address, which has gone through mail_addresses.mailbox. `display_name` is one line."""
    if not display_name:
        return field(name, address)
    escaped = display_name.replace("\\", "\\\\").replace('"', '\\"')
    fits = _is_plain(display_name) and len(escaped) < _LONGEST_PIECE
    return _folded(name, [*([f'"{escaped}"'] if fits else _encoded(display_name)), f"<{address}>"])


def file_name(field_name: str, disposition: str, name: str) -> str:
    """A field with the name of a file: quoted where it is plain, else in pieces (RFC 2231). `name` is one line."""
    if _is_plain(name) and len(name) <= _LONGEST_PIECE and not set(name) & set('"\\%'):
        return f'{field_name}: {disposition};\r\n filename="{name}"'
    escaped = [quote(character, safe="") for character in name]
    pieces = ["utf-8''"]
    for character in escaped:
        if len(pieces[-1]) + len(character) > _LONGEST_PIECE - len(" filename*00*=;"):
            pieces.append("")
        pieces[-1] += character
    parameters = [f"filename*{number}*={piece}" for number, piece in enumerate(pieces)] if pieces[1:] else [f"filename*={pieces[0]}"]
    return f"{field_name}: {disposition};\r\n " + ";\r\n ".join(parameters)


def _is_plain(value: str) -> bool:
    # An encoded word that was typed must not be read as one: it is encoded itself.
    return value.isascii() and value.isprintable() and "=?" not in value


def _encoded(value: str) -> list[str]:
    """Encoded words (RFC 2047), each of whole characters."""
    parts, octets = [""], 0
    for character in value:
        width = len(character.encode())
        if octets + width > _ENCODED_OCTETS:
            parts.append("")
            octets = 0
        parts[-1] += character
        octets += width
    return [f"=?utf-8?b?{base64.b64encode(part.encode()).decode('ascii')}?=" for part in parts]


def _folded(name: str, pieces: Sequence[str]) -> str:
    lines = [f"{name}: {pieces[0]}"]
    for piece in pieces[1:]:
        if len(lines[-1]) + 1 + len(piece) > LINE:
            lines.append("")
        lines[-1] += f" {piece}"
    return "\r\n".join(lines)
