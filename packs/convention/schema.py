"""Reads the nodes of the newer convention: classes with a schema, which an extension brings."""

import functools
import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Final, cast

from graph.attempt import Failure, attempt
from graph.errors import SpecError
from graph.handle import Run
from graph.interface import Hidden, Node
from packs.convention.checks import Function
from packs.convention.classes import Ways, node_of_class, optional
from packs.convention.hidden import hidden_values
from packs.convention.mappings import MAPPINGS, told, web_folder
from packs.convention.waiting import waited
from packs.convention.wires import Wires
from packs.convention.words.schema import ComfyNode, hidden_now
from packs.errors import PackError
from packs.finding import FoundPack
from packs.importing import SPACE
from packs.reading import Reader, Reading
from packs.report import Refusal

ENTRY: Final = "comfy_entrypoint"


def schema_reader(wires: Wires) -> Reader:
    """Reads what `comfy_entrypoint` of a module brings. A class that cannot be read is refused alone.

    Nodes that NODE_CLASS_MAPPINGS names too are read from there.
    """

    def read(module: ModuleType, pack: FoundPack) -> Reading | None:
        entry = getattr(module, ENTRY, None)
        if not callable(entry):
            return None
        listed = getattr(module, MAPPINGS, None)
        mapped = {str(each) for each in cast(Mapping[object, object], listed)} if isinstance(listed, Mapping) else set()
        nodes: list[Node] = []
        refused: list[Refusal] = []
        for kind in _classes(entry()):
            name = _name(kind)
            if name in mapped:
                continue
            made = attempt(_read, kind, f"{SPACE}.{pack.name}", wires)
            if isinstance(made, Failure):
                refused.append(Refusal(name, told(made.error), "Its authors can mend it."))
            else:
                nodes.append(made)
        return Reading("schema", tuple(nodes), tuple(refused), web_folder(module, pack))

    return read


def read_schema(kind: type[ComfyNode], module: str, wires: Wires, id: str = "", display_name: str = "") -> Node:
    """The node of a class with a schema. Raises SchemaError for a schema that is none, and what the class raises.

    id, display_name: those under which a mapping lists it; empty for those of its schema.
    """
    schema = kind.GET_SCHEMA()
    if getattr(kind.execute, "__func__", None) is getattr(ComfyNode.execute, "__func__", None):
        raise SpecError(f"{kind.__name__} has no classmethod execute")
    hidden = tuple(Hidden(name, value) for name, value in schema.input_types().get("hidden", {}).items())
    status = optional(kind, "check_lazy_status")
    ways = Ways(
        method=kind.execute,
        target=_with_hidden(kind.execute, hidden),
        status=None if status is None else _with_hidden(status, hidden),
        changed=optional(kind, "fingerprint_inputs"),
        validate=optional(kind, "validate_inputs"),
        passes_hidden=False,
        takes_all=schema.accept_all_inputs,
        expands=schema.enable_expand,
    )
    name = id or schema.node_id
    return node_of_class(name, kind, display_name or schema.display_name or name, module, wires, ways)


def _read(kind: object, module: str, wires: Wires) -> Node:
    if not isinstance(kind, type) or not issubclass(kind, ComfyNode):
        raise TypeError(f"get_node_list gives classes derived from io.ComfyNode, found {kind!r:.80}")
    return read_schema(kind, module, wires)


def _name(kind: object) -> str:
    """The id of a class, or where it cannot say one its own name."""
    schema = attempt(kind.GET_SCHEMA) if isinstance(kind, type) and issubclass(kind, ComfyNode) else None
    if schema is None or isinstance(schema, Failure):
        return getattr(kind, "__name__", str(kind)[:80])
    return schema.node_id


def _classes(said: object) -> Iterator[object]:
    """What an entry point brings. Raises PackError for what is no extension."""
    extension = cast(Any, waited(said))
    if not callable(getattr(extension, "get_node_list", None)):
        raise PackError(
            f"its comfy_entrypoint returns {type(extension).__name__}, which is no ComfyExtension.",
            "Return an object with async def get_node_list().",
        )
    on_load = getattr(extension, "on_load", None)
    if callable(on_load):
        waited(on_load())
    nodes = cast(object, waited(extension.get_node_list()))
    if isinstance(nodes, str) or not isinstance(nodes, Sequence):
        raise PackError("its get_node_list returns no list of classes.", "Return a list such as [MyNode].")
    yield from cast(Sequence[object], nodes)


def _with_hidden(function: Function, hidden: Sequence[Hidden]) -> Callable[[Run], Function]:
    """The function of a step, in which `cls.hidden` has the values of that step."""

    def of(run: Run) -> Function:
        values = hidden_values(hidden, run)
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def call_beside(**inputs: object) -> object:
                token = hidden_now.set(values)
                try:
                    return await cast(Awaitable[object], function(**inputs))
                finally:
                    hidden_now.reset(token)

            return call_beside

        @functools.wraps(function)
        def call(**inputs: object) -> object:
            token = hidden_now.set(values)
            try:
                return function(**inputs)
            finally:
                hidden_now.reset(token)

        return call

    return of
