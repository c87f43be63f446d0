"""The nodes there are as classes of the convention, so that packs can call, list and derive from them.

A class is made of our node when it is asked for: what INPUT_TYPES and the outputs say comes from the node, its method
turns what packs hand in into our values, calls the node, and gives back what packs know.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, NoReturn, cast

from graph.calls import piece_of
from graph.describe import describe_input
from graph.interface import ABSENT, Node
from graph.results import Blocker, Expand, Shown
from packs.compat.context import Context
from packs.compat.wires import CompatWires
from storage.catalogues import catalogues

EXECUTE: Final = "execute"

METHODS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = MappingProxyType(
    {
        "CheckpointLoaderSimple": ("load_checkpoint", ()),
        "CLIPSetLastLayer": ("set_last_layer", ()),
        "CLIPTextEncode": ("encode", ("clip", "text")),
        "ConditioningAverage": ("addWeighted", ()),
        "ConditioningCombine": ("combine", ()),
        "ConditioningConcat": ("concat", ()),
        "ConditioningSetArea": ("append", ()),
        "ConditioningSetAreaPercentage": ("append", ()),
        "ConditioningSetAreaStrength": ("append", ()),
        "ConditioningSetMask": ("append", ("conditioning", "mask", "set_cond_area", "strength")),
        "ConditioningSetTimestepRange": ("set_range", ()),
        "ConditioningZeroOut": ("zero_out", ()),
        "EmptyImage": ("generate", ()),
        "EmptyLatentImage": ("generate", ()),
        "ImageBatch": ("batch", ()),
        "ImageCompositeMasked": ("composite", ("destination", "source", "x", "y", "resize_source", "mask")),
        "ImageInvert": ("invert", ()),
        "ImagePadForOutpaint": ("expand_image", ()),
        "ImageScale": ("upscale", ()),
        "ImageScaleBy": ("upscale", ()),
        "KSampler": ("sample", ()),
        "KSamplerAdvanced": ("sample", ()),
        "LatentBlend": ("blend", ()),
        "LatentFlip": ("flip", ()),
        "LatentFromBatch": ("frombatch", ()),
        "LatentRotate": ("rotate", ()),
        "LatentUpscale": ("upscale", ()),
        "LatentUpscaleBy": ("upscale", ()),
        "LoadImage": ("load_image", ()),
        "LoadImageMask": ("load_image", ()),
        "LoadLatent": ("load", ()),
        "RepeatLatentBatch": ("repeat", ()),
        "SaveLatent": ("save", ()),
        "SetLatentNoiseMask": ("set_mask", ()),
        "VAEDecode": ("decode", ("vae", "samples")),
        "VAEEncode": ("encode", ("vae", "pixels")),
        "VAEEncodeForInpaint": ("encode", ("vae", "pixels", "mask", "grow_mask_by")),
        "VAELoader": ("load_vae", ()),
    }
)
"""Node -> the name of its method, and the order of its arguments where that is not the order of its inputs."""


class CoreNodes(Mapping[str, type]):
    """`nodes.NODE_CLASS_MAPPINGS`: the classes of all nodes there are now, by id."""

    def __init__(self, context: Context, special: Mapping[str, type] | None = None) -> None:
        self._context = context
        self._special = dict(special or {})
        self._made: dict[str, tuple[Node, type]] = {}

    def __getitem__(self, id: str) -> type:
        """The class of a node. Raises KeyError."""
        if id in self._special:
            return self._special[id]
        node = self._context.registry().get(id)
        if node is None:
            raise KeyError(id)
        made = self._made.get(id)
        if made is None or made[0] is not node:
            made = self._made[id] = (node, class_of(node, self._context))
        return made[1]

    def __iter__(self) -> Iterator[str]:
        """The ids."""
        return iter(list(self._context.registry().ids()))

    def __len__(self) -> int:
        """How many there are."""
        return len(self._context.registry())

    def __setitem__(self, id: str, kind: object) -> NoReturn:
        """Raises TypeError."""
        raise TypeError(
            f"{id} cannot be put into the nodes of the program; list it in NODE_CLASS_MAPPINGS of the pack."
        )

    def update(self, *given: object, **named: object) -> NoReturn:
        """Raises TypeError."""
        raise TypeError("nodes cannot be put into those of the program; list them in NODE_CLASS_MAPPINGS of the pack.")

    def copy(self) -> dict[str, type]:
        """A dictionary of all classes."""
        return dict(self)


class DisplayNames(Mapping[str, str]):
    """`nodes.NODE_DISPLAY_NAME_MAPPINGS`: the names of all nodes there are now, by id."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def __getitem__(self, id: str) -> str:
        """The name of a node. Raises KeyError."""
        node = self._context.registry().get(id)
        if node is None:
            raise KeyError(id)
        return node.display_name or id

    def __iter__(self) -> Iterator[str]:
        """The ids."""
        return iter(list(self._context.registry().ids()))

    def __len__(self) -> int:
        """How many there are."""
        return len(self._context.registry())


def class_of(node: Node, context: Context) -> type:
    """A class of the convention that calls a node of ours."""
    name, order = METHODS.get(node.id, (EXECUTE, ()))
    told: dict[str, Any] = {
        "__doc__": node.description,
        "__module__": "nodes",
        "INPUT_TYPES": classmethod(lambda kind: input_types(node, context)),
        "RETURN_TYPES": tuple(output.type for output in node.outputs),
        "RETURN_NAMES": tuple(output.name for output in node.outputs),
        "OUTPUT_IS_LIST": tuple(output.is_list for output in node.outputs),
        "INPUT_IS_LIST": bool(node.inputs) and all(each.is_list for each in node.inputs),
        "FUNCTION": name,
        "CATEGORY": node.category,
        "DESCRIPTION": node.description,
        "OUTPUT_NODE": node.terminal,
        "DEPRECATED": node.deprecated,
        "EXPERIMENTAL": node.experimental,
        name: method_of(node, context, order),
    }
    return type(node.id, (), told)


def input_types(node: Node, context: Context) -> dict[str, dict[str, Any]]:
    """What INPUT_TYPES of a node says."""
    names = catalogues(context.folders)
    sections: dict[str, dict[str, Any]] = {"required": {}}
    for each in node.inputs:
        sections.setdefault(each.section, {})[each.name] = tuple(describe_input(each, names))
    if node.hidden:
        sections["hidden"] = {each.name: each.kind for each in node.hidden}
    return sections


def method_of(node: Node, context: Context, order: tuple[str, ...]) -> Callable[..., object]:
    """The method that calls a node, with arguments in this order or by name; it may be asynchronous."""
    wires = CompatWires()
    names = order or tuple(each.name for each in node.inputs)

    def inputs_of(given: tuple[object, ...], named: Mapping[str, object]) -> dict[str, object]:
        values = {**dict(zip(names, given, strict=False)), **named}
        inputs = {each.name: each.default for each in node.inputs if each.default is not ABSENT}
        for name, value in values.items():
            declared = node.input(name, True)
            if declared is not None:
                inputs[name] = wires.inward(value, declared.type)
        missing = [name for name in node.required if name not in inputs]
        if missing:
            raise TypeError(f"{node.id} needs {', '.join(sorted(missing))}")
        return inputs

    def call(self: object, *given: object, **named: object) -> object:
        return told_of(node, node.call(inputs_of(given, named), context.run()), wires)

    async def call_beside(self: object, *given: object, **named: object) -> object:
        returned = await cast(Any, node.call(inputs_of(given, named), context.run()))
        return told_of(node, returned, wires)

    return call_beside if node.is_async else call


def told_of(node: Node, returned: object, wires: CompatWires) -> object:
    """What a node of ours returned, as its class returns it."""
    if isinstance(returned, Blocker):
        return returned
    piece = piece_of(node, returned)
    values = tuple(wires.outward(value) for value in piece.values)
    if isinstance(returned, Expand):
        return {"expand": dict(returned.steps), "result": values, "ui": dict(returned.ui)}
    if isinstance(returned, Shown):
        return {"ui": dict(returned.ui), "result": values}
    return values
