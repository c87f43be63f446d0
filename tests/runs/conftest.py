"""Desks for the tests of this folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runs.desk import Desk
from tests.runs.toy_desk import OpenDesk, opened


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened(tmp_path) as one:
        yield one


@pytest.fixture
def open_desk() -> OpenDesk:
    return opened
