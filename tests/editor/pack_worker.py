"""A worker without a model library whose nodes are a pack's, with widgets that only extensions know.

`python tests/editor/pack_worker.py` speaks the words of `runs.words` on its standard streams.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from graph.cache import Cache
from graph.interface import Input, Node
from graph.registry import Registry
from graph.results import Shown
from tests.runs.toy_worker import toy_device

CURVE: Final = (0.0, 0.25, 0.5, 0.75, 1.0)


def shown(inputs: Mapping[str, object], run: object) -> Shown:
    """All inputs as text, by name."""
    return Shown(ui={"text": [f"{name}={inputs[name]}" for name in sorted(inputs)]})


CURVE_SHOW: Final = Node(
    "CurveShow",
    inputs=(
        Input("curve", "CURVE", literals=True, options={"default": list(CURVE)}),
        Input("amount", "FLOAT", default=1.0, minimum=0.0, maximum=10.0),
    ),
    outputs=(),
    call=shown,
    display_name="Curve",
    description="The short description of a curve.",
    category="packs",
    module="custom_nodes.curve_pack",
    terminal=True,
)
BROKEN_SHOW: Final = Node(
    "BrokenShow",
    inputs=(Input("thing", "BROKEN", literals=True, options={"default": "whole"}),),
    outputs=(),
    call=shown,
    display_name="Broken",
    description="The only description there is.",
    category="packs",
    module="custom_nodes.broken_pack",
    terminal=True,
)


def main() -> None:
    """Work until the line ends."""
    from runs.worker import Workshop, standard_streams, work

    incoming, outgoing = standard_streams()
    workshop = Workshop(
        registry=Registry([CURVE_SHOW, BROKEN_SHOW]),
        catalogues={},
        cache=Cache(0),
        services={},
        device=toy_device,
        versions={"toy": "1"},
        devices=0,
        empty_device_cache=lambda: None,
    )
    work(workshop, incoming, outgoing)


if __name__ == "__main__":
    main()
