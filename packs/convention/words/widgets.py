"""Inputs that have a widget in the editor: numbers, texts, truths and choices."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, ClassVar

from packs.convention.words.enums import ControlAfterGenerate, FolderType, NumberDisplay, UploadType
from packs.convention.words.sockets import ComfyTypeI, ComfyTypeIO, Output, WidgetInput, said, written


class RemoteOptions:
    """Choices that the editor fetches itself from a route. refresh: seconds until it asks again."""

    def __init__(
        self,
        route: str,
        refresh_button: bool,
        control_after_refresh: str = "first",
        timeout: int | None = None,
        max_retries: int | None = None,
        refresh: int | None = None,
    ) -> None:
        self.route = route
        self.refresh_button = refresh_button
        self.control_after_refresh = control_after_refresh
        self.timeout = timeout
        self.max_retries = max_retries
        self.refresh = refresh

    def as_dict(self) -> dict[str, object]:
        """What the editor is told."""
        return said(**vars(self))


class Boolean(ComfyTypeIO):
    """True or false."""

    io_type = "BOOLEAN"
    Type = bool

    class Input(WidgetInput):
        """A switch, with a word for each of its sides."""

        def __init__(
            self,
            id: str,
            display_name: str | None = None,
            optional: bool = False,
            tooltip: str | None = None,
            lazy: bool | None = None,
            default: bool | None = None,
            label_on: str | None = None,
            label_off: str | None = None,
            **further: Any,
        ) -> None:
            super().__init__(id, display_name, optional, tooltip, lazy, default, **further)
            self.label_on = label_on
            self.label_off = label_off

        def as_dict(self) -> dict[str, object]:
            """The options of the input."""
            return super().as_dict() | said(label_on=self.label_on, label_off=self.label_off)


class NumberInput(WidgetInput):
    """A number with bounds. `round` and `gradient_stops` are for numbers with a fraction."""

    def __init__(
        self,
        id: str,
        display_name: str | None = None,
        optional: bool = False,
        tooltip: str | None = None,
        lazy: bool | None = None,
        default: float | None = None,
        min: float | None = None,
        max: float | None = None,
        step: float | None = None,
        control_after_generate: bool | ControlAfterGenerate | None = None,
        round: float | None = None,
        display_mode: NumberDisplay | None = None,
        gradient_stops: Sequence[Mapping[str, object]] | None = None,
        **further: Any,
    ) -> None:
        super().__init__(id, display_name, optional, tooltip, lazy, default, **further)
        self.min = min
        self.max = max
        self.step = step
        self.control_after_generate = control_after_generate
        self.round = round
        self.display_mode = display_mode
        self.gradient_stops = gradient_stops

    def as_dict(self) -> dict[str, object]:
        """The options of the input."""
        return super().as_dict() | said(
            min=self.min,
            max=self.max,
            step=self.step,
            control_after_generate=self.control_after_generate,
            round=self.round,
            display=self.display_mode,
            gradient_stops=self.gradient_stops,
        )


class Int(ComfyTypeIO):
    """A whole number."""

    io_type = "INT"
    Type = int

    class Input(NumberInput):
        """A field or slider for a whole number."""


class Float(ComfyTypeIO):
    """A number."""

    io_type = "FLOAT"
    Type = float

    class Input(NumberInput):
        """A field or slider for a number."""

        def __init__(
            self,
            id: str,
            display_name: str | None = None,
            optional: bool = False,
            tooltip: str | None = None,
            lazy: bool | None = None,
            default: float | None = None,
            min: float | None = None,
            max: float | None = None,
            step: float | None = None,
            round: float | None = None,
            **further: Any,
        ) -> None:
            bounds = {"min": min, "max": max, "step": step, "round": round}
            super().__init__(id, display_name, optional, tooltip, lazy, default, **bounds, **further)


class String(ComfyTypeIO):
    """A text."""

    io_type = "STRING"
    Type = str

    class Input(WidgetInput):
        """A field for a text, of many lines where `multiline`."""

        def __init__(
            self,
            id: str,
            display_name: str | None = None,
            optional: bool = False,
            tooltip: str | None = None,
            lazy: bool | None = None,
            multiline: bool = False,
            placeholder: str | None = None,
            default: str | None = None,
            dynamic_prompts: bool | None = None,
            **further: Any,
        ) -> None:
            super().__init__(id, display_name, optional, tooltip, lazy, default, **further)
            self.multiline = multiline
            self.placeholder = placeholder
            self.dynamic_prompts = dynamic_prompts

        def as_dict(self) -> dict[str, object]:
            """The options of the input."""
            return super().as_dict() | said(
                multiline=self.multiline, placeholder=self.placeholder, dynamicPrompts=self.dynamic_prompts
            )


Listed = type[Enum] | Sequence[object]


def _names(options: Listed | None) -> list[object] | None:
    return None if options is None else [written(each) for each in options]


class Combo(ComfyTypeIO):
    """One of several names."""

    io_type = "COMBO"
    Type = str

    class Input(WidgetInput):
        """A choice. options: the names, or an enumeration of them; upload: files may be added to them."""

        def __init__(
            self,
            id: str,
            options: Listed | None = None,
            display_name: str | None = None,
            optional: bool = False,
            tooltip: str | None = None,
            lazy: bool | None = None,
            default: str | int | Enum | None = None,
            control_after_generate: bool | ControlAfterGenerate | None = None,
            upload: UploadType | None = None,
            image_folder: FolderType | None = None,
            remote: RemoteOptions | None = None,
            **further: Any,
        ) -> None:
            super().__init__(id, display_name, optional, tooltip, lazy, default, **further)
            self.options = _names(options)
            self.control_after_generate = control_after_generate
            self.upload = upload
            self.image_folder = image_folder
            self.remote = remote
            self.multiselect = False

        def as_dict(self) -> dict[str, object]:
            """The options of the input, the names to choose from among them."""
            told = super().as_dict() | said(
                multiselect=self.multiselect,
                options=self.options,
                control_after_generate=self.control_after_generate,
                image_folder=self.image_folder,
                remote=None if self.remote is None else self.remote.as_dict(),
            )
            return told if self.upload is None else told | {str(written(self.upload)): True}

    class Output(Output):
        """A name; options: those it may be."""

        def __init__(
            self,
            id: str | None = None,
            display_name: str | None = None,
            options: Listed | None = None,
            tooltip: str | None = None,
            is_output_list: bool = False,
        ) -> None:
            super().__init__(id, display_name, tooltip, is_output_list)
            self.options = _names(options)


class MultiCombo(ComfyTypeI):
    """Some of several names."""

    io_type = "COMBO"
    Type = list[str]

    class Input(Combo.Input):
        """A choice of several. chip: each chosen name looks like one."""

        def __init__(
            self,
            id: str,
            options: Listed,
            display_name: str | None = None,
            optional: bool = False,
            tooltip: str | None = None,
            lazy: bool | None = None,
            default: Sequence[str] | None = None,
            placeholder: str | None = None,
            chip: bool | None = None,
            control_after_generate: bool | ControlAfterGenerate | None = None,
            **further: Any,
        ) -> None:
            super().__init__(
                id, options, display_name, optional, tooltip, lazy, control_after_generate=control_after_generate,
                **further,
            )  # fmt: skip
            self.default = None if default is None else [written(each) for each in default]
            self.multiselect = True
            self.placeholder = placeholder
            self.chip = chip

        def as_dict(self) -> dict[str, object]:
            """The options of the input."""
            chosen = said(placeholder=self.placeholder, chip=self.chip)
            return super().as_dict() | chosen | {"multi_select": chosen}


class Color(ComfyTypeIO):
    """A colour as `#rrggbb`."""

    io_type: ClassVar[str] = "COLOR"
    Type = str

    class Input(WidgetInput):
        """A field for a colour."""
