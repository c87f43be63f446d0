"""Texts without the places of this machine: what goes to clients names files, not the folders they lie in."""

import re
from typing import Final

_PATH: Final = re.compile(r"(?<![\w:/\\.])(?:[A-Za-z]:)?(?:[\\/][^\\/\s\"'<>|:,;()]+)+[\\/]([^\\/\s\"'<>|:,;()]+)")
"""An absolute path of at least one folder and a name; addresses such as `http://a/b` are none."""

_PACKAGES: Final = re.compile(r".*[\\/](?:site|dist)-packages[\\/]")


def without_folders(text: str) -> str:
    """The text with each absolute path cut to its last two parts; of a library's file, to the path in the library."""
    return _PATH.sub(lambda found: _short(found[0]), text)


def _short(path: str) -> str:
    inside = _PACKAGES.sub("", path)
    if inside != path:
        return inside
    parts = re.split(r"[\\/]", path)
    return "/".join(parts[-2:]) if len(parts) > 2 else parts[-1]
