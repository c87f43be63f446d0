"""Which files of a folder are listed, in which order, and which of them a search finds."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from server.served_files import SHOWN, TEXTS
from server.v1_exchange import view_url
from server.v1_listing_models import FileKind, FileList, FileQuery, FileView
from storage.catalogues import LATENT_ENDINGS
from storage.folders import PICTURE_ENDINGS
from storage.listing import ListedFile, files_below
from storage.picture_words import PictureWords

ENDINGS: Final = PICTURE_ENDINGS | LATENT_ENDINGS | frozenset(SHOWN) | frozenset(TEXTS)
"""Files that workflows load and save; nothing else is listed."""

WORD: Final = re.compile(r'"([^"]+)"|(\S+)')

ORDERS: Final[Mapping[str, Callable[[ListedFile], Any]]] = MappingProxyType(
    {
        "newest": lambda file: (-file.mtime_ns, file.name),
        "oldest": lambda file: (file.mtime_ns, file.name),
        "name": lambda file: (file.name.casefold(), file.name),
    }
)


def list_of_files(root: Path, kind: FileKind, query: FileQuery, words: PictureWords) -> FileList:
    """The page that is asked for of the files below a root. Reads folders, and for a search pictures."""
    found: Sequence[ListedFile] = files_below(root, PICTURE_ENDINGS if query.media == "image" else ENDINGS)
    found = sorted(found, key=ORDERS[query.order])
    unread = 0
    if wanted := words_of(query.search):
        found, unread = words.search(root, found, wanted)
    page = [file_view(file, kind) for file in found[query.offset : query.offset + query.limit]]
    return FileList(kind=kind, files=page, total=len(found), offset=query.offset, limit=query.limit, unread=unread)


def words_of(search: str) -> tuple[str, ...]:
    """What a search is for: words, and phrases in quotes, without regard to case."""
    return tuple(phrase or word for phrase, word in WORD.findall(search.casefold()))


def file_view(file: ListedFile, kind: FileKind) -> FileView:
    """A file as it is told, with its address."""
    subfolder, _, filename = file.name.rpartition("/")
    url = view_url(filename, subfolder, kind)
    return FileView(name=file.name, size=file.size, modified=file.mtime_ns / 1e9, url=url)
