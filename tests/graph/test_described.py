"""A node told as data and read back is listed and checked like the node itself."""

import json

import pytest

from graph.check import check
from graph.describe import object_info
from graph.described import description, read_descriptions
from graph.problems import problem_from_json, problem_to_json
from graph.workflow import from_api
from nodes import registry
from storage import Folders
from storage.catalogues import catalogues

FOLDERS = Folders.under(__import__("pathlib").Path("/nowhere"))
REAL = registry()
READ = read_descriptions(json.loads(json.dumps([description(node) for node in REAL])))


@pytest.mark.parametrize("node", list(REAL), ids=lambda node: node.id)
def test_a_node_read_back_from_json_has_the_same_object_info(node) -> None:
    read = READ.registry.get(node.id)
    assert read is not None
    assert object_info(read, catalogues(FOLDERS)) == object_info(node, catalogues(FOLDERS))


def test_a_node_read_back_finds_the_same_problems() -> None:
    workflow = from_api(
        {
            "1": {
                "class_type": "KSampler",
                "inputs": {"steps": 0, "cfg": "much", "sampler_name": "zzz", "model": ["2", 7]},
            },
            "2": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64}},
            "3": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
        }
    )
    found = check(workflow, READ.registry, catalogues(FOLDERS))
    assert [problem_to_json(each) for each in found] == [
        problem_to_json(each) for each in check(workflow, REAL, catalogues(FOLDERS))
    ]
    assert len(found) > 5


def test_a_problem_survives_json() -> None:
    workflow = from_api({"1": {"class_type": "PreviewImage", "inputs": {}}})
    for problem in check(workflow, REAL, catalogues(FOLDERS)):
        told = json.loads(json.dumps(problem_to_json(problem)))
        assert problem_to_json(problem_from_json(told)) == told


def test_only_nodes_whose_code_validates_are_asked() -> None:
    assert "SaveImage" in READ.asks
    assert "KSampler" not in READ.asks
