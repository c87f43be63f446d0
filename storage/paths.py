"""The one guard between a name that somebody sent and a path on the disk.

Three steps, each enough to stop most attacks alone: the name is judged as text (`parts_of`), the path it stands for is
resolved and proved to lie under its root (`resolve`), and the file is opened from the root downwards without following
a single link (`open_to_read`, `create_new`), so that a link swapped in after the proof is refused as well.

What is written (`partial_in`) grows under a hidden name that no request can name, and gets its own name when it is
whole: whoever kills the process leaves no half file that could be taken for one. That is about killed processes;
nothing is forced to the disk (fsync), so a power cut may still cost the last seconds.

Names use `/` on every system. What is unsafe on any system is refused on all, so that a workflow that runs here runs
everywhere.
"""

import errno
import os
import secrets
import stat
import unicodedata
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
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

# What is still being written is called so; the dot keeps it out of every list and every request.
PARTIAL = ".partial-"

# What file systems without hard links answer.
NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL})

NOT_IN_NEW_NAMES = frozenset('<>"|?*')

# Opening from a folder's handle and refusing links is what closes the gap between check and use. Windows has neither.
HANDLES = hasattr(os, "O_NOFOLLOW") and os.supports_dir_fd.issuperset((os.open, os.mkdir, os.link, os.unlink))
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


def new_parts_of(name: str) -> tuple[str, ...]:
    """The same for a name that is to be given to a file, which some systems have to be able to store. NameRefused."""
    if wrong := sorted(NOT_IN_NEW_NAMES & set(name)):
        raise _refused(name, f"the character {wrong[0]!r}, which some systems cannot store,")
    return parts_of(name)


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
    new_parts_of(name)
    root.mkdir(parents=True, exist_ok=True)
    path = _unlinked(root, name)
    with _folder_of(root, path, create=True, name=name) as folder:
        handle = _open(path, folder, os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY | NO_FOLLOW, name)
    return os.fdopen(handle, "wb")


@dataclass(frozen=True)
class Partial:
    """A file that is being written and has no name of its own yet; `path` is the hidden one, `folder` its handle."""

    file: BinaryIO
    path: Path
    folder: int | None

    def publish(self, last: str) -> None:
        """Give the file its name (the last part of it), which must be free. Raises FileExistsError and NameRefused."""
        self._close(last)
        _link(self.path, self.folder, self.path.with_name(last), self.folder)

    def replace(self, last: str) -> None:
        """Give the file its name, in the place of a file that had it: readers see the old one or the new one, whole.

        Raises FileExistsError where a folder has the name, and NameRefused.
        """
        self._close(last)
        try:
            os.replace(
                *_named(self.path, self.folder, self.path.with_name(last), self.folder),
                src_dir_fd=self.folder,
                dst_dir_fd=self.folder,
            )
        except IsADirectoryError as error:
            raise FileExistsError(errno.EEXIST, "a folder has this name", last) from error
        except OSError as error:
            raise _translated(error, last) from error

    def _close(self, last: str) -> None:
        if len(new_parts_of(last)) > 1:
            raise _refused(last, "a folder in the last part of a name")
        self.file.close()


@contextmanager
def partial_in(root: Path, subfolder: str = "") -> Generator[Partial]:
    """A new file in a folder below the root, made where it is missing; it is gone at the end unless it got a name.

    Raises NameRefused, Absent where a file has the folder's name, and OSError (a full disk).
    """
    name = f"{subfolder}/new" if subfolder else "new"
    new_parts_of(name)
    root.mkdir(parents=True, exist_ok=True)
    path = _unlinked(root, name).with_name(PARTIAL + secrets.token_hex(8))
    with _folder_of(root, path, create=True, name=name) as folder:
        handle = _open(path, folder, os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY | NO_FOLLOW, name)
        partial = Partial(os.fdopen(handle, "wb"), path, folder)
        try:
            with partial.file:
                yield partial
        finally:
            with suppress(FileNotFoundError):
                _unlink(path, folder)


def replace_file(root: Path, name: str, data: bytes) -> None:
    """Write the file `name` under `root`, over what is there if need be: never a half one, also when killed.

    A link that stays inside the root is followed, and the file behind it replaced. Raises NameRefused, FileExistsError
    where a folder has the name, and Absent where a file has the name of a folder that is needed.
    """
    new_parts_of(name)
    path = resolve(root, name)
    folder = path.parent.relative_to(os.path.realpath(root)).as_posix()
    with partial_in(root, "" if folder == "." else folder) as partial:
        partial.file.write(data)
        partial.replace(path.name)


def delete_file(root: Path, name: str) -> None:
    """Delete the file `name` under `root`; of a link the link itself. Raises NameRefused and Absent."""
    path = _unlinked(root, name)
    with _folder_of(root, path, create=False, name=name) as folder:
        try:
            _unlink(path, folder)
        except OSError as error:
            if path.is_dir():
                raise _translated(IsADirectoryError(errno.EISDIR, ""), name) from error
            raise _translated(error, name) from error


def move_file(root: Path, name: str, new_name: str, *, overwrite: bool) -> None:
    """Give the file `name` a new name under the same root, making the folders that needs.

    Raises FileExistsError where the new name is taken and not to be overwritten, NameRefused and Absent.
    """
    new_parts_of(new_name)
    open_to_read(root, name).close()  # a file, and one inside
    source, target = _unlinked(root, name), _unlinked(root, new_name)
    with (
        _folder_of(root, source, create=False, name=name) as above,
        _folder_of(root, target, create=True, name=new_name) as below,
    ):
        try:
            if not overwrite:
                _link(source, above, target, below)
                with suppress(FileNotFoundError):  # without hard links it has moved already
                    _unlink(source, above)
            elif source != target:
                os.replace(*_named(source, above, target, below), src_dir_fd=above, dst_dir_fd=below)
        except IsADirectoryError as error:
            raise FileExistsError(errno.EEXIST, "a folder has this name", new_name) from error
        except OSError as error:
            raise _translated(error, name) from error


def _unlinked(root: Path, name: str) -> Path:
    """The path of `name` with the links of its folders followed and proved to stay inside, but not the last one."""
    *folders, last = parts_of(name)
    return (resolve(root, "/".join(folders)) if folders else Path(os.path.realpath(root))) / last


def _named(source: Path, above: int | None, target: Path, below: int | None) -> tuple[Path | str, Path | str]:
    """Both as a call names them: below a handle by the last part, else by the whole path."""
    return (source if above is None else source.name), (target if below is None else target.name)


def _link(source: Path, above: int | None, target: Path, below: int | None) -> None:
    """Give a file a second name that was free; raises FileExistsError.

    Where the file system has no hard links, the name is taken by an empty file first and then replaced by a copy of the
    name, which moves the file: the one place where a kill can leave an empty file, and never a half one.
    """
    names = _named(source, above, target, below)
    try:
        os.link(*names, src_dir_fd=above, dst_dir_fd=below, follow_symlinks=False)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        os.close(os.open(names[1], os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_FOLLOW, 0o644, dir_fd=below))
        try:
            os.replace(*names, src_dir_fd=above, dst_dir_fd=below)
        except OSError:
            _unlink(target, below)
            raise


def _unlink(path: Path, folder: int | None) -> None:
    os.unlink(path if folder is None else path.name, dir_fd=folder)


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
