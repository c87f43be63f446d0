"""The worked examples of CONTRIBUTING.md work: their modules are loaded, their tests are run."""

import inspect
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```python\n# (?P<path>\S+\.py)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = {
    found["path"]: found["code"] for found in BLOCK.finditer((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
}


def load(path: str) -> ModuleType:
    """The example as a module of its name."""
    module = ModuleType(path.removesuffix(".py").replace("/", "."))
    exec(compile(EXAMPLES[path], path, "exec"), module.__dict__)
    return module


def test_there_is_an_example_with_a_test_for_each_task() -> None:
    assert len([path for path in EXAMPLES if path.startswith("tests/")]) == 4
    assert len(EXAMPLES) == 8
    assert not [path for path in EXAMPLES if (ROOT / path).exists()]


@pytest.mark.parametrize("path", [path for path in EXAMPLES if path.startswith("tests/")])
def test_an_example_passes_its_test(path: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    for other in EXAMPLES:
        if not other.startswith("tests/"):
            module = load(other)
            monkeypatch.setitem(sys.modules, module.__name__, module)
    tests = {name: value for name, value in vars(load(path)).items() if name.startswith("test_")}
    assert tests
    for function in tests.values():
        function(**{name: request.getfixturevalue(name) for name in inspect.signature(function).parameters})
