"""Every file of the corpus becomes the API form judged by hand beside it, by the rules that its comment names."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from graph.formats.editor_json import is_editor_format, to_api
from graph.formats.kinds import NodeTable
from graph.formats.words import Notice

CORPUS = Path(__file__).parent / "corpus"
NAMES = sorted(path.stem for path in CORPUS.glob("[0-9]*.json") if not path.stem.endswith(".api"))
NOW = datetime(2026, 11, 21, 9, 5, 7)
"""The time at which the golden files were written."""


def read(name: str) -> Any:
    return json.loads((CORPUS / f"{name}.json").read_text(encoding="utf-8"))


def converted(data: object, notices: list[Notice] | None = None) -> dict[str, Any]:
    told: list[Notice] = [] if notices is None else notices
    table = NodeTable.from_object_info(read("object_info"))
    return to_api(data, table, random=lambda: 0.0, now=NOW, hear=told.append)


def test_there_are_many_files_and_each_says_what_it_is_for() -> None:
    assert len(NAMES) >= 30
    assert all(len(read(name)["extra"]["comment"]) > 20 for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_becomes_what_was_judged_by_hand(name: str) -> None:
    data = read(name)
    assert is_editor_format(data)
    assert converted(data) == read(f"{name}.api")


@pytest.mark.parametrize("name", NAMES)
def test_whole_numbers_stay_exact(name: str) -> None:
    assert json.dumps(converted(read(name)), sort_keys=True).replace(".0", "") == json.dumps(
        read(f"{name}.api"), sort_keys=True
    ).replace(".0", "")


def test_only_unknown_nodes_are_told_of_by_name_and_place() -> None:
    for name in NAMES:
        notices: list[Notice] = []
        converted(read(name), notices)
        expected = {"28_unknown_nodes": ["seven", "8"], "30_renamed": ["1", "2"]}.get(name, [])
        assert [each.node for each in notices] == expected
    notices = []
    converted(read("28_unknown_nodes"), notices)
    assert "'Mystery (pack)'" in notices[0].message
    assert "2 in a row" in notices[0].message
    assert "--nodes" in notices[0].remedy
