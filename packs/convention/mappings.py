"""What the module of a pack says of itself in both conventions: its mappings, and its folder for the editor."""

from pathlib import Path
from types import ModuleType
from typing import Final

from packs.finding import FoundPack

MAPPINGS: Final = "NODE_CLASS_MAPPINGS"
NAMES: Final = "NODE_DISPLAY_NAME_MAPPINGS"
WEB: Final = "WEB_DIRECTORY"


def told(error: BaseException) -> str:
    """An error in one sentence."""
    name = type(error).__name__
    text = str(error).strip().rstrip(".")
    if not text:
        return f"{name}."
    return f"{text}." if name in ("SpecError", "SchemaError", "NotOffered") else f"{name}: {text}."


def web_folder(module: ModuleType, pack: FoundPack) -> Path | None:
    """The folder that WEB_DIRECTORY names, inside the pack; None where there is none."""
    said = getattr(module, WEB, None)
    if not isinstance(said, str) or pack.path is None or not pack.path.is_dir():
        return None
    folder = (pack.path / said).resolve()
    return folder if folder.is_dir() and folder.is_relative_to(pack.path.resolve()) else None
