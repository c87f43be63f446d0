"""List the nodes there are, or describe one: what goes in, what comes out, and what it means."""

import argparse
from collections.abc import Mapping

from cli.options import add_folders


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A name, and the form of the answer."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="the id of a node; all are listed without it")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="as the JSON that editors read (object_info)")
    form.add_argument("--markdown", action="store_true", help="as the page docs/nodes.md")
    add_folders(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Print the nodes."""
    from cli import node_pages
    from cli.assembly import catalogues_of, folders_from
    from cli.reporting import INVALID, SUCCESS
    from cli.screen import answer, answer_json, say
    from graph.describe import object_info
    from nodes import registry

    known = registry()
    catalogues = catalogues_of(folders_from(arguments))
    chosen = list(known)
    if arguments.name is not None:
        node = known.get(arguments.name)
        if node is None:
            say(f"No node is called '{arguments.name}'. {offered(known.nearest(arguments.name))}")
            return INVALID
        chosen = [node]
    if arguments.json:
        info: Mapping[str, object] = {node.id: object_info(node, catalogues) for node in chosen}
        answer_json(info)
    elif arguments.markdown:
        answer(node_pages.markdown(chosen))
    elif arguments.name is not None:
        answer(node_pages.page(chosen[0], catalogues))
    else:
        answer(node_pages.listing(chosen))
    return SUCCESS


def offered(names: tuple[str, ...]) -> str:
    """The sentence that helps on."""
    if not names:
        return "'main.py nodes' lists all of them."
    return f"Did you mean {' or '.join(repr(name) for name in names)}?"
