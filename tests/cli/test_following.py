"""`serve --dev` sees that packs have changed and has them read anew, once for all that is saved together."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import cast

from cli.following import follow_packs
from cli.pack_options import package_folders
from runs.desk import Desk

PATIENCE = 60.0


class Listening:
    """A desk that only counts how often it is asked to read packs anew."""

    def __init__(self) -> None:
        self.asked = 0

    async def reload_packs(self) -> bool:
        self.asked += 1
        return True


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.01)


async def test_a_saved_file_has_packs_read_anew_and_nothing_else_does(tmp_path: Path) -> None:
    (tmp_path / "toy").mkdir()
    source = tmp_path / "toy" / "__init__.py"
    source.write_text("one = 1")
    desk = Listening()
    following = asyncio.create_task(follow_packs([tmp_path], cast(Desk, desk), 0.02))
    try:
        await asyncio.sleep(0.1)
        (tmp_path / "toy" / "notes.txt").write_text("no source")
        await asyncio.sleep(0.2)  # many looks
        assert desk.asked == 0
        for number in range(3):
            source.write_text(f"more = {number}")
            await until(lambda number=number: desk.asked == number + 1)
        source.unlink()
        await until(lambda: desk.asked == 4)
    finally:
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following


def test_folders_of_installed_packages_are_found_without_importing_them() -> None:
    assert all(folder.is_dir() for folder in package_folders())
