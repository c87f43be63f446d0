"""Nodes described for people: a page for the terminal, and the page docs/nodes.md."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from textwrap import wrap

from graph.describe import Catalogues, choices_of
from graph.interface import ABSENT, Input, Node, Output

WIDTH = 100
LISTED_CHOICES = 40


def by_category(nodes: Iterable[Node]) -> list[tuple[str, list[Node]]]:
    """Categories in order, each with its nodes in order; what is only being tried out comes last."""

    def place(node: Node) -> tuple[bool, str, str]:
        return node.category.startswith("_"), node.category, node.id

    return [
        (category, list(group)) for category, group in groupby(sorted(nodes, key=place), lambda node: node.category)
    ]


def listing(nodes: Iterable[Node]) -> str:
    """Every node in a line, under its category."""
    lines: list[str] = []
    for category, group in by_category(nodes):
        lines += ["", category or "(no category)"]
        width = max(len(node.id) for node in group)
        lines += [f"  {node.id:<{width}}  {first_line(node)}".rstrip() for node in group]
    return "\n".join(lines[1:])


def page(node: Node, catalogues: Catalogues) -> str:
    """All there is to know of one node."""
    names = f"{node.id}" if node.display_name in ("", node.id) else f"{node.id} – {node.display_name}"
    lines = [names, f"category: {node.category}", *marks(node)]
    lines += ["", *(line for part in node.description.split("\n\n") for line in wrap(part, WIDTH))]
    for title, rows in (
        ("inputs", [(each.name, input_text(each, catalogues), each.tooltip) for each in node.inputs]),
        ("outputs", [(each.name, output_text(each), each.tooltip) for each in node.outputs]),
    ):
        if rows:
            lines += ["", title, *columns(rows)]
    return "\n".join(lines)


def columns(rows: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    """Name and type in a line, the meaning under them."""
    width = max(len(name) for name, _, _ in rows)
    for name, kind, meaning in rows:
        indent = " " * (width + 4)
        yield from wrap(kind, WIDTH, initial_indent=f"  {name:<{width}}  ", subsequent_indent=indent)
        yield from wrap(meaning, WIDTH, initial_indent=indent, subsequent_indent=indent)


def marks(node: Node) -> list[str]:
    """What sets a node apart."""
    found = [
        word
        for word, holds in (
            ("run for its own sake", node.terminal),
            ("deprecated", node.deprecated),
            ("experimental", node.experimental),
        )
        if holds
    ]
    return [", ".join(found)] if found else []


def first_line(node: Node) -> str:
    """The first sentence of a node's description."""
    return node.description.partition("\n\n")[0]


def input_text(each: Input, catalogues: Catalogues | None) -> str:
    """The type, bounds, choices and default of an input. Without catalogues it is said where the names come from."""
    parts = [kind_text(each, catalogues)]
    if each.minimum is not None or each.maximum is not None:
        parts.append(f"{_bound(each.minimum)} … {_bound(each.maximum)}")
    if each.default is not ABSENT and each.default is not None:
        parts.append(f"default {_default(each)}")
    if each.section == "optional":
        parts.append("may be left out")
    if each.is_list:
        parts.append("takes a list")
    if each.lazy:
        parts.append("computed when needed")
    return "; ".join(parts)


def kind_text(each: Input, catalogues: Catalogues | None) -> str:
    """The type of an input in words."""
    if each.type != "COMBO":
        return "any" if each.type == "*" else each.type
    if each.catalogue is not None and catalogues is None:
        return f"one of the {each.catalogue.replace('_', ' ')}"
    names = [str(choice) for choice in choices_of(each, catalogues or {})]
    if not names:
        return f"one of the {(each.catalogue or 'choices').replace('_', ' ')} (there are none yet)"
    more = f" and {len(names) - LISTED_CHOICES} more" if len(names) > LISTED_CHOICES else ""
    return f"one of {', '.join(names[:LISTED_CHOICES])}{more}"


def output_text(each: Output) -> str:
    """The type of an output."""
    return ("any" if each.type == "*" else each.type) + (" (a list)" if each.is_list else "")


def markdown(nodes: Iterable[Node]) -> str:
    """The page docs/nodes.md."""
    lines = [
        "# Nodes",
        "",
        "Written by `make docs` from the nodes themselves; `python main.py nodes NAME` shows one, with your files.",
    ]
    for category, group in by_category(nodes):
        lines += ["", f"## {category or 'no category'}"]
        for node in group:
            lines += ["", *_section(node)]
    return "\n".join(lines)


def _section(node: Node) -> Iterator[str]:
    title = "" if node.display_name in ("", node.id) else f" – {node.display_name}"
    yield f"### {node.id}{title}"
    for part in (*marks(node), *filter(None, node.description.split("\n\n"))):
        yield ""
        yield part
    rows = [(f"`{each.name}`", input_text(each, None), each.tooltip) for each in node.inputs]
    rows += [(f"→ `{each.name}`", output_text(each), each.tooltip) for each in node.outputs]
    if rows:
        yield from ("", "| | type | meaning |", "|---|---|---|")
    for row in rows:
        yield "| " + " | ".join(_cell(text) for text in row) + " |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _bound(value: float | None) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _default(each: Input) -> str:
    if isinstance(each.default, str):
        return f'"{each.default}"' if each.type == "STRING" else each.default
    return str(each.default).lower() if isinstance(each.default, bool) else str(each.default)
