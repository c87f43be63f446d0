"""Lists of names that inputs choose from, read from the folders when they are asked for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import overload

from storage.errors import StorageError
from storage.folders import CATEGORIES, Folders, Kind

LATENT_ENDINGS = frozenset({".latent"})


@dataclass(frozen=True)
class FileNames(Sequence[str]):
    """Names of files in a folder. `a.png [output]` counts as one of them where such a file is, without being listed."""

    folders: Folders
    kind: Kind
    names: tuple[str, ...]

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        if name in self.names:
            return True
        try:
            self.folders.resolve_annotated(name, self.kind)
        except StorageError:
            return False
        return True

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...
    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        return self.names[index]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def catalogues(folders: Folders) -> Mapping[str, Callable[[], Sequence[str]]]:
    """Every catalogue that a built-in node names: one a model category, and the files of the other folders."""
    models = {category: partial(folders.model_names, category) for category in CATEGORIES}
    files: Mapping[str, Callable[[], Sequence[str]]] = {
        "input_images": lambda: FileNames(folders, "input", folders.picture_names("input")),
        "output_images": lambda: FileNames(folders, "output", folders.picture_names("output")),
        "input_latents": lambda: FileNames(folders, "input", folders.input_names(LATENT_ENDINGS)),
    }
    return {**models, **files}
