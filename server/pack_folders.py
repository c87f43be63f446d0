"""The folders that packs bring for editors, as workers name them, and only those that are where a pack's may be."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from storage.listing import is_plain


class WebFolders(Mapping[str, Path]):
    """By the pack's name. What workers say changes while the server runs, so it is asked each time.

    Workers run the code of packs, so they are not believed: a folder counts only if it lies inside the folder of that
    very pack below one of `custom_nodes`, or inside one of `packages`.
    """

    def __init__(
        self, told: Callable[[], Mapping[str, str]], custom_nodes: Sequence[Path], packages: Sequence[Path] = ()
    ) -> None:
        self._told = told
        self._custom_nodes = tuple(custom_nodes)
        self._packages = tuple(packages)

    def __getitem__(self, pack: str) -> Path:
        folder = self._judged(pack, self._told()[pack])
        if folder is None:
            raise KeyError(pack)
        return folder

    def __iter__(self) -> Iterator[str]:
        return (pack for pack, folder in self._told().items() if self._judged(pack, folder) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _judged(self, pack: str, folder: str) -> Path | None:
        """The folder, all links followed; None where it may not be served. The pack's own folder holds its sources, and
        perhaps its keys, so only folders inside it count."""
        if not is_plain(pack) or "/" in pack:
            return None
        own = (root / pack for root in self._custom_nodes)
        try:
            place = Path(folder).resolve(strict=True)
            roots = [root.resolve() for root in (*own, *self._packages)]
        except (OSError, RuntimeError, ValueError):
            return None
        return place if any(root in place.parents for root in roots) else None
