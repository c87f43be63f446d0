"""Pictures that somebody sends: kept only if they decode as pictures, and never over anything but a picture."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, cast

from PIL import Image

from storage.errors import NameRefused, PictureRefused, StorageError, shown
from storage.folders import PICTURE_ENDINGS, Folders, Kind
from storage.paths import Partial, new_parts_of, open_to_read, partial_in
from storage.picture_texts import read_picture_texts
from storage.pictures import STANDARD_LIMITS, Frame, Limits, facts, first_frame, png_bytes
from storage.saving import Saved

MOST_ATTEMPTS: Final = 1000
CHUNK_BYTES: Final = 2**18
ENDINGS: Final = {"JPEG": ".jpg", "MPO": ".jpg", "TIFF": ".tif"}


def store_upload(
    folders: Folders,
    kind: str,
    subfolder: str,
    filename: str,
    data: BinaryIO,
    *,
    overwrite: bool = False,
    limits: Limits = STANDARD_LIMITS,
) -> Saved:
    """Keep a picture that was sent, under its name or, where that is taken by other bytes, as `a (1).png`.

    The same bytes under the same name are kept once. overwrite: a picture of that name is replaced; anything else that
    has the name stays. A name without an ending gets that of the picture's format. Raises NameRefused, PictureRefused
    for what is no picture or not called like one, and OSError (a full disk).
    """
    root_kind, folder, last = _place(folders, kind, subfolder, filename)
    found = facts(data, limits)
    if not PurePosixPath(last).suffix:
        last += ENDINGS.get(found.format, f".{found.format.lower()}")
    if PurePosixPath(last).suffix.lower() not in PICTURE_ENDINGS:
        raise PictureRefused(
            f"a name that ends in one of {', '.join(sorted(PICTURE_ENDINGS))}", shown(last), "Rename the picture."
        )
    return _store(folders, root_kind, folder, last, data, overwrite)


def store_mask(
    folders: Folders,
    kind: str,
    subfolder: str,
    filename: str,
    data: BinaryIO,
    original: tuple[str, str],
    *,
    overwrite: bool = False,
    limits: Limits = STANDARD_LIMITS,
) -> Saved:
    """Put the alpha of a picture that was sent onto an original, and keep that as PNG with the original's texts.

    original: its kind and its name below that root. The name gets the ending `.png`; else it is as with `store_upload`.
    Raises Absent for the original too, and PictureRefused where the two differ in size.
    """
    root_kind, folder, last = _place(folders, kind, subfolder, filename)
    sent = first_frame(data, limits)
    with folders.open(*original) as file:
        below = first_frame(file, limits)
        texts = _texts_of(file)
    if (sent.width, sent.height) != (below.width, below.height):
        raise PictureRefused(
            f"a mask of the original's {below.width} × {below.height}",
            f"{sent.width} × {sent.height}",
            "Send the mask in the size of the picture.",
        )
    masked = io.BytesIO(png_bytes(below.width, below.height, 4, _with_alpha(below, sent), texts))
    name = str(PurePosixPath(last).with_suffix(".png")) if PurePosixPath(last).suffix else f"{last}.png"
    return _store(folders, root_kind, folder, name, masked, overwrite)


def _place(folders: Folders, kind: str, subfolder: str, filename: str) -> tuple[Kind, str, str]:
    """Kind, folder below its root, and last part of the name; all judged as text."""
    folders.root(kind)
    if not filename:
        raise NameRefused("the name of a file", "none", "Send the picture with a file name.")
    *above, last = new_parts_of(f"{subfolder}/{filename}" if subfolder else filename)
    return cast(Kind, kind), "/".join(above), last


def _texts_of(file: BinaryIO) -> dict[str, str]:
    try:
        return dict(read_picture_texts(file).texts)
    except PictureRefused:
        return {}  # of another format, or broken behind its pixels: it has no texts to keep


def _with_alpha(below: Frame, sent: Frame) -> bytes:
    image = Image.frombytes("RGB", (below.width, below.height), below.rgb)
    image.putalpha(Image.frombytes("L", image.size, sent.alpha) if sent.alpha is not None else 255)
    return image.tobytes()


def _store(folders: Folders, kind: Kind, folder: str, last: str, data: BinaryIO, overwrite: bool) -> Saved:
    root = folders.root(kind)
    data.seek(0)
    with partial_in(root, folder) as partial:
        shutil.copyfileobj(data, partial.file, CHUNK_BYTES)
        for name in _numbered(last):
            if _published(partial, name) or _same_or_replaced(root, folder, name, partial, data, overwrite):
                return Saved(name, folder, kind, root / folder / name)
    raise StorageError("a free name", f"{MOST_ATTEMPTS} taken ones like {shown(last)}", "Choose another name.")


def _numbered(last: str) -> Iterator[str]:
    yield last
    path = PurePosixPath(last)
    for number in range(1, MOST_ATTEMPTS):
        yield f"{path.stem} ({number}){path.suffix}"


def _published(partial: Partial, name: str) -> bool:
    try:
        partial.publish(name)
    except FileExistsError:
        return False
    return True


def _same_or_replaced(root: Path, folder: str, name: str, partial: Partial, data: BinaryIO, overwrite: bool) -> bool:
    """Whether the name has the bytes that were sent: had them already, or has them now in a picture's place."""
    try:
        with open_to_read(root, f"{folder}/{name}" if folder else name) as file:
            if _same(file, data):
                return True
            if overwrite:
                facts(file)
    except StorageError:
        return False  # no file, one outside, or no picture: it stays as it is
    if overwrite:
        partial.replace(name)
    return overwrite


def _same(one: BinaryIO, other: BinaryIO) -> bool:
    if one.seek(0, io.SEEK_END) != other.seek(0, io.SEEK_END):
        return False
    one.seek(0)
    other.seek(0)
    while chunk := one.read(CHUNK_BYTES):
        if chunk != other.read(CHUNK_BYTES):
            return False
    return True
