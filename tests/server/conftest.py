"""What the tests of the server share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.server.small_server import Client, small_server, with_token


@pytest.fixture
async def open_client(tmp_path: Path) -> AsyncIterator[Client]:
    """A client of a server without a token."""
    async with small_server(tmp_path) as client:
        yield client


@pytest.fixture
async def guarded_client(tmp_path: Path) -> AsyncIterator[Client]:
    """A client of a server that asks for the token, which this client does not send by itself."""
    async with small_server(tmp_path, with_token()) as client:
        yield client
