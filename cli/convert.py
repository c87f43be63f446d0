"""Turn an editor's file into the API form, or the API form into a file that editors open; without a server.

Prints the JSON, or writes it with -o. What could not be carried over is told on standard error: a node that is not
installed keeps its id, its name and its links, but its values stand by position in an editor's file and only its
description (--nodes) says what they are called. Ends with 0 when everything was carried over, with 1 when something was
left out, with 2 when the file cannot be converted.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from cli.options import WORKFLOW, add_folders

if TYPE_CHECKING:
    from cli.reading import Document
    from graph.formats.kinds import NodeTable
    from graph.formats.words import Hear

MOST_BYTES: Final = 200_000_000
"""How long a description of nodes may be, unpacked."""
MOST_INDENT: Final = 16


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, the form that is wanted, and where nodes that are not installed are described."""
    parser.add_argument("workflow", metavar="WORKFLOW", help=WORKFLOW)
    parser.add_argument("--to", choices=("api", "editor"), default="api", help="the form that is wanted (default: api)")
    parser.add_argument(
        "--nodes",
        type=Path,
        metavar="FILE",
        help="an object_info document, as /object_info of any server answers (may be gzipped), for nodes that are not "
        "installed here",
    )
    parser.add_argument("-o", "--out", type=Path, metavar="FILE", help="write it there, in place of standard output")
    parser.add_argument("--indent", type=indent, default=2, metavar="N", help="spaces a level; 0 for one line (2)")
    parser.add_argument("--quiet", action="store_true", help="say nothing of what could not be carried over")
    add_folders(parser)


def indent(text: str) -> int:
    """A small number of spaces."""
    if not text.isascii() or not text.isdigit() or len(text) > 2 or int(text) > MOST_INDENT:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to {MOST_INDENT}; found '{text}'")
    return int(text)


def execute(arguments: argparse.Namespace) -> int:
    """Convert the file and print what came out."""
    import json

    from cli.reading import read_document
    from cli.refusal import Refused
    from cli.reporting import FAILED, INVALID, SUCCESS, say_refused
    from cli.screen import answer, say
    from graph.formats.words import Notice

    told: list[Notice] = []
    try:
        made = converted(read_document(arguments.workflow), table(arguments), arguments.to, told.append)
        text = json.dumps(made, ensure_ascii=False, indent=arguments.indent or None, allow_nan=False)
        if arguments.out is not None:
            write(arguments.out, text)
    except Refused as refused:
        say_refused(refused)
        return INVALID
    if not arguments.quiet:
        for notice in told:
            say(f"warning: {notice.message} [{notice.code}]\n    {notice.remedy}")
    if arguments.out is None:
        answer(text)
    return FAILED if told else SUCCESS


def converted(document: "Document", nodes: "NodeTable", form: str, hear: "Hear") -> object:
    """The document in the wanted form; one that has it already stays as it is. Raises SourceError."""
    from datetime import datetime

    from cli.reading import SourceError
    from graph.errors import WorkflowError
    from graph.formats.api_form import to_editor
    from graph.formats.editor_json import is_editor_format, to_api
    from graph.workflow import from_api, to_document

    try:
        if form == "api":
            if is_editor_format(document.data):
                return to_api(document.data, nodes, now=datetime.now(), hear=hear)
            return to_document(from_api(document.data))
        came_along = document.extra.get("workflow")
        for data in (document.data, came_along):
            if is_editor_format(data):
                return data
        return to_editor(from_api(document.data), nodes, hear=hear)
    except WorkflowError as error:
        raise SourceError(f"{document.shown}: {error}", "Mend it there, or name another file.") from error


def table(arguments: argparse.Namespace) -> "NodeTable":
    """The kinds of nodes: those of the file that `--nodes` names, then those that are installed, loaded only if a node
    is met that the file does not describe. Raises Refused."""
    from graph.formats.kinds import NodeTable

    def installed() -> NodeTable:
        from cli.assembly import catalogues_of, folders_from
        from nodes import registry

        return NodeTable.from_registry(registry(), catalogues_of(folders_from(arguments)))

    told: Mapping[str, object] = {} if arguments.nodes is None else described(arguments.nodes)
    return NodeTable.from_object_info(told).before(installed)


def described(path: Path) -> Mapping[str, object]:
    """The descriptions in a file, plain or gzipped. Raises Refused."""
    import gzip
    import json
    import zlib

    from cli.refusal import Refused

    remedy = "Save what /object_info of a server answers, and name that file."
    try:
        with path.open("rb") as file:
            is_packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            with gzip.GzipFile(fileobj=file) if is_packed else file as content:
                data = content.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise Refused("bad_nodes", f"{path}: longer than {MOST_BYTES:,} bytes.", remedy)
        told = cast(object, json.loads(data.decode("utf-8-sig")))
    except (OSError, EOFError, zlib.error, ValueError, RecursionError) as error:
        raise Refused("bad_nodes", f"{path}: no object_info document could be read: {error}.", remedy) from error
    if not isinstance(told, Mapping):
        raise Refused("bad_nodes", f"{path}: an object_info document is an object of nodes by their id.", remedy)
    return cast(Mapping[str, object], told)


def write(path: Path, text: str) -> None:
    """The text as a file. Raises Refused."""
    from cli.refusal import Refused

    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        message = f"{path}: {error.strerror or error}."
        raise Refused("unwritable", message, "Name a file in a folder that exists.") from error
