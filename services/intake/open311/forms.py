"""Reads posted forms, `application/x-www-form-urlencoded` and `multipart/form-data`, never more of them than is allowed."""

from collections import defaultdict
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from schemas.attached_files import MOST_FILES
from services.intake import request_body
from services.intake.open311.reports import Form, Upload
from services.intake.request_body import MIB
from services.runtime.errors import ParvisError

MOST_BYTES = 8 * MIB  # a photograph that is too long to travel on is left out, and the request still taken
MOST_FIELDS = 200


class UnreadableForm(ParvisError):
    """What was posted is no form."""

    status = 400
    title = "The form can't be read"


async def read(request: Request) -> Form:
    """The form. Raises UnreadableForm, and TooLarge where it has more than 8 MiB."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    match kind:
        case "multipart/form-data":
            return await _multipart(request)
        case "application/x-www-form-urlencoded" | "":
            return _urlencoded(await request_body.whole(request, MOST_BYTES))
        case _:
            raise UnreadableForm("send the fields as application/x-www-form-urlencoded, or as multipart/form-data with files")


def _urlencoded(body: bytes) -> Form:
    fields = defaultdict[str, list[str]](list)
    try:
        for name, value in parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS):
            fields[name].append(value)
    except UnicodeDecodeError:
        raise UnreadableForm("the form is not UTF-8") from None
    except ValueError:
        raise UnreadableForm(f"a form has at most {MOST_FIELDS} fields") from None
    return Form(fields)


async def _multipart(request: Request) -> Form:
    parser = MultiPartParser(
        request.headers,
        request_body.parts(request, MOST_BYTES),
        max_files=MOST_FILES,
        max_fields=MOST_FIELDS,
        max_part_size=MIB,
    )
    try:
        sent = await parser.parse()
    except (MultiPartException, KeyError, LookupError, UnicodeDecodeError) as error:
        raise UnreadableForm(f"the form can't be read: {getattr(error, 'message', 'a part of it is malformed')}") from None
    fields, uploads = defaultdict[str, list[str]](list), list[Upload]()
    try:
        for name, value in sent.multi_items():
            if isinstance(value, UploadFile):
                content = await value.read()
                uploads += [Upload(value.filename or "", value.content_type or "application/octet-stream", content)] if content else []
            else:
                fields[name].append(value)
    finally:
        await sent.close()
    return Form(fields, uploads)
