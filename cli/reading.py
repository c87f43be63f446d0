"""Read what the user names as a workflow: JSON, YAML, standard input, or a picture that carries one."""

import io
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from cli.refusal import Refused
from graph.errors import WorkflowError
from graph.formats.editor_json import chooser, is_editor_format
from graph.formats.editor_json import to_api as editor_to_api
from graph.formats.kinds import NodeTable
from graph.workflow import MAX_BYTES, Workflow, from_api, parsed
from storage.errors import PictureRefused
from storage.png_text import SIGNATURE, read_texts

STANDARD_INPUT = "-"
YAML_ENDINGS = (".yaml", ".yml")


class SourceError(Refused):
    """What was named is no workflow, or cannot be read."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__("unreadable", message, remedy)


@dataclass(frozen=True)
class Source:
    """A workflow and what came along with it, such as the editor's own file in a picture (`workflow`)."""

    workflow: Workflow
    extra: Mapping[str, object] = field(default_factory=dict[str, object])


def read_source(name: str, table: Callable[[], NodeTable] | None = None, seed: int | None = None) -> Source:
    """The workflow behind a path or `-`. Raises SourceError.

    table: the kinds of nodes, by which an editor's own file is read; such a file comes along as `workflow`.
    seed: joins what decides the choices in its prompts.
    """
    document = read_document(name)
    try:
        if table is None or not is_editor_format(document.data):
            return Source(from_api(document.data), document.extra)
        drawn = chooser(document.data, seed)
        workflow = from_api(editor_to_api(document.data, table(), random=drawn))
        return Source(workflow, {"workflow": document.data, **document.extra})
    except WorkflowError as error:
        raise _unreadable(document.shown, error) from error


@dataclass(frozen=True)
class Document:
    """What stands behind a name: JSON of one form or another, and what came along. shown: its name for people."""

    shown: str
    data: object
    extra: Mapping[str, object] = field(default_factory=dict[str, object])


def read_document(name: str) -> Document:
    """The JSON behind a path or `-`, of a picture what it was made by. Raises SourceError."""
    shown = "standard input" if name == STANDARD_INPUT else name
    try:
        data = sys.stdin.buffer.read(MAX_BYTES + 1) if name == STANDARD_INPUT else _file(Path(name))
        if data.startswith(SIGNATURE):
            return _from_picture(shown, data)
        return Document(shown, parsed(data, "yaml" if _is_yaml(name, data) else "json"))
    except WorkflowError as error:
        raise _unreadable(shown, error) from error
    except PictureRefused as error:
        raise SourceError(f"{shown}: expected {error.expected}; found {error.found}.", error.remedy) from error
    except OSError as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror or str(error)
        raise SourceError(f"{shown}: {reason}.", "Name a JSON or YAML file, a picture, or -.") from error


def _unreadable(shown: str, error: WorkflowError) -> SourceError:
    return SourceError(f"{shown}: {error}", "Mend it there, or name another file.")


def _file(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
        # A picture may be larger than any workflow: its text chunks are read with bounds of their own.
        return data + file.read() if data.startswith(SIGNATURE) else data


def _is_yaml(name: str, data: bytes) -> bool:
    """By the ending; standard input has none, and there JSON is what begins with a brace."""
    if name == STANDARD_INPUT:
        return not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))
    return name.lower().endswith(YAML_ENDINGS)


def _from_picture(shown: str, data: bytes) -> Document:
    """The text `prompt` says what was run; a picture that has none may carry an editor's file in `workflow`."""
    texts = read_texts(io.BytesIO(data))
    extra = {key: _parsed(text) for key, text in texts.texts.items() if key != "prompt"}
    known = {key: value for key, value in extra.items() if value is not None}
    if texts.prompt is not None:
        return Document(shown, parsed(texts.prompt), known)
    if is_editor_format(known.get("workflow")):
        return Document(shown, parsed(texts.texts["workflow"]), known)
    found = ", ".join([*texts.texts, *texts.left_out]) or "none at all"
    raise PictureRefused(
        "a picture with a workflow in its text 'prompt' or 'workflow'",
        f"these texts: {found}",
        "Choose a picture as a run saved it, before another program wrote it anew.",
    )


def _parsed(text: str) -> object | None:
    """The JSON in a text chunk; None for other texts, which were not written by a run."""
    try:
        return cast(object, json.loads(text))
    except (ValueError, RecursionError):
        return None
