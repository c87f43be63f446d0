"""List the nodes there are, or describe one: what goes in, what comes out, and what it means.

`nodes --packs` tells of every pack whether it was loaded, how long that took, and what is wrong with it;
`nodes new NAME` writes a pack of your own to begin with.
"""

import argparse
from collections.abc import Mapping

from cli.options import add_folders
from cli.pack_options import add_packs

NEW = "new"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A name, and the form of the answer."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="the id of a node; all are listed without it")
    parser.add_argument("pack", nargs="?", metavar="PACK", help="after 'new': the name of the pack that is written")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="as JSON: nodes as editors read them (object_info)")
    form.add_argument("--markdown", action="store_true", help="the built-in nodes as the page docs/nodes.md")
    parser.add_argument("--packs", action="store_true", help="tell about packs instead of nodes")
    add_folders(parser)
    add_packs(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Print the nodes, tell about packs, or write a new one."""
    if arguments.name == NEW:
        return write_pack(arguments)
    if arguments.pack is not None:
        from cli.refusal import Refused

        raise Refused("two_names", f"one node is described at a time; found a second name, {arguments.pack!r}.", "")
    if arguments.markdown:
        return print_page()
    if arguments.packs:
        return tell_packs(arguments)
    return print_nodes(arguments)


def print_page() -> int:
    """The built-in nodes as a page."""
    from cli import node_pages
    from cli.reporting import SUCCESS
    from cli.screen import answer
    from nodes import registry

    answer(node_pages.markdown(list(registry())))
    return SUCCESS


def print_nodes(arguments: argparse.Namespace) -> int:
    """All nodes in a list, or all there is to know of one."""
    from cli import node_pages
    from cli.assembly import catalogues_of, folders_from, packs_from
    from cli.reporting import INVALID, SUCCESS
    from cli.screen import answer, answer_json, say
    from graph.describe import object_info

    loaded = packs_from(arguments)
    known = loaded.registry
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
    elif arguments.name is not None:
        answer(node_pages.page(chosen[0], catalogues))
    else:
        answer(node_pages.listing(chosen))
    return SUCCESS


def tell_packs(arguments: argparse.Namespace) -> int:
    """What became of every pack, or of the one that is named."""
    from cli.assembly import packs_from
    from cli.pack_pages import pack_page
    from cli.reporting import INVALID, SUCCESS
    from cli.screen import answer, answer_json, say
    from packs.report import report_to_json

    reports = packs_from(arguments).reports
    if arguments.name is not None:
        reports = tuple(report for report in reports if report.name == arguments.name)
        if not reports:
            say(f"No pack is called '{arguments.name}'. 'main.py nodes --packs' lists those there are.")
            return INVALID
    if arguments.json:
        answer_json([report_to_json(report) for report in reports])
    else:
        answer(pack_page(reports) if reports else "There are no packs. 'main.py nodes new NAME' writes one.")
    return SUCCESS


def write_pack(arguments: argparse.Namespace) -> int:
    """Write a pack to begin with, and say what to do with it."""
    from cli.new_pack import write
    from cli.pack_options import pack_folders
    from cli.reporting import SUCCESS
    from cli.screen import answer, say

    folder = write(arguments.pack, pack_folders(arguments)[0])
    answer(str(folder))
    say(f"Its node is there at the next start. Its test: python -m pytest {folder}")
    return SUCCESS


def offered(names: tuple[str, ...]) -> str:
    """The sentence that helps on."""
    if not names:
        return "'main.py nodes' lists all of them."
    return f"Did you mean {' or '.join(repr(name) for name in names)}?"
