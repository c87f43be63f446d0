"""What this room says when it refuses: what was expected, what was found, where, and how to mend it."""

LONGEST_SHOWN = 120


class StorageError(Exception):
    """A file could not be named, found, read or written as asked.

    expected, found, remedy: parts of the sentence, kept apart so that a caller can show them on their own.
    """

    def __init__(self, expected: str, found: str, remedy: str) -> None:
        super().__init__(f"expected {expected}; found {found}. {remedy}")
        self.expected = expected
        self.found = found
        self.remedy = remedy


class NameRefused(StorageError):
    """A name that may not become a path: it would leave its folder or be unsafe on some system."""


class Absent(StorageError):
    """A well-formed name with nothing behind it."""


class PictureRefused(StorageError):
    """Bytes that are no picture, a broken one, or one larger than the limits."""


def shown(value: str) -> str:
    """The value quoted for a message: control characters escaped, long ones cut."""
    text = ascii(value) if not value.isprintable() else repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}… ({len(value)} characters)"
