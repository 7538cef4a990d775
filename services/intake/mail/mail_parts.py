"""Walks through the parts of a mail: what is text, what is a file, what only machines read. Never raises; its bounds are constants."""

import re
from collections.abc import Iterable
from email.message import Message

from schemas.invisible_characters import is_blank, letter
from services.domain import file_types
from services.intake.mail import calendar_text, charsets, header_values, html_text, mail_syntax, plain_text, tnef
from services.intake.mail.received_mail import MailFile, Remark, RemarkCode, Report
from services.intake.mail.transfer_encodings import octets, payload, uuencoded_files

MOST_PARTS = 200
DEEPEST = 12
MOST_FILES = 100
LONGEST_PART = 400_000  # characters of one text that are kept
LONGEST_REPORT = 20_000
FORWARDED = "---------- Forwarded message ----------"

_TEXTS = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext"})
_MACHINES = ("message/delivery-status", "message/global-delivery-status", "message/disposition-notification", "message/feedback-report")
_MAILS = ("message/rfc822", "message/global", "message/news")
_WINMAIL = ("application/ms-tnef", "application/vnd.ms-tnef")
_RETURNED = ("text/rfc822-headers", "message/global-headers")
_STUB, _MUCH_MORE = 300, 3
_GUESSED_BOUNDARY = re.compile(rb"(?m)^--([^\r\n]{1,70}?)[ \t]{0,70}\r?$")
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s{0,5}=\s{0,5}[\"']?([\w.:-]{1,40})", re.IGNORECASE)


class PartReader:
    """Collects what the parts of one mail hold."""

    def __init__(self, count: int = 0) -> None:
        self.files: list[MailFile] = []
        self.remarks: dict[RemarkCode, Remark] = {}
        self.reports: list[Report] = []
        self.added: list[str] = []
        """Texts that stand below the citizen's own: forwarded mails, invitations."""
        self.winmail_text = ""
        self.count = count

    def read(self, message: Message, depth: int = 0) -> str:
        """The text of a mail, with what it passes on below it."""
        own = self.text(message, depth)
        if is_blank(own):
            own = self.winmail_text
        return "\n\n".join(text for text in (own.strip("\n"), *self.added) if not is_blank(text))

    def remark(self, code: RemarkCode, detail: str = "") -> None:
        """Notes something once; the first detail stays."""
        self.remarks.setdefault(code, Remark(code, detail[:200]))

    def text(self, part: Message, depth: int) -> str:
        """The text of a part, lines ended by line feeds; empty where it is a file or nothing."""
        self.count += 1
        if self.count > MOST_PARTS or depth > DEEPEST:
            self.remark("beyond_bounds", f"more than {MOST_PARTS} parts, or deeper than {DEEPEST}")
            return ""
        try:
            text = letter(self._text(part, depth))
        except Exception as error:  # noqa: BLE001 - whatever hostile bytes do to a library, the original is kept
            self.remark("unreadable", f"a part of type {part.get_content_type()[:60]}: {type(error).__name__}")
            return ""
        if len(text) > LONGEST_PART:
            self.remark("beyond_bounds", f"a text has {len(text)} characters")
        return text[:LONGEST_PART]

    def _text(self, part: Message, depth: int) -> str:
        media_type = part.get_content_type()
        if media_type in _MACHINES or media_type in _RETURNED:
            return self._report(part, media_type)
        if media_type in _MAILS:
            return self._forwarded(part, depth)
        if media_type == "message/external-body":
            self.remark("external_body", header_values.line(" ".join(header_values.values(part, "content-type")), 200))
            return ""
        if media_type == "message/partial":
            self.remark("partial_message", header_values.line(" ".join(header_values.values(part, "content-type")), 200))
        if part.is_multipart():
            return self._multipart(part, media_type, depth)
        if media_type.startswith("multipart/"):
            return self._without_boundary(part, media_type, depth)
        return self._leaf(part, media_type, depth)

    # --- parts that have parts -------------------------------------------------------------------------------------------------

    def _multipart(self, part: Message, media_type: str, depth: int) -> str:
        inner = [child for child in part.get_payload() if isinstance(child, Message)]
        match media_type:
            case "multipart/alternative":
                return self._alternative(inner, depth)
            case "multipart/signed":
                protocol = str(part.get_param("protocol") or "").lower()
                self.remark("signed_pgp" if "pgp" in protocol else "signed_smime", "the signature was not verified")
                return self._joined(inner[:1], depth)
            case "multipart/encrypted":
                self.remark("encrypted_pgp")
                return self._joined([child for child in inner if child.get_content_type() != "application/pgp-encrypted"], depth)
            case "multipart/appledouble":
                return self._joined([child for child in inner if child.get_content_type() != "application/applefile"], depth)
            case "multipart/report":
                return self._joined(inner[:1], depth) + self._machines_part(inner[1:], depth)
        return self._joined(inner, depth)

    def _joined(self, parts: Iterable[Message], depth: int) -> str:
        texts = [self.text(child, depth + 1).strip("\n") for child in parts]
        return "\n\n".join(text for text in texts if not is_blank(text))

    def _alternative(self, parts: list[Message], depth: int) -> str:
        """The plain text, unless it is empty or only says that there is more."""
        plain, rich = "", ""
        for child in parts:
            text = self.text(child, depth + 1)
            if is_blank(text):
                continue
            if child.get_content_type() in ("text/plain", "text/enriched", "text/richtext"):
                plain = plain or text
            else:
                rich = text
        is_stub = len(plain.strip()) < _STUB and len(rich) > _MUCH_MORE * len(plain) + _STUB
        return rich if rich and (not plain or is_stub) else plain

    def _machines_part(self, parts: list[Message], depth: int) -> str:
        """Of a report: what machines read, and the mail that came back, which is nobody's message now."""
        for child in parts:
            if child.get_content_type() in _MAILS:
                original = self._inner_mail(child)
                self._add_report("message/rfc822", _head(original))
                self._add_file(child, _bytes(original), "message/rfc822", "returned")
            else:
                self.text(child, depth + 1)
        return ""

    def _without_boundary(self, part: Message, media_type: str, depth: int) -> str:
        """Parts whose boundary the mail forgot to name: the line that looks like one is taken."""
        body = octets(part)
        boundary = _GUESSED_BOUNDARY.search(body[:LONGEST_REPORT])
        if boundary is None or depth > 0 or b'"' in boundary[1]:
            return self._plain(part, "text/plain")
        head = f'Content-Type: {media_type}; boundary="'.encode("ascii", "replace") + boundary[1] + b'"\n\n'
        again = mail_syntax.parsed(head + body).message
        return self.text(again, depth + 1) if again.is_multipart() else self._plain(part, "text/plain")

    # --- mails in mails --------------------------------------------------------------------------------------------------------

    def _forwarded(self, part: Message, depth: int) -> str:
        """Keeps the mail as a file, and puts its sender, subject and text below what the citizen wrote."""
        nested = self._inner_mail(part)
        subject = header_values.line((header_values.values(nested, "subject") or [""])[0], 200)
        self._add_file(part, _bytes(nested), "message/rfc822", subject or "forwarded")
        inner = PartReader(self.count)
        text = inner.read(nested, depth + 1)
        self.count = inner.count
        for remark in inner.remarks.values():
            self.remark(remark.code, remark.detail)
        fields = (
            (label, header_values.line((header_values.values(nested, label.lower()) or [""])[0], 300))
            for label in ("From", "Date", "To", "Subject")
        )
        head = [f"{label}: {value}" for label, value in fields if value]
        self.added.append("\n".join([FORWARDED, *head, "", text]).strip("\n"))
        return ""

    def _inner_mail(self, part: Message) -> Message:
        inner = part.get_payload()
        if isinstance(inner, list) and inner and isinstance(inner[0], Message):
            nested = inner[0]
            encoding = (header_values.values(part, "content-transfer-encoding") or [""])[0].strip().lower()
            if encoding not in ("base64", "quoted-printable") or nested.keys() or nested.is_multipart():
                return nested
            # No mail may be encoded as a whole, and some are.
            wrapped = Message()
            wrapped["Content-Transfer-Encoding"] = encoding
            wrapped.set_payload(octets(nested).decode("ascii", "surrogateescape"))
            return mail_syntax.parsed(payload(wrapped).content).message
        return mail_syntax.parsed(payload(part).content).message

    def _report(self, part: Message, media_type: str) -> str:
        blocks = part.get_payload()
        if isinstance(blocks, list):
            text = "\n\n".join(_head(block) or str(block.get_payload()) for block in blocks[:100] if isinstance(block, Message))
        else:
            text = charsets.decode(payload(part).content, part.get_content_charset()).text
        self._add_report(media_type, text)
        return ""

    def _add_report(self, media_type: str, text: str) -> None:
        if len(self.reports) < MOST_FILES:
            self.reports.append(Report(media_type, letter(text)[:LONGEST_REPORT]))

    # --- parts that have none --------------------------------------------------------------------------------------------------

    def _leaf(self, part: Message, media_type: str, depth: int) -> str:
        name = _file_name(part)
        if media_type in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
            kind = str(part.get_param("smime-type") or "").lower()
            self.remark("opaque_smime" if "signed" in kind else "encrypted_smime")
        elif media_type in ("application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"):
            return ""
        if media_type in _WINMAIL or name.lower() == "winmail.dat":
            return self._winmail(part)
        if media_type == "text/calendar" or name.lower().endswith(".ics"):
            return self._calendar(part)
        if media_type in _TEXTS and not self._is_file(part, name, depth):
            return self._html(part) if media_type == "text/html" else self._plain(part, media_type)
        self._add_file(part, self._content(part), media_type, "file")
        return ""

    def _is_file(self, part: Message, name: str, depth: int) -> bool:
        """Whether a text is a file: named, or said to be one. The only part of a mail is its text, whatever it says."""
        disposition = part.get_content_disposition()
        if depth == 0:
            return bool(name) and disposition == "attachment"
        return disposition == "attachment" or (bool(name) and disposition is not None)

    def _content(self, part: Message) -> bytes:
        decoded = payload(part)
        if decoded.broken:
            self.remark("broken_encoding", header_values.line(_file_name(part) or part.get_content_type(), 100))
        return decoded.content

    def _decoded(self, data: bytes, declared: str | None) -> str:
        decoded = charsets.decode(data, declared)
        if decoded.remark:
            self.remark("charset_guessed", decoded.remark)
        return decoded.text

    def _plain(self, part: Message, media_type: str) -> str:
        data, encoded = uuencoded_files(self._content(part), MOST_FILES)
        for name, content in encoded:
            self._append(charsets.decode(name, None).text, content, "application/octet-stream", inline=True)
        text = self._decoded(data, part.get_content_charset() or _parameter(part, "charset"))
        if media_type != "text/plain":
            return plain_text.without_tags(text)
        armour = plain_text.without_armour(text)
        if armour.kind == "signed":
            self.remark("signed_pgp", "the signature was not verified")
        elif armour.kind == "encrypted":
            self.remark("encrypted_pgp")
            self._append("message.asc", armour.block.encode(), "application/pgp-encrypted")
        if _parameter(part, "format").lower() == "flowed":
            return plain_text.flowed(armour.text, delete_space=_parameter(part, "delsp").lower() == "yes")
        return armour.text

    def _html(self, part: Message) -> str:
        data = self._content(part)
        meta = _META_CHARSET.search(data[:4_096])
        declared = part.get_content_charset() or (meta[1].decode("ascii", "ignore") if meta else None)
        converted = html_text.text_of(self._decoded(data, declared))
        if converted.cut:
            self.remark("beyond_bounds", "the HTML has more elements than are read")
            self._append("message.html", data, "text/html")
        return converted.text

    def _calendar(self, part: Message) -> str:
        content = self._content(part)
        lines = calendar_text.lines_of(charsets.decode(content[: calendar_text.LONGEST], part.get_content_charset()).text)
        if lines:
            self.remark("invitation")
            if lines not in self.added:
                self.added.append(lines)
        self._add_file(part, content, "text/calendar", "invitation")
        return ""

    def _winmail(self, part: Message) -> str:
        """Text and files out of Outlook's own format; its text counts only where the mail has none beside it."""
        content = self._content(part)
        try:
            opened = tnef.read(content)
        except ValueError:
            self._add_file(part, content, "application/ms-tnef", "winmail")
            return ""
        self.remark("winmail", f"{len(opened.files)} files")
        for file in opened.files:
            self._append(file.name, file.content, file.media_type, inline=file.content_id is not None, content_id=file.content_id)
        self.winmail_text = self.winmail_text or letter(opened.text)[:LONGEST_PART]
        return ""

    # --- files -----------------------------------------------------------------------------------------------------------------

    def _add_file(self, part: Message, content: bytes, declared: str, fallback: str) -> None:
        inline = part.get_content_disposition() == "inline" or bool(header_values.values(part, "content-id"))
        content_id = header_values.line((header_values.values(part, "content-id") or [""])[0], 200).strip("<>") or None
        self._append(_file_name(part), content, declared, inline=inline, content_id=content_id, fallback=fallback)

    def _append(
        self, name: str, content: bytes, declared: str, *, inline: bool = False, content_id: str | None = None, fallback: str = "file"
    ) -> None:
        if not content:
            return
        if len(self.files) >= MOST_FILES:
            self.remark("beyond_bounds", f"more than {MOST_FILES} files")
            return
        kind = declared if declared in _MAILS else file_types.media_type(content, declared, name)
        self.files.append(MailFile(file_types.file_name(name, kind, fallback), kind, content, inline, content_id))


def _parameter(part: Message, name: str) -> str:
    value = part.get_param(name)
    return value if isinstance(value, str) else ""


def _file_name(part: Message) -> str:
    """The name that the part has, in whatever way it is written; empty where it has none."""
    try:
        name = part.get_filename() or ""
    except (LookupError, ValueError, TypeError, AttributeError):
        return ""
    if not name.isascii():
        name = charsets.decode(header_values.octets(name), None).text
    return header_values.line(name, 1_000)


def _head(message: Message) -> str:
    return "\n".join(f"{name}: {header_values.line(value, 2_000)}" for name, value in _fields(message))


def _fields(message: Message) -> list[tuple[str, str]]:
    return [(name, str(value).replace("\r", "").replace("\n", "")) for name, value in list(message.raw_items())[:200]]


def _bytes(message: Message) -> bytes:
    try:
        return message.as_bytes()
    except (ValueError, LookupError, TypeError, AttributeError, KeyError, RecursionError):
        return b""
