"""Inputs that take more than one type, and those whose number changes while a node is edited, which are not offered."""

from collections.abc import Sequence
from typing import Any, Final

from graph.interface import ANY
from packs.convention.words.sockets import ComfyType, ComfyTypeIO, Input, Output, WidgetInput


class AnyType(ComfyTypeIO):
    """Whatever is linked."""

    io_type = ANY


def union(types: Sequence[object]) -> str:
    """The names of several types as one; whatever any of them may be."""
    names = [name for each in types for name in str(getattr(each, "io_type", each)).split(",")]
    return ANY if ANY in names or not names else ",".join(dict.fromkeys(names))


class MultiType(ComfyType):
    """One of several types."""

    class Input(Input):
        """An input of several types; a widget input in place of the id lends it its widget."""

        def __init__(self, id: "str | WidgetInput", types: Sequence[object], *further: Any, **options: Any) -> None:
            self.widget = id if isinstance(id, WidgetInput) else None
            super().__init__(id if isinstance(id, str) else id.id, *further, **options)
            self.io_types = list(types)
            own = [] if self.widget is None else [self.widget.get_io_type()]
            self.io_type = union([*own, *types])
            if self.widget is not None:
                self.optional = self.optional or self.widget.optional

        def as_dict(self) -> dict[str, object]:
            """The options of the input, and those of the widget it has."""
            if self.widget is None:
                return super().as_dict()
            widget = {"widgetType": self.widget.get_io_type()} | self.widget.as_dict()
            return widget | super().as_dict()


class MatchType(ComfyType):
    """Inputs and outputs that are of one type together, whichever is linked first."""

    class Template:
        """The name they share, and which types it may be."""

        def __init__(self, template_id: str, allowed_types: object = AnyType) -> None:
            self.template_id = template_id
            self.allowed_types = list(allowed_types) if isinstance(allowed_types, list | tuple) else [allowed_types]

    class Input(Input):
        """An input of the type that the template stands for."""

        def __init__(self, id: str, template: "MatchType.Template", *further: Any, **options: Any) -> None:
            super().__init__(id, *further, **options)
            self.template = template
            self.io_type = union(template.allowed_types)

    class Output(Output):
        """An output of the type that the template stands for."""

        def __init__(self, template: "MatchType.Template", *further: Any, **options: Any) -> None:
            super().__init__(*further, **options)
            self.template = template
            self.io_type = union(template.allowed_types)


class NotOffered(Exception):
    """A pack asks for a word of the convention that is not offered here."""


class _Missing:
    """Stands for a word that is not offered: annotations may name its type, nothing else."""

    Type = Any

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotOffered(
            f"io.{self._name} is not offered here: the inputs of a node do not change while it is edited. "
            "Declare optional inputs, or take any with accept_all_inputs=True"
        )


Autogrow: Final = _Missing("Autogrow")
DynamicCombo: Final = _Missing("DynamicCombo")
DynamicSlot: Final = _Missing("DynamicSlot")
