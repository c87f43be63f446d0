"""Judges the editor's sources: types, style with import cycles, unit tests, and the size of what a browser loads first.

`python -m tools.check_editor` builds the editor first where its sources have changed, and ends with 1 where anything
is wrong.
"""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from tools import bundle_budget
from tools.build_editor import HERE, BuildFailed, build, install_packages
from tools.node import Node, NoNode, find_node

CHECKS: Final[Mapping[str, tuple[str, ...]]] = {
    "types": ("typescript/bin/tsc", "--noEmit"),
    "style": ("@biomejs/biome/bin/biome", "check", "--error-on-warnings", "--log-level=warn", "."),
    "unit tests": ("vitest/vitest.mjs", "run", "--reporter=dot"),
}


def failing(node: Node, name: str, words: Sequence[str]) -> bool:
    """Run one of the checks; its words go to the terminal. Whether it found something wrong."""
    program = HERE.editor / "node_modules" / words[0]
    command = [str(node.program), str(program), *words[1:]]
    code = subprocess.run(command, check=False, cwd=HERE.editor, env=node.environment()).returncode
    if code != 0:
        print(f"The editor's {name}: see above.", file=sys.stderr)
    return code != 0


def main() -> int:
    """Every check, also after one has failed."""
    try:
        node = find_node()
        install_packages(node, HERE.editor)
        wrong = [name for name, words in CHECKS.items() if failing(node, name, words)]
        build(HERE)
    except (BuildFailed, NoNode) as error:
        print(f"The editor cannot be checked: {error}", file=sys.stderr)
        return 1
    return 1 if bundle_budget.main(["--quiet"]) != 0 or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
