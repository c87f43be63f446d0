"""Writes a pack to begin with: a node, what the pack says of itself, and a test."""

import re
from pathlib import Path
from typing import Final

from cli.refusal import Refused

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,49}")

FILES: Final = {
    "__init__.py": '''"""Nodes of the pack {name}."""

from typing import Annotated

from graph.marks import Range
from graph.spec import node
from nodes.sockets import Image


@node("{camel}Brightness", category="{name}", display_name="Brightness ({name})")
def brightness(image: Image, factor: Annotated[float, Range(0.0, 4.0, step=0.05)] = 1.2) -> Image:
    """Make a picture brighter or darker.

    image: the picture.
    factor: 1 leaves it as it is, 0 makes it black.
    """
    return (image * factor).clamp(0, 1)
''',
    "pack.toml": """[pack]
name = "{name}"
version = "0.1.0"
licence = "Apache-2.0"
description = "What this pack is for."
requirements = []
""",
    "tests/test_{name}.py": '''"""The nodes of the pack {name} do what they say."""

import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from {name} import brightness  # noqa: E402


def test_a_factor_of_one_leaves_a_picture_as_it_is() -> None:
    image = torch.rand(1, 4, 4, 3)
    assert torch.equal(brightness(image, 1.0), image)


def test_a_picture_never_gets_brighter_than_white() -> None:
    assert brightness(torch.ones(1, 4, 4, 3), 4.0).max() == 1
''',
}


def write(name: str | None, folder: Path) -> Path:
    """Write the pack `name` into a folder of packs, and give its path. Raises Refused; writes over nothing."""
    if name is None or not NAME.fullmatch(name):
        found = "none" if name is None else repr(name)
        raise Refused(
            "bad_pack_name",
            f"a pack has a name of small letters, digits and _ that begins with a letter; found {found}.",
            "main.py nodes new my_pack",
        )
    pack = folder / name
    camel = "".join(part.capitalize() for part in name.split("_"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pack.mkdir()
        for file, text in FILES.items():
            path = pack / file.replace("{name}", name)
            path.parent.mkdir(exist_ok=True)
            path.write_text(text.replace("{name}", name).replace("{camel}", camel), encoding="utf-8")
    except FileExistsError:
        raise Refused("pack_exists", f"{pack} is there already.", "Choose another name.") from None
    except OSError as error:
        raise Refused("unwritable", f"{pack} cannot be written: {error.strerror or error}.", "") from None
    return pack
