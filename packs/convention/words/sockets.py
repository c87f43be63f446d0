"""What a node of the newer convention declares: inputs, outputs and the types that travel between them."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, ClassVar, TypeVar

Kind = TypeVar("Kind", bound="type[ComfyType]")


def written(value: object) -> object:
    """A value as it stands in an option: names of an enumeration as what they stand for."""
    return value.value if isinstance(value, Enum) else value


def said(**options: object) -> dict[str, object]:
    """The options that a pack gave a value; None is what it did not say."""
    return {name: written(value) for name, value in options.items() if value is not None}


class Input:
    """One input. id: the name of the parameter of `execute`; extra_dict: options of the pack's own for the editor."""

    Parent: ClassVar["type[ComfyType] | None"] = None
    io_type: str = "*"

    def __init__(
        self,
        id: str,
        display_name: str | None = None,
        optional: bool = False,
        tooltip: str | None = None,
        lazy: bool | None = None,
        extra_dict: Mapping[str, object] | None = None,
        raw_link: bool | None = None,
        advanced: bool | None = None,
    ) -> None:
        self.id = id
        self.display_name = display_name
        self.optional = optional
        self.tooltip = tooltip
        self.lazy = lazy
        self.extra_dict = dict(extra_dict or {})
        self.rawLink = raw_link
        self.advanced = advanced

    def as_dict(self) -> dict[str, object]:
        """The options of the input."""
        told = said(
            display_name=self.display_name,
            tooltip=self.tooltip,
            lazy=self.lazy,
            rawLink=self.rawLink,
            advanced=self.advanced,
        )
        return told | {name: written(value) for name, value in self.extra_dict.items()}

    def get_io_type(self) -> str:
        """The type of what may be linked to it."""
        return self.io_type


class WidgetInput(Input):
    """An input with a widget. socketless: nothing can be linked to it; force_input: it is a socket only."""

    def __init__(
        self,
        id: str,
        display_name: str | None = None,
        optional: bool = False,
        tooltip: str | None = None,
        lazy: bool | None = None,
        default: object = None,
        socketless: bool | None = None,
        widget_type: str | None = None,
        force_input: bool | None = None,
        extra_dict: Mapping[str, object] | None = None,
        raw_link: bool | None = None,
        advanced: bool | None = None,
    ) -> None:
        super().__init__(id, display_name, optional, tooltip, lazy, extra_dict, raw_link, advanced)
        self.default = default
        self.socketless = socketless
        self.widget_type = widget_type
        self.force_input = force_input

    def as_dict(self) -> dict[str, object]:
        """The options of the input, its widget's among them."""
        told = said(
            default=self.default,
            socketless=self.socketless,
            widgetType=self.widget_type,
            forceInput=self.force_input,
        )
        return super().as_dict() | told

    def get_io_type(self) -> str:
        """The type of what may be linked to it."""
        return self.io_type


class Output:
    """One output. is_output_list: it gives a list, whose items go on one by one."""

    Parent: ClassVar["type[ComfyType] | None"] = None
    io_type: str = "*"

    def __init__(
        self,
        id: str | None = None,
        display_name: str | None = None,
        tooltip: str | None = None,
        is_output_list: bool = False,
    ) -> None:
        self.id = id
        self.display_name = display_name
        self.tooltip = tooltip
        self.is_output_list = is_output_list

    def get_io_type(self) -> str:
        """The type of what comes out."""
        return self.io_type

    @property
    def name(self) -> str:
        """What it is called on the node."""
        return self.display_name or self.id or self.io_type


class ComfyType:
    """A type of values. Type: what a value is in Python, for annotations."""

    io_type: ClassVar[str] = "*"
    Type: ClassVar[Any] = Any

    def __init_subclass__(cls, **options: Any) -> None:
        """Give the type an input and an output of its own."""
        super().__init_subclass__(**options)
        own = vars(cls)
        for name in ("Input", "Output"):
            found = getattr(cls, name, None)
            if isinstance(found, type):
                bound = found if name in own else type(name, (found,), {"__doc__": found.__doc__})
                setattr(bound, "Parent", cls)  # noqa: B010 - the type is known only here
                if "io_type" in own:
                    setattr(bound, "io_type", cls.io_type)  # noqa: B010
                setattr(cls, name, bound)


class ComfyTypeI(ComfyType):
    """A type of inputs alone."""

    Input: ClassVar[Any] = Input


class ComfyTypeIO(ComfyTypeI):
    """A type of inputs and outputs."""

    Output: ClassVar[Any] = Output


def comfytype(io_type: str, **options: object) -> Callable[[Kind], Kind]:
    """Declare a type of values under this name; above a class derived from ComfyTypeIO."""

    def named(kind: Kind) -> Kind:
        kind.io_type = io_type
        for name in ("Input", "Output"):
            side = getattr(kind, name, None)
            if isinstance(side, type):
                setattr(side, "io_type", io_type)  # noqa: B010
                setattr(side, "Parent", kind)  # noqa: B010
        return kind

    return named


def Custom(io_type: str) -> type[ComfyTypeIO]:
    """A type of a pack's own, by its name."""
    return type(str(io_type), (ComfyTypeIO,), {"io_type": str(io_type)})
