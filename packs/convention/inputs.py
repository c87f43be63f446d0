"""Reads what INPUT_TYPES says into the engine's inputs.

The containers may be dictionaries that answer for any name, and types may be texts that compare in their own way, so
they are only asked with `in`, `[]` and `!=`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final, cast

from graph.errors import SpecError
from graph.interface import ABSENT, ANY, Hidden, Input, Section
from packs.convention.choices import Asked, LiveChoices, Types, choices, pair
from packs.convention.hidden import HIDDEN_KINDS
from packs.convention.plain import plain
from packs.convention.types import answers_for_any, compares_itself, plain_type

__all__ = ["Declared", "Judgement", "Types", "read_inputs"]

_SEEDS: Final = ("seed", "noise_seed")
_UPLOADS: Final = ("image", "video", "audio", "file")
_NAMES_KEPT: Final = 1000


@dataclass(frozen=True, eq=False)
class Declared:
    """The inputs of a class.

    any_name: finds the declaration of a name that is not listed, None where none can be. own_types: by input the types
    that judge themselves what fits them.
    """

    inputs: tuple[Input, ...]
    hidden: tuple[Hidden, ...]
    any_name: Callable[[str], Input | None] | None
    own_types: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Judgement:
    """What the validation of a class takes over from the host: the values of these inputs or of all, and links."""

    names: frozenset[str] = frozenset()
    all_names: bool = False
    links: bool = False

    def takes(self, name: str) -> bool:
        """Whether it judges the value of an input."""
        return self.all_names or name in self.names


@dataclass(eq=False)
class _Reader:
    """Reads one class; `asked` calls its INPUT_TYPES."""

    asked: Asked
    all_lists: bool
    keeps_lazy: bool
    judgement: Judgement
    own_types: dict[str, str] = field(default_factory=dict[str, str])

    def read(self) -> Declared:
        """Everything INPUT_TYPES says."""
        types = cast(object, self.asked.now())
        if not isinstance(types, Mapping):
            raise SpecError(f"INPUT_TYPES returns a dictionary of sections, found {type(types).__name__}")
        inputs: list[Input] = []
        flexible: list[Mapping[str, object]] = []
        for section in ("required", "optional"):
            container = _section(cast(Types, types), section)
            inputs.extend(self._input(str(name), container[name], section) for name in container)
            if answers_for_any(container):
                flexible.append(container)
        hidden = tuple(_hidden(_section(cast(Types, types), "hidden")))
        unlisted = frozenset(each.name for each in hidden if each.kind not in HIDDEN_KINDS)
        any_name = self._any_name(flexible, unlisted) if flexible or unlisted else None
        return Declared(tuple(inputs), hidden, any_name, self.own_types)

    def _any_name(
        self, flexible: list[Mapping[str, object]], unlisted: frozenset[str]
    ) -> Callable[[str], Input | None]:
        """Finds what is not listed: names a container answers for, and hidden values that the editor itself gives."""

        @lru_cache(_NAMES_KEPT)
        def found(name: str) -> Input | None:
            if name in unlisted:
                return Input(name, ANY, "optional", literals=True, is_list=self.all_lists)
            for container in flexible:
                if name in container:
                    return replace(self._input(name, _answer(container, name), "optional"), literals=True)
            return None

        return found

    def _input(self, name: str, said: object, section: Section) -> Input:
        kind, options = pair(name, said)
        listed = choices(kind, options)
        wire = "COMBO" if listed is not None else plain_type(kind)
        if wire == "COMBO" and listed is None:
            listed = ()
        judges_itself = wire != ANY and compares_itself(kind)
        if judges_itself and not self.judgement.links:
            self.own_types[name] = cast(str, kind)
        told = {key: plain(options[key]) for key in options}
        if wire == "COMBO" and "options" in told:
            told["options"] = []  # the live choices stand there when it is told
        return Input(
            name=name,
            type=wire,
            section=section,
            default=told.get("default", ABSENT),
            minimum=_number(told.get("min")),
            maximum=_number(told.get("max")),
            step=_number(told.get("step")),
            round=cast("float | bool | None", _number(told.get("round"))),
            choices=None if listed is None else LiveChoices(self.asked, section, name, listed),
            multiselect=bool(options.get("multiselect") or options.get("multi_select")),
            is_list=self.all_lists,
            lazy=bool(options.get("lazy")) and self.keeps_lazy,
            raw_link=bool(options.get("rawLink")),
            socket_only=bool(options.get("forceInput")),
            literals=True,
            check_value=not self.judgement.takes(name) and "remote" not in options,
            check_link=not self.judgement.links and not judges_itself,
            seed=wire == "INT" and bool(options.get("control_after_generate", name in _SEEDS)),
            multiline=bool(options.get("multiline")),
            dynamic_prompts=bool(options.get("dynamicPrompts")),
            upload=next((each for each in _UPLOADS if options.get(f"{each}_upload")), None),
            label=cast("str | None", told["display_name"]) if isinstance(told.get("display_name"), str) else None,
            tooltip=str(options.get("tooltip") or ""),
            options=told,
            verbatim=True,
        )


def read_inputs(
    ask: Callable[[], Types],
    *,
    all_lists: bool = False,
    keeps_lazy: bool = True,
    judgement: Judgement | None = None,
) -> Declared:
    """The inputs that INPUT_TYPES declares; `ask` calls it. Raises SpecError for what cannot be read.

    all_lists: every input arrives as a list. keeps_lazy: the class says which lazy inputs it needs. judgement: what
    its own validation takes over.
    """
    return _Reader(Asked(ask), all_lists, keeps_lazy, judgement or Judgement()).read()


def _section(types: Types, name: str) -> Mapping[str, object]:
    found = cast(object, types[name]) if name in types else None
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise SpecError(f"the {name} inputs are a dictionary, found {type(found).__name__}")
    return cast(Mapping[str, object], found)


def _hidden(container: Mapping[str, object]) -> Iterator[Hidden]:
    for name in container:
        kind = container[name]
        word = cast(Collection[object], kind) if isinstance(kind, tuple | list) and kind else (kind,)
        first = next(iter(word))
        yield Hidden(str(name), str.__str__(first) if isinstance(first, str) else str(first))


def _answer(container: Mapping[str, object], name: str) -> object:
    """What a container says of a name that it says it has; some answer `in` alone."""
    try:
        return container[name]
    except KeyError:
        return (ANY,)


def _number(value: object) -> int | float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
