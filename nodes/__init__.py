"""The built-in nodes: thin typed functions over `diffusion/`, one file per category.

Importing this package is light; `registry()` loads the nodes, and with them the model library.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from graph.registry import Registry

BUILTIN: Final = (
    "loading",
    "conditioning",
    "latent",
    "latent_files",
    "sampling",
    "vae",
    "image",
    "image_editing",
    "image_saving",
    "mask",
)
"""The modules of this package that hold nodes."""


def registry() -> "Registry":
    """A registry of all built-in nodes."""
    from importlib import import_module

    from graph.interface import Node
    from graph.registry import Registry

    modules = (import_module(f"{__name__}.{name}") for name in BUILTIN)
    declared = (getattr(value, "node", None) for module in modules for value in vars(module).values())
    found = dict.fromkeys(node for node in declared if isinstance(node, Node))
    return Registry(node for node in found if node.module.startswith(f"{__name__}."))
