"""The folders of an installation: models by category, inputs, outputs, passing files and the user's own."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Literal, get_args

from storage.errors import Absent, NameRefused, shown
from storage.paths import open_to_read, resolve

Kind = Literal["input", "output", "temp"]
KINDS: tuple[str, ...] = get_args(Kind)

# Category -> the sub-folders of `models` that hold it, the preferred one first.
CATEGORIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "checkpoints": ("checkpoints",),
        "classifiers": ("classifiers",),
        "clip_vision": ("clip_vision",),
        "clipseg": ("clipseg",),
        "controlnet": ("controlnet", "t2i_adapter"),
        "depth": ("depth",),
        "diffusers": ("diffusers",),
        "diffusion_models": ("diffusion_models", "unet"),
        "embeddings": ("embeddings",),
        "gligen": ("gligen",),
        "hypernetworks": ("hypernetworks",),
        "loras": ("loras",),
        "photomaker": ("photomaker",),
        "safety_checker": ("safety_checker",),
        "style_models": ("style_models",),
        "text_encoders": ("text_encoders", "clip"),
        "upscale_models": ("upscale_models",),
        "vae": ("vae",),
        "vae_approx": ("vae_approx",),
    }
)

# Names by which other programs and older workflows call a category.
OTHER_NAMES: Mapping[str, str] = MappingProxyType({"clip": "text_encoders", "unet": "diffusion_models"})

MODEL_ENDINGS = frozenset({".safetensors", ".sft", ".ckpt", ".pt", ".pth", ".bin"})
PICTURE_ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"})

# A folder with one of these files is itself one model, in the layout of a published pipeline.
FOLDER_MODEL_SIGNS = ("model_index.json", "config.json")

ANNOTATION = re.compile(r"^(?P<name>.*\S)\s*\[(?P<kind>input|output|temp)\]$", re.DOTALL)


@dataclass(frozen=True)
class Folders:
    """Roots of everything read and written. `further_models` adds roots to a category, searched after the own one."""

    models: Path
    input: Path
    output: Path
    temp: Path
    user: Path
    further_models: Mapping[str, tuple[Path, ...]] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def under(cls, base: Path, further_models: Mapping[str, tuple[Path, ...]] | None = None) -> "Folders":
        """The usual five folders below one base."""
        return cls(base / "models", base / "input", base / "output", base / "temp", base / "user", further_models or {})

    def root(self, kind: str) -> Path:
        """The root of `input`, `output` or `temp`; no other kind can be named from outside."""
        match kind:
            case "input":
                return self.input
            case "output":
                return self.output
            case "temp":
                return self.temp
            case _:
                raise NameRefused(f"one of {', '.join(KINDS)}", shown(kind), "Name one of these folders.")

    def resolve(self, kind: str, name: str) -> Path:
        """The path of an existing file under the root of `kind`. Raises NameRefused and Absent."""
        path = resolve(self.root(kind), name)
        if not path.is_file():
            raise _absent(name, f"the {kind} folder")
        return path

    def open(self, kind: str, name: str) -> BinaryIO:
        """Open a file under the root of `kind` for reading, following no link. Raises NameRefused and Absent."""
        return open_to_read(self.root(kind), name)

    def open_annotated(self, name: str, kind: Kind = "input") -> BinaryIO:
        """Open what `a.png [output]` names; without a bracket the file lies in `kind`."""
        real_kind, real_name = annotated(name, kind)
        return self.open(real_kind, real_name)

    def resolve_annotated(self, name: str, kind: Kind = "input") -> Path:
        """The path of what `a.png [output]` names; without a bracket the file lies in `kind`."""
        real_kind, real_name = annotated(name, kind)
        return self.resolve(real_kind, real_name)

    def model_roots(self, category: str) -> tuple[Path, ...]:
        """Every folder that may hold models of a category, the first to be searched first."""
        known = OTHER_NAMES.get(category, category)
        if known not in CATEGORIES:
            raise NameRefused(f"a model category ({', '.join(CATEGORIES)})", shown(category), "Name one of these.")
        own = tuple(self.models / folder for folder in CATEGORIES[known])
        return own + tuple(self.further_models.get(known, ()))

    def model_names(self, category: str) -> tuple[str, ...]:
        """Names of the models of a category, from all its roots, sorted; what lies in a sub-folder is `sub/name`."""
        found: set[str] = set()
        for root in self.model_roots(category):
            found.update(names_under(root, MODEL_ENDINGS, folder_models=True))
        return tuple(sorted(found))

    def model_path(self, category: str, name: str) -> Path:
        """The file (or the folder of a pipeline layout) of a model. Raises NameRefused and Absent."""
        for root in self.model_roots(category):
            path = resolve(root, name)
            if _is_model(path):
                return path
        raise _absent(name, f"models/{CATEGORIES[OTHER_NAMES.get(category, category)][0]}")

    def picture_names(self, kind: Kind = "input") -> tuple[str, ...]:
        """Names of the pictures in a folder, sorted."""
        return tuple(names_under(self.root(kind), PICTURE_ENDINGS))

    def input_names(self, endings: frozenset[str] = PICTURE_ENDINGS) -> tuple[str, ...]:
        """Names of the files in the input folder that end as asked (pictures by default), sorted."""
        return tuple(names_under(self.input, endings))


def annotated(name: str, kind: Kind = "input") -> tuple[Kind, str]:
    """Split `a.png [output]` into ("output", "a.png"); a name without a bracket is of the kind given."""
    if found := ANNOTATION.match(name):
        return found["kind"], found["name"]  # type: ignore[return-value]  # the pattern allows the three kinds only
    return kind, name


def names_under(root: Path, endings: frozenset[str], *, folder_models: bool = False) -> list[str]:
    """Names of the files below a root with one of the endings, sorted, hidden ones and linked folders skipped.

    With `folder_models`, a sub-folder that holds a whole model counts as one name and is not entered. Files the guard
    would refuse are not listed. A missing root holds nothing.
    """
    return sorted(name for name in _walk(root, endings, folder_models) if _acceptable(root, name))


def _walk(root: Path, endings: frozenset[str], folder_models: bool) -> Iterator[str]:
    for folder, below, files in os.walk(root):
        prefix = Path(folder).relative_to(root).as_posix()
        prefix = "" if prefix == "." else prefix + "/"
        if folder_models and prefix and any(sign in files for sign in FOLDER_MODEL_SIGNS):
            yield prefix.rstrip("/")
            below.clear()
            continue
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in files:
            if not name.startswith(".") and Path(name).suffix.lower() in endings:
                yield prefix + name


def _acceptable(root: Path, name: str) -> bool:
    try:
        return resolve(root, name).exists()
    except NameRefused:
        return False


def _is_model(path: Path) -> bool:
    if path.is_dir():
        return any((path / sign).is_file() for sign in FOLDER_MODEL_SIGNS)
    return path.is_file() and path.suffix.lower() in MODEL_ENDINGS


def _absent(name: str, where: str) -> Absent:
    return Absent(
        f"a file in {where}", f"none named {shown(name)}", f"Put the file into {where} or choose one that is listed."
    )
