"""Reads what INPUT_TYPES says into the engine's inputs.

The containers may be dictionaries that answer for any name, and types may be texts that compare in their own way, so
they are only asked with `in`, `[]` and `!=`.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, cast

from graph.errors import SpecError
from graph.interface import ABSENT, ANY, Hidden, Input, Section
from packs.convention.plain import plain

HIDDEN_KINDS: Final = frozenset(
    {"PROMPT", "UNIQUE_ID", "EXTRA_PNGINFO", "DYNPROMPT", "AUTH_TOKEN_COMFY_ORG", "API_KEY_COMFY_ORG"}
)
FRESH_SECONDS: Final = 1.0
"""How long choices are taken as they were read: long enough to judge one workflow, short enough for a new file."""

_PROBES: Final = ("\0neither this", "nor that\0")
_SEEDS: Final = ("seed", "noise_seed")
_UPLOADS: Final = ("image", "video", "audio")

Types = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, eq=False)
class Declared:
    """The inputs of a class. any_name: finds the declaration of a name that is not listed, None where none can be."""

    inputs: tuple[Input, ...]
    hidden: tuple[Hidden, ...]
    any_name: Callable[[str], Input | None] | None


class LiveChoices(Collection[object]):
    """The choices of an input, asked for anew from time to time, so that new files are among them."""

    def __init__(self, read: Callable[[], Collection[object]], first: Collection[object]) -> None:
        self._read = read
        self._known = first
        self._until = time.monotonic() + FRESH_SECONDS

    def __iter__(self) -> Iterator[object]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def __contains__(self, value: object) -> bool:
        return value in self._now()

    def _now(self) -> Collection[object]:
        if time.monotonic() >= self._until:
            self._known = self._read()
            self._until = time.monotonic() + FRESH_SECONDS
        return self._known


@dataclass(eq=False)
class _Reader:
    """Reads one class; `ask` calls its INPUT_TYPES."""

    ask: Callable[[], Types]
    all_lists: bool
    keeps_lazy: bool
    unchecked: frozenset[str]
    links_unchecked: bool
    _types: Types = field(default_factory=dict[str, Mapping[str, object]])

    def read(self) -> Declared:
        """Everything INPUT_TYPES says."""
        self._types = self.ask()
        if not isinstance(self._types, Mapping):
            raise SpecError(f"INPUT_TYPES returns a dictionary of sections, found {type(self._types).__name__}")
        inputs: list[Input] = []
        flexible: list[tuple[Section, Mapping[str, object]]] = []
        for section in ("required", "optional"):
            container = self._types.get(section) or {}
            if not isinstance(container, Mapping):
                raise SpecError(f"the {section} inputs are a dictionary, found {type(container).__name__}")
            for name in container:
                inputs.append(self._input(str(name), container[name], section))
            if _answers_for_any(container):
                flexible.append((section, container))
        hidden = tuple(self._hidden())
        return Declared(tuple(inputs), hidden, self._any_name(flexible) if flexible else None)

    def _hidden(self) -> Iterator[Hidden]:
        for name, kind in (self._types.get("hidden") or {}).items():
            word = kind[0] if isinstance(kind, tuple | list) and kind else kind
            yield Hidden(str(name), str(word))

    def _any_name(self, flexible: list[tuple[Section, Mapping[str, object]]]) -> Callable[[str], Input | None]:
        known: dict[str, Input | None] = {}

        def found(name: str) -> Input | None:
            if name not in known:
                known[name] = next(
                    (replace(self._input(name, each[name], "optional"), literals=True)
                     for _, each in flexible if name in each),
                    None,
                )  # fmt: skip
            return known[name]

        return found

    def _input(self, name: str, said: object, section: Section) -> Input:
        kind, options = _pair(name, said)
        choices = _choices(kind, options)
        wire = "COMBO" if choices is not None else plain_type(kind)
        if wire == "COMBO" and choices is None:
            choices = ()
        remote = "remote" in options
        default = plain(options["default"]) if "default" in options else ABSENT
        read = Input(
            name=name,
            type=wire,
            section=section,
            default=default,
            minimum=_number(options.get("min")),
            maximum=_number(options.get("max")),
            step=_number(options.get("step")),
            round=cast("float | bool | None", options.get("round")),
            choices=None if choices is None else self._live(name, section, choices),
            multiselect=bool(options.get("multiselect") or options.get("multi_select")),
            is_list=self.all_lists,
            lazy=bool(options.get("lazy")) and self.keeps_lazy,
            raw_link=bool(options.get("rawLink")),
            socket_only=bool(options.get("forceInput")),
            literals=True,
            check_value=name not in self.unchecked and not remote,
            check_link=not self.links_unchecked,
            seed=bool(options.get("control_after_generate", wire == "INT" and name in _SEEDS)),
            multiline=bool(options.get("multiline")),
            dynamic_prompts=bool(options.get("dynamicPrompts")),
            upload=next((each for each in _UPLOADS if options.get(f"{each}_upload")), None),
            tooltip=str(options.get("tooltip") or ""),
            options=cast(Mapping[str, object], plain({key: options[key] for key in options if key != "options"})),
        )
        return read if not (read.seed and wire != "INT") else replace(read, seed=False)

    def _live(self, name: str, section: str, first: Collection[object]) -> Collection[object]:
        def again() -> Collection[object]:
            container = self.ask().get(section) or {}
            if name not in container:
                return first
            kind, options = _pair(name, container[name])
            return _choices(kind, options) or ()

        return LiveChoices(again, first)


def read_inputs(
    ask: Callable[[], Types],
    *,
    all_lists: bool = False,
    keeps_lazy: bool = True,
    unchecked: Collection[str] = (),
    links_unchecked: bool = False,
) -> Declared:
    """The inputs that INPUT_TYPES declares; `ask` calls it. Raises SpecError for what cannot be read.

    all_lists: every input arrives as a list. keeps_lazy: the class says which lazy inputs it needs. unchecked: inputs
    whose literals its own validation judges; links_unchecked: it judges the types of links.
    """
    return _Reader(ask, all_lists, keeps_lazy, frozenset(unchecked), links_unchecked).read()


def plain_type(kind: object) -> str:
    """A type as a plain text; one that differs from nothing is `*`."""
    if not isinstance(kind, str):
        raise SpecError(f"a type is a text or a list of choices, found {kind!r:.80}")
    if type(kind) is not str and not any(kind != probe for probe in _PROBES):
        return ANY
    return str.__str__(kind)


def _pair(name: str, said: object) -> tuple[object, Mapping[str, object]]:
    if isinstance(said, tuple | list) and said:
        pair = list(cast(Sequence[object], said))
        options = pair[1] if len(pair) > 1 else {}
        if isinstance(options, Mapping):
            return pair[0], {str(key): value for key, value in cast(Mapping[object, object], options).items()}
    elif isinstance(said, str):
        return said, {}
    raise SpecError(f"input {name} is a pair of a type and options, such as ('INT', {{}}), found {said!r:.80}")


def _choices(kind: object, options: Mapping[str, object]) -> Collection[object] | None:
    """The choices of an input, None where it has none."""
    if isinstance(kind, list | tuple | set | frozenset | Mapping) or (
        not isinstance(kind, str) and isinstance(kind, Collection)
    ):
        return list(cast(Collection[object], kind))
    listed = options.get("options")
    if isinstance(kind, str) and kind == "COMBO" and isinstance(listed, Collection) and not isinstance(listed, str):
        return list(cast(Collection[object], listed))
    return None


def _answers_for_any(container: Mapping[str, object]) -> bool:
    return type(container) is not dict and all(probe in container for probe in _PROBES)


def _number(value: object) -> int | float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
