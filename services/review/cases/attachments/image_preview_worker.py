"""The process that decodes one image that a stranger sent, and ends: whatever a file does to a decoder, it does it here."""

import contextlib
import resource
import warnings
from base64 import b64encode
from io import BytesIO

from PIL import ExifTags, Image, ImageOps

from services.runtime import worker_main
from services.runtime.worker_main import Channel

FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
MOST_PIXELS = 25_000_000  # four bytes each while decoded, and once more while an alpha channel is laid on white
LONGEST_SIDE = 1_600
MOST_MEMORY = 1 << 30
LIMITS = {"RLIMIT_AS": MOST_MEMORY, "RLIMIT_CORE": 0, "RLIMIT_FSIZE": 0, "RLIMIT_NOFILE": 0}
"""The pipes to who asks stay open; no file and no connection is opened any more, and nothing is written to a disk."""


class ImageDecoder:
    """Answers with the preview in base64; with nothing where the image has too many pixels."""

    def refresh(self) -> None:
        """Nothing is kept."""

    def answer(self, content: bytes) -> list[bytes]:
        """Raises whatever the decoder does with it."""
        try:
            return [preview(content)]
        except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
            return [b""]

    def answered(self) -> None:
        """Nothing is looked at."""

    def close(self) -> None:
        """Nothing is left."""


def preview(content: bytes) -> bytes:
    """The first frame, upright, no larger than a screen: pixels alone, without a byte of the file or a word of what it says of itself."""
    with Image.open(BytesIO(content), formats=FORMATS) as image:
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        upright: Image.Image = image
        with contextlib.suppress(Exception):  # what a camera says of itself is often wrong, and the pixels are good
            upright = ImageOps.exif_transpose(image)
        coloured = upright.convert("RGBA")
        # An image of our own: comments, profiles and places stay with the one that was decoded.
        shown = Image.new("RGB", coloured.size, "white")
        shown.paste(coloured, mask=coloured)
    written = BytesIO()
    shown.save(written, "JPEG", quality=85)
    return b64encode(written.getvalue())


def load(_: object, __: Channel) -> ImageDecoder:
    """Bounds what this process may take, before it sees a file."""
    warnings.simplefilter("error", Image.DecompressionBombWarning)  # else an error from twice as many pixels on
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    import_all()
    for name, most in LIMITS.items():
        with contextlib.suppress(ValueError, OSError, AttributeError):  # not every system keeps such limits
            resource.setrlimit(getattr(resource, name), (most, most))
    return ImageDecoder()


def import_all() -> None:
    """Decodes an image of each format: Pillow imports much of itself only then, and later it can't."""
    Image.init()
    for kind in FORMATS:
        written = BytesIO()
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = 6
        image = Image.new("RGB", (8, 8)) if kind == "JPEG" else Image.new("P", (8, 8))
        image.save(written, kind, exif=exif)
        preview(written.getvalue())


if __name__ == "__main__":
    worker_main.serve(load)
