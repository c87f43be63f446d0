"""The one guard between a name that somebody sent and a path on the disk.

Three steps, each enough to stop most attacks alone: the name is judged as text (`parts_of`), the path it stands for is
resolved and proved to lie under its root (`resolve`), and the file is opened from the root downwards without following
a single link (`open_to_read`, `create_new`), so that a link swapped in after the proof is refused as well.

Names use `/` on every system. What is unsafe on any system is refused on all, so that a workflow that runs here runs
everywhere.
"""

import errno
import os
import stat
import unicodedata
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from storage.errors import Absent, NameRefused, shown

LONGEST_PART_BYTES = 255
LONGEST_NAME_BYTES = 1024

DEVICE_NAMES = frozenset(
    ["CON", "PRN", "AUX", "NUL", "CLOCK$", "CONIN$", "CONOUT$"]
    + [f"{port}{digit}" for port in ("COM", "LPT") for digit in "0123456789¹²³"]
)

# Marks that change the order in which a name is shown: "gpj.exe" can be made to read "exe.jpg".
BIDI_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

REFUSED_CATEGORIES = {
    "Cc": "a control character",
    "Cs": "half of a surrogate pair",
    "Zl": "a line separator",
    "Zp": "a paragraph separator",
}

PLAIN_NAME = "Name a file inside its folder, like 'sub/picture.png'."

NOT_IN_NEW_NAMES = frozenset('<>"|?*')

# Opening from a folder's handle and refusing links is what closes the gap between check and use. Windows has neither.
HANDLES = os.open in os.supports_dir_fd and os.mkdir in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
FOLDER = getattr(os, "O_DIRECTORY", 0) | NO_FOLLOW | getattr(os, "O_CLOEXEC", 0)
BINARY = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
NO_WAIT = getattr(os, "O_NONBLOCK", 0)


def parts_of(name: str) -> tuple[str, ...]:
    """The name split at `/`, every part judged safe as text; nothing on the disk is looked at.

    Raises NameRefused for absolute names, drive letters, network shares, `.` and `..`, hidden names, control,
    line-breaking and bidirectional characters, device names, trailing dots and spaces, and names too long.
    """
    if not name:
        raise _refused(name, "an empty name")
    for character in name:
        _judge_character(name, character)
    if name.startswith("/"):
        raise _refused(name, "an absolute path")
    if len(name.encode()) > LONGEST_NAME_BYTES:
        raise _refused(name, f"a name of more than {LONGEST_NAME_BYTES} bytes")
    parts = tuple(name.split("/"))
    for part in parts:
        _judge_part(name, part)
    return parts


def _judge_character(name: str, character: str) -> None:
    if character == "\\":
        raise _refused(name, "a backslash", "Separate folders with '/'.")
    if character == ":":
        raise _refused(name, "a colon (a drive letter or a stream)")
    if character in BIDI_MARKS:
        raise _refused(name, "a mark that changes the reading direction")
    if (category := unicodedata.category(character)) in REFUSED_CATEGORIES:
        raise _refused(name, REFUSED_CATEGORIES[category])


def _judge_part(name: str, part: str) -> None:
    if not part:
        raise _refused(name, "an empty folder name between two '/'")
    if part.startswith("."):
        raise _refused(name, "a step out of the folder" if part == ".." else "a part that begins with a dot")
    if part[-1] in ". ":
        raise _refused(name, "a part that ends with a dot or a space")
    if len(part.encode()) > LONGEST_PART_BYTES:
        raise _refused(name, f"a part of more than {LONGEST_PART_BYTES} bytes")
    if part.split(".", 1)[0].rstrip(" ").upper() in DEVICE_NAMES:
        raise _refused(name, "a name that stands for a device on some systems")


def _refused(name: str, found: str, remedy: str = PLAIN_NAME) -> NameRefused:
    return NameRefused("a plain relative file name", f"{found} in {shown(name)}", remedy)


def resolve(root: Path, name: str) -> Path:
    """The path that `name` stands for under `root`, all links followed and proved to stay under it.

    The file need not exist. Raises NameRefused, and Absent for what vanishes meanwhile.
    """
    parts = parts_of(name)
    try:
        real_root = os.path.realpath(root)
        real = os.path.realpath(Path(real_root, *parts))
    except OSError as error:  # a link that changed while it was read
        raise _translated(error, name) from error
    if os.path.commonpath([real_root, real]) != real_root or real == real_root:
        raise NameRefused(
            "a file that lies inside its folder",
            f"a link in {shown(name)} that leads out of it",
            "Copy the file into the folder, or name the other folder as a further root.",
        )
    return Path(real)


def open_to_read(root: Path, name: str) -> BinaryIO:
    """Open the file `name` under `root` for reading; only a regular file, and no link that appears on the way.

    Links that stay inside the root are followed once, when the name is resolved. Raises NameRefused and Absent.
    """
    path = resolve(root, name)
    with _folder_of(root, path, create=False, name=name) as folder:
        handle = _open(path, folder, os.O_RDONLY | BINARY | NO_FOLLOW | NO_WAIT, name)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise Absent("a file", f"something else named {shown(name)}", "Name a regular file.")
    return os.fdopen(handle, "rb")


def create_new(root: Path, name: str) -> BinaryIO:
    """Create the file `name` under `root` for writing, with the folders it needs; what exists is never touched.

    Raises FileExistsError when the name is taken (by a file, a folder or a link, even a broken one) and NameRefused.
    """
    if wrong := sorted(NOT_IN_NEW_NAMES & set(name)):
        raise _refused(name, f"the character {wrong[0]!r}, which some systems cannot store,")
    *folders, last = parts_of(name)
    root.mkdir(parents=True, exist_ok=True)
    parent = resolve(root, "/".join(folders)) if folders else Path(os.path.realpath(root))
    path = parent / last
    with _folder_of(root, path, create=True, name=name) as folder:
        handle = _open(path, folder, os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY | NO_FOLLOW, name)
    return os.fdopen(handle, "wb")


def _open(path: Path, folder: int | None, flags: int, name: str) -> int:
    try:
        if folder is not None:
            return os.open(path.name, flags, 0o644, dir_fd=folder)
        if path.is_symlink():
            raise _swapped(name)
        return os.open(path, flags, 0o644)
    except OSError as error:
        raise _translated(error, name) from error


@contextmanager
def _folder_of(root: Path, path: Path, *, create: bool, name: str) -> Generator[int | None]:
    """A handle on the folder of a resolved path, reached from the root without following links.

    None where the system has no such handles; then the folder is made, if asked, by its path.
    """
    real_root = os.path.realpath(root)
    if not HANDLES:
        if create:
            path.parent.mkdir(parents=True, exist_ok=True)
        yield None
        return
    try:
        folder = os.open(real_root, FOLDER)
    except OSError as error:
        raise _translated(error, name) from error
    try:
        for part in path.parent.relative_to(real_root).parts:
            try:
                below = _step(folder, part, create)
            except OSError as error:
                raise _translated(error, name) from error
            os.close(folder)
            folder = below
        yield folder
    finally:
        os.close(folder)


def _step(folder: int, part: str, create: bool) -> int:
    if create:
        with suppress(FileExistsError):
            os.mkdir(part, 0o755, dir_fd=folder)
    return os.open(part, FOLDER, dir_fd=folder)


def _translated(error: OSError, name: str) -> Exception:
    """A system error in this room's words, where it is about the name; else the error itself."""
    if error.errno in (errno.ELOOP, errno.EINVAL):  # EINVAL: a link when it was looked at, none when it was read
        return _swapped(name)
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENXIO):
        return Absent("an existing file", f"no file named {shown(name)}", "Choose one of the names that are listed.")
    return error


def _swapped(name: str) -> NameRefused:
    return NameRefused("a file", f"a link in the place of {shown(name)}", "Put the file itself there.")
