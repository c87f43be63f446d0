"""A node of the newer convention: its schema, its class, what it returns, and the extension that brings it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from graph.results import Blocker
from packs.convention.calling import Returned
from packs.convention.waiting import waited
from packs.convention.words.enums import Hidden
from packs.convention.words.sockets import Input, Output

hidden_now: Final[ContextVar[Mapping[str, object] | None]] = ContextVar("hidden_now", default=None)
"""What `cls.hidden` has to say where a node is running."""


class SchemaError(ValueError):
    """A schema does not describe a node."""


@dataclass
class Schema:
    """What a node is. node_id: under which name workflows know it.

    is_input_list: every input arrives as a list. not_idempotent: two equal nodes do not share a result.
    enable_expand: it may return a graph. accept_all_inputs: inputs that are not declared are passed on too.
    """

    node_id: str
    display_name: str | None = None
    category: str = "sd"
    inputs: Sequence[Input] = field(default_factory=list[Input])
    outputs: Sequence[Output] = field(default_factory=list[Output])
    hidden: Sequence[Hidden] = field(default_factory=list[Hidden])
    description: str = ""
    search_aliases: Sequence[str] = field(default_factory=list[str])
    is_input_list: bool = False
    is_output_node: bool = False
    is_deprecated: bool = False
    is_experimental: bool = False
    is_dev_only: bool = False
    is_api_node: bool = False
    not_idempotent: bool = False
    enable_expand: bool = False
    accept_all_inputs: bool = False
    essentials_category: str | None = None
    price_badge: object = None
    has_intermediate_output: bool = False

    def validate(self) -> None:
        """Raise SchemaError, in one sentence, for what is no node."""
        if not isinstance(self.node_id, str) or not self.node_id:
            raise SchemaError("a schema has a node_id, a text")
        for each in self.inputs:
            if not isinstance(each, Input):
                raise SchemaError(f"{self.node_id}: inputs such as io.Int.Input('steps'), found {each!r:.80}")
        for each in self.outputs:
            if not isinstance(each, Output):
                raise SchemaError(f"{self.node_id}: outputs such as io.Image.Output(), found {each!r:.80}")
        twice = [name for name, count in Counter(each.id for each in self.inputs).items() if count > 1]
        if twice:
            raise SchemaError(f"{self.node_id}: two inputs have the id {twice[0]!r}")

    def input_types(self) -> dict[str, dict[str, Any]]:
        """The inputs as the older convention declares them."""
        sections: dict[str, dict[str, Any]] = {"required": {}, "optional": {}, "hidden": {}}
        for each in self.inputs:
            options = each.as_dict()
            sections["optional" if each.optional else "required"][each.id] = (each.get_io_type(), options)
        for each in self.hidden:
            kind = Hidden(each)
            sections["hidden"][kind.name] = kind.value
        return {section: inputs for section, inputs in sections.items() if inputs or section == "required"}


class HiddenNow:
    """The hidden values of the node that is running; None for those its schema does not ask for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return (hidden_now.get() or {}).get(name)


class NodeOutput(Returned):
    """What `execute` returns: values in the order of the outputs, and what is shown or goes on beside them."""

    @property
    def result(self) -> tuple[object, ...] | None:
        """The values, None where there are none."""
        return self.args or None

    def __getitem__(self, index: int) -> Any:
        return self.args[index]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "NodeOutput":
        """The same of what a node of the older convention returns."""
        values = data.get("result")
        if isinstance(values, Blocker):
            return cls(ui=data.get("ui"), block_execution=values.message or "")
        return cls(*(values or ()), ui=data.get("ui"), expand=data.get("expand"))


class _Asked:
    """A property of the older convention that the schema answers."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def __get__(self, instance: object, owner: "type[ComfyNode]") -> Any:
        return self._answer(owner.GET_SCHEMA())


def _lists(schema: Schema) -> list[bool]:
    return [bool(each.is_output_list) for each in schema.outputs]


class ComfyNode:
    """The class that nodes of the newer convention derive from.

    Code that knows the older convention finds in it what it looks for: INPUT_TYPES, RETURN_TYPES, FUNCTION and so on.
    """

    hidden: ClassVar[Any] = HiddenNow()

    RELATIVE_PYTHON_MODULE: ClassVar[str | None] = None
    DESCRIPTION: ClassVar[Any] = _Asked(lambda schema: schema.description)
    CATEGORY: ClassVar[Any] = _Asked(lambda schema: schema.category)
    EXPERIMENTAL: ClassVar[Any] = _Asked(lambda schema: schema.is_experimental)
    DEPRECATED: ClassVar[Any] = _Asked(lambda schema: schema.is_deprecated)
    API_NODE: ClassVar[Any] = _Asked(lambda schema: schema.is_api_node)
    OUTPUT_NODE: ClassVar[Any] = _Asked(lambda schema: schema.is_output_node)
    INPUT_IS_LIST: ClassVar[Any] = _Asked(lambda schema: schema.is_input_list)
    NOT_IDEMPOTENT: ClassVar[Any] = _Asked(lambda schema: schema.not_idempotent)
    ACCEPT_ALL_INPUTS: ClassVar[Any] = _Asked(lambda schema: schema.accept_all_inputs)
    RETURN_TYPES: ClassVar[Any] = _Asked(lambda schema: [each.get_io_type() for each in schema.outputs])
    RETURN_NAMES: ClassVar[Any] = _Asked(lambda schema: [each.name for each in schema.outputs])
    OUTPUT_IS_LIST: ClassVar[Any] = _Asked(_lists)
    OUTPUT_TOOLTIPS: ClassVar[Any] = _Asked(lambda schema: [each.tooltip for each in schema.outputs])
    FUNCTION: ClassVar[str] = "EXECUTE_NORMALIZED"

    @classmethod
    def define_schema(cls) -> Schema:
        """What the node is; every node says so itself."""
        raise SchemaError(f"{cls.__name__} has no define_schema")

    @classmethod
    def execute(cls, **kwargs: Any) -> Any:
        """Do the work; every node does it itself, and may do so asynchronously."""
        raise NotImplementedError(f"{cls.__name__} has no execute")

    @classmethod
    def GET_SCHEMA(cls) -> Schema:
        """The schema, checked. Raises SchemaError."""
        schema = cls.define_schema()
        if not isinstance(schema, Schema):
            raise SchemaError(f"{cls.__name__}.define_schema returns io.Schema(...), found {type(schema).__name__}")
        schema.validate()
        return schema

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, dict[str, Any]]:
        """The inputs as the older convention declares them, their choices being those there are now."""
        return cls.GET_SCHEMA().input_types()

    @classmethod
    def EXECUTE_NORMALIZED(cls, **kwargs: Any) -> NodeOutput:
        """Do the work for code of the older convention, and wait for it; whatever it returns becomes a NodeOutput."""
        returned = waited(cls.execute(**kwargs))
        if isinstance(returned, NodeOutput):
            return returned
        if isinstance(returned, Mapping):
            return NodeOutput.from_dict(returned)
        if isinstance(returned, Blocker):
            return NodeOutput(block_execution=returned.message or "")
        return NodeOutput() if returned is None else NodeOutput(*returned)


class ComfyExtension:
    """What a pack brings: `comfy_entrypoint` of its module returns one."""

    async def on_load(self) -> None:
        """Called once, before anything is asked."""

    async def get_node_list(self) -> list[type[ComfyNode]]:
        """The classes of its nodes."""
        return []
