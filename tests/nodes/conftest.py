"""What tests of nodes share: folders of their own, and a handle to call nodes by hand."""

from pathlib import Path

import pytest

from graph.handle import Run, RunContext
from graph.workflow import from_api
from storage import Digests, Folders

WORKFLOW = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 0}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
}


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders.under(tmp_path)


@pytest.fixture
def services(folders: Folders) -> dict[type, object]:
    return {Folders: folders, Digests: Digests.in_user_folder(folders.user)}


@pytest.fixture
def run(services: dict[type, object]) -> Run:
    """A handle outside any run."""
    return Run.detached(
        "2", RunContext(workflow=from_api(WORKFLOW), extra={"workflow": {"nodes": []}}, services=services)
    )
