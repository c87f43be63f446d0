"""Where models, inputs and outputs lie: names become paths here and nowhere else, behind one guard."""

from storage.digests import Digests
from storage.errors import Absent, NameRefused, PictureRefused, StorageError
from storage.folders import Folders, Kind
from storage.saving import Saved, SaveTarget

__all__ = [
    "Absent",
    "Digests",
    "Folders",
    "Kind",
    "NameRefused",
    "PictureRefused",
    "SaveTarget",
    "Saved",
    "StorageError",
]
