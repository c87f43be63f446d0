"""Published workflows on the command line: `run NAME --input prompt="a red apple"`.

`--input` has two meanings, told apart by how its value begins: NAME=VALUE sets an input of a published workflow,
anything else is the folder of input pictures. A folder that looks like the former is written with `./` before it.
"""

import argparse
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from cli.options import home

if TYPE_CHECKING:
    from cli.assembly import House
    from cli.preparing import Prepared
    from graph.functions import Function
    from graph.interface import Input

SETTING = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_-]{0,63})=(?P<value>.*)", re.DOTALL)
LISTED = 12


class InputAction(argparse.Action):
    """Keeps NAME=VALUE in `values`, by name, and a folder in `input`."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        """Take one `--input`."""
        text = str(values)
        if found := SETTING.fullmatch(text):
            namespace.values = {**namespace.values, found["name"]: found["value"]}
        else:
            setattr(namespace, self.dest, Path(text))


def add_inputs(parser: argparse.ArgumentParser) -> None:
    """`--input` with both meanings, in the place of the one that takes a folder alone."""
    group = parser.add_argument_group("inputs", conflict_handler="resolve")
    group.add_argument(
        "--input",
        action=InputAction,
        default=home() / "input",
        metavar="NAME=VALUE|DIR",
        help="set an input of a published workflow (may repeat), or name the folder of pictures to load (input/)",
    )
    parser.set_defaults(values={})


@dataclass(frozen=True)
class Ready:
    """What is to be run. targets: the steps it is for; None for all that save or show."""

    prepared: "Prepared"
    targets: Sequence[str] | None


def prepare_run(name: str, arguments: argparse.Namespace, house: "House") -> Ready:
    """The workflow of a file or a published one, with its inputs set. Raises Refused where there is none, or where
    `--input` does not fit."""
    from cli.preparing import Prepared, prepare
    from cli.reading import STANDARD_INPUT
    from cli.refusal import Refused
    from cli.settings import changed
    from graph.check import check
    from graph.functions import bind, with_names
    from storage.published import Published

    published = Published.in_user_folder(house.folders.user)
    is_file = name == STANDARD_INPUT or Path(name).is_file()
    if is_file or name not in published:
        if arguments.values:
            raise Refused("no_function", *_no_function(name, is_file, arguments.values, published.names()))
        return Ready(prepare(name, arguments, house), None)
    function = _read(name, published.read(name))
    values = {each: typed(function, each, text, house) for each, text in arguments.values.items()}
    bound, wrong = bind(function, values, house.registry)
    workflow = changed(bound, arguments.settings, arguments.seed, house.registry)
    problems = check(workflow, house.registry, house.catalogues, function.targets)
    return Ready(Prepared(workflow, {}, with_names(function, wrong, problems)), function.targets)


def typed(function: "Function", name: str, text: str, house: "House") -> object:
    """The text as the type of the input it is for; as it is where it cannot be read, which is told as a problem."""
    from graph.errors import CoerceError
    from graph.functions import RANDOM, declaration

    declared = declaration(function, name, house.registry) if name in function.inputs else None
    if declared is None or (declared.seed and text == RANDOM):
        return text
    if declared.is_list or declared.multiselect:
        return _json_or_text(text)
    try:
        return _one(declared, text)
    except CoerceError:
        return text


def _one(declared: "Input", text: str) -> object:
    from graph.coerce import coerce
    from graph.interface import WIDGETS

    if declared.type == "COMBO":
        return next((choice for choice in declared.choices or () if str(choice) == text), text)
    return coerce(declared, text) if declared.type in WIDGETS else _json_or_text(text)


def _json_or_text(text: str) -> object:
    try:
        return cast(object, json.loads(text))
    except (ValueError, RecursionError):
        return text


def _read(name: str, data: object) -> "Function":
    from cli.refusal import Refused
    from graph.errors import WorkflowError
    from graph.functions import read_function

    try:
        return read_function(data)
    except WorkflowError as error:
        raise Refused("unreadable", f"the published workflow '{name}': {error}.", "Publish it anew.") from error


def _no_function(name: str, is_file: bool, values: Mapping[str, str], known: Sequence[str]) -> tuple[str, str]:
    """Why `--input` has no meaning here, and what to do."""
    first = next(iter(values))
    if is_file:
        return (
            f"--input {first}=… sets an input of a published workflow; '{name}' is a file.",
            f"Write --set NODE.INPUT=VALUE for a file, or --input ./{first}=… for a folder of this name.",
        )
    there = f"There are: {', '.join(known[:LISTED])}." if known else "None has been published yet."
    return f"no published workflow is named '{name}', and no file.", there
