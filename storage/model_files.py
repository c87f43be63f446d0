"""What model files say of themselves, and the pictures beside them, read without loading a model."""

import json
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, Final, cast

from storage.errors import Absent, StorageError, shown
from storage.folders import MODEL_ENDINGS, Folders, names_under
from storage.paths import open_to_read, resolve

SAFETENSORS_ENDINGS: Final = frozenset({".safetensors", ".sft"})
MOST_HEADER_BYTES: Final = 2**24
PREVIEW_ENDINGS: Final = (".png", ".jpg", ".jpeg", ".webp")


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model: its name, the place of its root among those of its category, bytes (0 for a folder), and times in
    seconds since 1970."""

    name: str
    root: int
    size: int
    modified: float
    created: float


def model_files(folders: Folders, category: str) -> tuple[ModelFile, ...]:
    """The models of a category from all its roots, sorted by root and name. Raises NameRefused."""
    found: list[ModelFile] = []
    for index, root in enumerate(folders.model_roots(category)):
        for name in names_under(root, MODEL_ENDINGS, folder_models=True):
            with suppress(StorageError, OSError):  # it may vanish meanwhile
                path = resolve(root, name)
                status = path.stat()
                size = 0 if path.is_dir() else status.st_size
                found.append(ModelFile(name, index, size, status.st_mtime, status.st_ctime))
    return tuple(found)


def model_metadata(folders: Folders, category: str, name: str) -> Mapping[str, str]:
    """The texts in the header of a safetensors file. Raises NameRefused, and Absent where there are none."""
    if PurePosixPath(name).suffix.lower() not in SAFETENSORS_ENDINGS:
        raise Absent("a .safetensors file", shown(name), "Files of other kinds carry no such texts.")
    with open_model(folders, category, name) as file:
        metadata = read_metadata(file)
    if metadata is None:
        raise Absent("a sound .safetensors file with metadata", shown(name), "It has none, or is damaged.")
    return metadata


def open_model_picture(folders: Folders, category: str, root: int, name: str) -> BinaryIO:
    """Open the picture that lies beside a model: `a.png` beside `a.safetensors`. Raises NameRefused and Absent."""
    roots = folders.model_roots(category)
    model = PurePosixPath(name)
    if root in range(len(roots)) and model.suffix.lower() in MODEL_ENDINGS:
        open_to_read(roots[root], name).close()
        for ending in PREVIEW_ENDINGS:
            with suppress(Absent):
                return open_to_read(roots[root], str(model.with_suffix(ending)))
    raise Absent("a picture beside the model", f"none for {shown(name)}", "Put one of the same name beside it.")


def read_metadata(file: BinaryIO) -> Mapping[str, str] | None:
    """`__metadata__` of a safetensors file; None where there is none, or a header that is no sound one.

    The header is held for hostile: only texts are handed on.
    """
    metadata = (read_header(file) or {}).get("__metadata__")
    if not isinstance(metadata, dict):
        return None
    texts = cast(dict[str, object], metadata)
    return {key: value for key, value in texts.items() if isinstance(value, str)}


def read_header(file: BinaryIO) -> Mapping[str, object] | None:
    """The header of a safetensors file, its length judged before it is read; None where it is no sound one."""
    head = file.read(8)
    if len(head) < 8:
        return None
    (length,) = struct.unpack("<Q", head)
    if length > MOST_HEADER_BYTES:
        return None
    try:
        header: object = json.loads(file.read(length))
    except (ValueError, RecursionError):
        return None
    return cast(dict[str, object], header) if isinstance(header, dict) else None


def open_model(folders: Folders, category: str, name: str) -> BinaryIO:
    """Open a model's file for reading, following no link. Raises NameRefused and Absent."""
    for root in folders.model_roots(category):
        with suppress(Absent):
            return open_to_read(root, name)
    raise Absent("a model of this name", shown(name), "Choose one of the names that are listed.")
