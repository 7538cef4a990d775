"""An image that came with a message is shown as pixels of our own; what can't be decoded is not shown, and the page says why."""

import asyncio
import html
import resource
import struct
import zlib
from collections.abc import Callable
from contextlib import AsyncExitStack
from io import BytesIO
from pathlib import Path

import pytest
from PIL import ExifTags, Image
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from services.review.cases.attachments import image_preview
from services.review.cases.attachments.image_preview import ImagePreviews
from services.runtime.errors import NotFound
from tests.harness.waiting import PATIENCE
from tests.pages import desks
from tests.pages.city import ANNA, Browser, City
from tests.pages.test_attachments import a_file, arrives

RED, BLUE = (200, 20, 20), (20, 20, 200)


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def halves() -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (80, 40), RED)
    image.paste(BLUE, (40, 0, 80, 40))
    return image


def a_photograph() -> bytes:
    """Turned by the camera, with the place and a remark in it."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.ImageDescription] = "the kitchen of Ines Marlow"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (46.0, 12.0, 9.0)
    return encoded(halves(), "JPEG", quality=95, exif=exif, comment=b"taken at 46.2N")


async def test_a_photograph_is_shown_upright_and_without_what_the_camera_wrote_and_downloaded_as_it_came(city: City, anna: Browser) -> None:
    photograph = a_photograph()
    request_id = await arrives(city, a_file(photograph, "kitchen.jpg"))

    answer = await anna.opens(f"/cases/{request_id}/files/0/image")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    shown = Image.open(BytesIO(answer.content))
    assert shown.size == (40, 80), "turned as the camera says"
    assert nearest(shown, (20, 10)) == RED
    assert not shown.getexif()
    for words in (b"Marlow", b"46.2N", b"Exif"):
        assert words in photograph
        assert words not in answer.content
    assert (await anna.opens(f"/cases/{request_id}/files/0")).content == photograph


def nearest(image: Image.Image, place: tuple[int, int]) -> tuple[int, ...]:
    """Which of our colours stands there, however the encoding has changed it."""
    pixel = image.convert("RGB").getpixel(place)
    assert isinstance(pixel, tuple)
    return min((RED, BLUE), key=lambda colour: sum(abs(a - b) for a, b in zip(colour, pixel, strict=True)))


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP"])
async def test_of_an_animation_the_first_frame_is_shown_and_what_is_clear_is_white(city: City, anna: Browser, kind: str) -> None:
    first = halves().convert("RGBA")
    first.paste((0, 0, 0, 0), (0, 0, 10, 40))
    frames = encoded(first, kind, save_all=True, append_images=[Image.new("RGBA", first.size, (*BLUE, 250))], duration=100)
    request_id = await arrives(city, a_file(frames, "moving"))
    answer = await anna.opens(f"/cases/{request_id}/files/0/image")
    shown = Image.open(BytesIO(answer.content)).convert("RGB")
    assert getattr(shown, "n_frames", 1) == 1
    assert nearest(shown, (25, 20)) == RED
    assert min(shown.getpixel((3, 20))) > 240  # type: ignore[arg-type]  # three numbers


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    framed = [struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


def header(width: int, height: int) -> tuple[bytes, bytes]:
    return b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)


def a_bomb() -> bytes:
    """60 kB that unfold to 400 million pixels, each of which is there."""
    row = b"\0" * (1 + 20_000 // 8)
    return png(header(20_000, 20_000), (b"IDAT", zlib.compress(row * 20_000, 9)), (b"IEND", b""))


def a_bomb_of_text() -> bytes:
    """A small image that says of itself 200 million letters."""
    text = b"Comment\0\0" + zlib.compress(b"A" * 200_000_000, 9)
    return png(header(8, 8), (b"zTXt", text), (b"IDAT", zlib.compress(b"\0\0" * 8)), (b"IEND", b""))


def a_bomb_of_scans() -> bytes:
    """An image of a size that is allowed, with its last scan thousands of times."""
    image = encoded(Image.new("L", (5_000, 5_000), 128), "JPEG", progressive=True)
    scan = image[image.rindex(b"\xff\xda") : -2]
    return image[:-2] + scan * 9_000 + image[-2:]


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "bomb": (a_bomb, "too many pixels"),
    "sizes that nobody has": (lambda: png(header(2**31 - 1, 2**31 - 1), (b"IEND", b"")), "too many pixels"),
    "bomb of text": (a_bomb_of_text, "can't be decoded"),
    "cut off": (lambda: encoded(Image.effect_noise((300, 300), 80))[:20_000], "can't be decoded"),
    "photograph cut off": (lambda: encoded(Image.effect_noise((300, 300), 80), "JPEG")[:9_000], "can't be decoded"),
    "nothing but its beginning": (lambda: b"\x89PNG\r\n\x1a\n", "can't be decoded"),
    "script that begins as an image": (lambda: b"GIF89a/*" + b"\0" * 40 + b"*/=1;alert(document.domain)//", "can't be decoded"),
    "page that begins as an image": (lambda: b"\xff\xd8\xff<html><script>alert(1)</script>", "can't be decoded"),
    "drawing": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "no image that can be shown"),
    "scan of a kind that is not decoded": (lambda: b"II*\0" + struct.pack("<I", 8) + b"\xff" * 400_000, "no image that can be shown"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_what_can_t_be_decoded_is_not_shown_and_the_answer_says_why(city: City, anna: Browser, name: str) -> None:
    make, why = HOSTILE[name]
    content = make()
    request_id = await arrives(city, a_file(content, "evidence.png"))

    answer = await anna.opens(f"/cases/{request_id}/files/0/image")

    assert answer.status_code == 404
    assert why in html.unescape(answer.text)
    assert (await anna.opens(f"/cases/{request_id}/files/0")).content == content


async def test_a_polyglot_is_shown_as_the_image_that_it_is_too_and_nothing_else(city: City, anna: Browser) -> None:
    polyglot = encoded(halves(), "GIF", comment=b"*/=1;alert(document.domain)//") + b"<script>alert(1)</script>"
    request_id = await arrives(city, a_file(polyglot, "both.gif"))
    answer = await anna.opens(f"/cases/{request_id}/files/0/image")
    assert answer.status_code == 200
    assert b"alert" not in answer.content


async def test_an_image_that_takes_too_long_is_given_up_and_the_next_one_is_shown() -> None:
    previews = ImagePreviews(seconds=0.5)
    with pytest.raises(NotFound, match="takes too long"):
        await previews.preview(a_bomb_of_scans())
    assert await previews.preview(encoded(halves()))


async def test_a_large_photograph_is_brought_to_the_size_of_a_screen() -> None:
    shown = await ImagePreviews().preview(encoded(Image.new("RGB", (4_000, 3_000), RED), "JPEG"))
    assert Image.open(BytesIO(shown)).size == (1_600, 1_200)


def environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


async def test_the_process_that_decodes_has_no_secret_and_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARVIS_DATABASE_URL", "postgresql://parvis:open-sesame@database.city.example/parvis")
    monkeypatch.setenv("A_KEY_OF_WHATEVER_ELSE", "open-sesame")
    async with image_preview.decoder().running() as decoder:
        assert decoder.pid
        environment = environment_of(decoder.pid)
        assert b"PYTHONPATH=" in environment
        assert b"open-sesame" not in environment
        assert resource.prlimit(decoder.pid, resource.RLIMIT_NOFILE) == (0, 0)
        assert resource.prlimit(decoder.pid, resource.RLIMIT_FSIZE) == (0, 0)
        assert await decoder.ask(encoded(halves()), 5.0, 60.0)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
async def test_an_image_of_any_colours_is_shown_by_a_process_that_opens_nothing(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 8
    content = encoded(Image.new(mode, (30, 20)), kind, exif=exif)
    assert Image.open(BytesIO(await ImagePreviews().preview(content))).size == (20, 30)


async def test_where_too_many_images_wait_the_next_one_is_asked_to_come_again(city: City, anna: Browser) -> None:
    request_id = await arrives(city, a_file(encoded(halves()), "kitchen.png"))
    address = f"/cases/{request_id}/files/0/image"
    previews: ImagePreviews = city.app.state.image_previews

    async def takes_a_turn() -> None:
        async with previews.turn():
            pass

    async with AsyncExitStack() as held:
        for _ in range(image_preview.AT_ONCE):
            await held.enter_async_context(previews.turn())
        waiting = [asyncio.create_task(takes_a_turn()) for _ in range(image_preview.MOST_WAITING)]
        async with asyncio.timeout(PATIENCE):
            refused = await anna.opens(address)

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert "try again" in refused.text
    await asyncio.gather(*waiting)
    assert (await anna.opens(address)).status_code == 200


@pytest.mark.browser
def test_on_the_case_page_the_words_stand_in_place_of_the_image(tmp_path_factory: pytest.TempPathFactory) -> None:
    async def fill(city: City) -> tuple[dict[str, str], object]:
        return await city.hires(ANNA), await arrives(city, a_file(a_photograph(), "kitchen.jpg"), a_file(a_bomb(), "bomb.png"))

    with desks.review(tmp_path_factory.mktemp("images")) as server, desks.chromium() as browser:
        passwords, request_id = server.run(fill)
        looks_at_both(browser, server, passwords[ANNA.email], f"/cases/{request_id}")


def looks_at_both(browser: Chromium, server: desks.ReviewServer, password: str, address: str) -> None:
    desk = desks.Desk(browser, server, ANNA, password)
    desk.signs_in()
    desk.page.goto(address)
    files = desk.page.locator(".files li")
    for number in range(2):
        files.nth(number).locator("summary").click()
    expect(files.nth(0).locator("img")).to_have_js_property("naturalWidth", 40)
    expect(files.nth(1).get_by_role("status")).to_contain_text("too many pixels")
    expect(files.nth(1).locator("img")).to_be_hidden()
