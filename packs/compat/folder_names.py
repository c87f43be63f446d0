"""Folders and the names in them as packs ask for them. Every name goes through the one guard of `storage.paths`."""

import mimetypes
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from packs.compat.context import Context
from packs.compat.refusing import NotGiven
from storage.errors import StorageError, shown
from storage.folders import CATEGORIES, KINDS, MODEL_ENDINGS, OTHER_NAMES, annotated, names_under
from storage.listing import entries_below
from storage.paths import parts_of, resolve
from storage.saving import SaveTarget, TokenValues, expanded

Places = tuple[list[str], set[str]]
"""The folders of a category, and the endings of its files; no endings stand for all files."""

BY_OPERATOR: Final = "The folders are chosen with the options of the program (--input, --output, --temp, --user)."


class FolderNames:
    """What packs know as `folder_paths`; `table` is theirs to extend."""

    def __init__(self, context: Context) -> None:
        self.folders = context.folders
        self.base = context.base
        self.endings: set[str] = set(MODEL_ENDINGS)
        self.table: dict[str, Places] = {
            name: ([str(root) for root in context.folders.model_roots(name)], set(MODEL_ENDINGS)) for name in CATEGORIES
        }
        self.table["configs"] = ([str(context.folders.models / "configs")], {".yaml"})
        self.table["custom_nodes"] = ([str(folder) for folder in context.packs], set())

    # Categories

    def map_legacy(self, folder_name: str) -> str:
        """The category that an older name stands for."""
        return folder_name if folder_name in self.table else OTHER_NAMES.get(folder_name, folder_name)

    def add_model_folder_path(self, folder_name: str, full_folder_path: str, is_default: bool = False) -> None:
        """Add a folder to a category, at the front where it is the default; a new category takes all files."""
        folders = self._places(folder_name, new=True)[0]
        full_folder_path = str(full_folder_path)
        if full_folder_path in folders:
            if not is_default or folders[0] == full_folder_path:
                return
            folders.remove(full_folder_path)
        folders.insert(0 if is_default else len(folders), full_folder_path)

    def get_folder_paths(self, folder_name: str) -> list[str]:
        """The folders of a category. Raises KeyError."""
        return list(self._places(folder_name)[0])

    def get_filename_list(self, folder_name: str) -> list[str]:
        """The names in all folders of a category, sorted; files in sub-folders are `sub/name`. Raises KeyError."""
        folders, endings = self._places(folder_name)
        found: set[str] = set()
        for folder in folders:
            found.update(_names(Path(folder), endings))
        return sorted(found)

    def get_full_path(self, folder_name: str, filename: str) -> str | None:
        """The path of a file of a category, None where there is none. Raises NameRefused for a name that leads out."""
        places = self.table.get(self.map_legacy(folder_name))
        for folder in places[0] if places else ():
            path = resolve(Path(folder), filename)
            if path.exists():
                return str(path)
        return None

    def get_full_path_or_raise(self, folder_name: str, filename: str) -> str:
        """The same, raising FileNotFoundError where there is none."""
        path = self.get_full_path(folder_name, filename)
        if path is None:
            raise FileNotFoundError(f"there is no file {shown(filename)} among the models of {folder_name!r}")
        return path

    def _places(self, name: str, *, new: bool = False) -> Places:
        known = self.map_legacy(name)
        if new:
            return self.table.setdefault(known, ([], set()))
        if known not in self.table:
            raise KeyError(
                f"there is no category {name!r} of models; add it with folder_paths.add_model_folder_path(name, path)"
            )
        return self.table[known]

    # Inputs, outputs, passing files

    def get_input_directory(self) -> str:
        """Where inputs lie."""
        return str(self.folders.input)

    def get_output_directory(self) -> str:
        """Where results are saved."""
        return str(self.folders.output)

    def get_temp_directory(self) -> str:
        """Where passing files lie."""
        return str(self.folders.temp)

    def get_user_directory(self) -> str:
        """Where the user's own files lie."""
        return str(self.folders.user)

    def get_directory_by_type(self, type_name: str) -> str | None:
        """The folder of `input`, `output` or `temp`, None for anything else."""
        return str(self.folders.root(type_name)) if type_name in KINDS else None

    def set_directory(self, directory: str) -> None:
        """Raises NotGiven."""
        raise NotGiven(BY_OPERATOR)

    def get_input_subfolders(self) -> list[str]:
        """The folders below that of inputs."""
        return sorted(
            Path(folder).relative_to(self.folders.input).as_posix()
            for folder, _, _ in os.walk(self.folders.input)
            if Path(folder) != self.folders.input
        )

    def annotated_filepath(self, name: str) -> tuple[str, str | None]:
        """`a.png [output]` as the name and its folder, None where the name does not say."""
        kind, plain = annotated(name)
        return (name, None) if plain == name else (plain, str(self.folders.root(kind)))

    def get_annotated_filepath(self, name: str, default_dir: str | None = None) -> str:
        """The path of `a.png [output]`; without a bracket it lies in `default_dir`, or among the inputs.

        The file need not exist. Raises NameRefused for a name that leads out.
        """
        plain, folder = self.annotated_filepath(name)
        return str(resolve(Path(folder or default_dir or self.folders.input), plain))

    def exists_annotated_filepath(self, name: str) -> bool:
        """Whether there is such a file."""
        try:
            return Path(self.get_annotated_filepath(name)).exists()
        except StorageError:
            return False

    def get_save_image_path(
        self, filename_prefix: str, output_dir: str, image_width: int = 0, image_height: int = 0
    ) -> tuple[str, str, int, str, str]:
        """Where a picture with this prefix goes: its folder, stem, next number, sub-folder, and the prefix read.

        The folder is made. Raises NameRefused for a prefix that leads out of `output_dir`.
        """
        text = expanded(filename_prefix, TokenValues(datetime.now(), image_width, image_height))
        subfolder, _, stem = text.rpartition("/")
        parts_of(f"{text}_00001_.png")
        root = Path(output_dir)
        folder = resolve(root, subfolder) if subfolder else root
        folder.mkdir(parents=True, exist_ok=True)
        counter = SaveTarget(root, "output", subfolder, stem).next_counter()
        return str(folder), stem, counter, subfolder, text

    # Lists of names

    def filter_files_extensions(self, files: Iterable[str], extensions: Iterable[str]) -> list[str]:
        """The names that end so, sorted; no endings stand for all."""
        wanted = set(extensions)
        return sorted(name for name in files if not wanted or Path(name).suffix.lower() in wanted)

    def filter_files_content_types(self, files: Sequence[str], content_types: Iterable[str]) -> list[str]:
        """The names that stand for files of these kinds: image, video, audio, model."""
        wanted = set(content_types)

        def kind(name: str) -> str:
            if Path(name).suffix.lower() in {".gltf", ".glb", ".obj", ".fbx", ".stl"}:
                return "model"
            return (mimetypes.guess_type(name)[0] or "").partition("/")[0]

        return [name for name in files if kind(name) in wanted]

    def recursive_search(
        self, directory: str, excluded_dir_names: Iterable[str] | None = None
    ) -> tuple[list[str], dict[str, float]]:
        """The files below a folder, and the times at which its folders were changed."""
        excluded = set(excluded_dir_names or ())
        names = [
            name for name, _ in entries_below(Path(directory), recurse=True)
            if not excluded.intersection(Path(name).parts[:-1])
        ]  # fmt: skip
        times: dict[str, float] = {}
        for folder in {Path(directory), *((Path(directory) / name).parent for name in names)}:
            with suppress(OSError):
                times[str(folder)] = folder.stat().st_mtime
        return names, times


class CacheHelper:
    """Within it, lists of names could be kept; they are read anew each time, which is quick."""

    active: bool = False

    def clear(self) -> None:
        """Nothing is kept."""

    def __enter__(self) -> "CacheHelper":
        """Enter."""
        return self

    def __exit__(self, *error: object) -> None:
        """Leave."""


def _names(root: Path, endings: set[str]) -> list[str]:
    if endings:
        return names_under(root, frozenset(each.lower() for each in endings), folder_models=endings >= MODEL_ENDINGS)
    return [name for name, _ in entries_below(root, recurse=True)]


def functions_of(names: FolderNames) -> dict[str, Callable[..., object]]:
    """The functions that packs call, by the names that they know."""
    public = [name for name in dir(FolderNames) if not name.startswith("_") and name != "set_directory"]
    found = {name: getattr(names, name) for name in public}
    for kind in (*KINDS, "user"):
        found[f"set_{kind}_directory"] = names.set_directory
    return found
