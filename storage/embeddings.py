"""The embeddings (textual inversions) of an installation: as prompts name them, and how many vectors each has."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import cast

from storage.errors import StorageError
from storage.folders import MODEL_ENDINGS, Folders
from storage.model_files import SAFETENSORS_ENDINGS, open_model, read_header


@dataclass(frozen=True, slots=True)
class Embedding:
    """An embedding. name: the file's without its ending. vectors: how many tokens it stands for; None where the file
    does not tell without being run or loaded."""

    name: str
    vectors: int | None


def embeddings(folders: Folders) -> tuple[Embedding, ...]:
    """The embeddings from all their roots, sorted by name; of two files of one name the first."""
    found: dict[str, Embedding] = {}
    for file in folders.model_names("embeddings"):
        name = prompt_name(file)
        if name not in found:
            found[name] = Embedding(name, _vectors(folders, file))
    return tuple(found.values())


def prompt_name(file: str) -> str:
    """An embedding as prompts name it: its file without the ending."""
    path = PurePosixPath(file)
    return str(path.with_suffix("")) if path.suffix.lower() in MODEL_ENDINGS else file


def _vectors(folders: Folders, file: str) -> int | None:
    """Rows of the matrices in a safetensors file, where all have the same number of them."""
    if PurePosixPath(file).suffix.lower() not in SAFETENSORS_ENDINGS:
        return None
    header = None
    with suppress(StorageError, OSError), open_model(folders, "embeddings", file) as opened:
        header = read_header(opened)
    rows = {_rows(entry) for name, entry in (header or {}).items() if name != "__metadata__"}
    return rows.pop() if len(rows) == 1 else None


def _rows(entry: object) -> int | None:
    shape = cast(dict[str, object], entry).get("shape") if isinstance(entry, dict) else None
    match shape:
        case [int(rows), int()] if rows >= 0:
            return rows
        case [int()]:
            return 1  # a single vector
        case _:
            return None
