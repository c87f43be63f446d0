"""What the routes find in the application, by typed keys."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from aiohttp import web

from graph.describe import Catalogues
from runs.desk import Desk
from server.log_lines import LogLines
from server.settings import Settings
from storage import Folders
from storage.picture_words import PictureWords
from storage.user_files import UserFiles

DESK: Final = web.AppKey("desk", Desk)
FOLDERS: Final = web.AppKey("folders", Folders)
CATALOGUES: Final[web.AppKey[Catalogues]] = web.AppKey("catalogues", dict)
SETTINGS: Final = web.AppKey("settings", Settings)
USER_FILES: Final = web.AppKey("user_files", UserFiles)
STREAMS: Final[web.AppKey[set[web.StreamResponse]]] = web.AppKey("streams", set)
"""The event streams that are open."""
EXTENSIONS: Final[web.AppKey[Mapping[str, Path]]] = web.AppKey("extensions", dict)
"""The web folders that packs bring for editors, by the pack's name; it follows what workers say."""
LOG_LINES: Final = web.AppKey("log_lines", LogLines)
PICTURE_WORDS: Final = web.AppKey("picture_words", PictureWords)
"""What pictures say of how they were made, for those who search in it."""
