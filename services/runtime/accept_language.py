"""Reads which languages a client would like to be answered in."""

LONGEST = 500  # characters that are read: no browser names more languages


def liked(accept_language: str) -> list[str]:
    """The tags of an `Accept-Language`, the most wanted first. What can't be read is passed over; `q=0` is a language not to use."""
    weighed: list[tuple[float, str]] = []
    for part in accept_language[:LONGEST].split(","):
        tag, _, weight = part.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight.strip() else 1.0
        except ValueError:
            continue
        if tag.strip() and quality > 0:
            weighed.append((quality, tag.strip()))
    return [tag for _, tag in sorted(weighed, key=lambda pair: -pair[0])]


def primary(tag: str) -> str:
    """The language of a tag or locale without region and script: `fr` of `fr-CH` and of `fr_FR.UTF-8`."""
    return tag.replace("_", "-").partition("-")[0].strip().lower()
