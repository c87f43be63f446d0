"""Read what the user names as a workflow: JSON, YAML, standard input, or a picture that carries one."""

import io
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from cli.refusal import Refused
from graph.errors import WorkflowError
from graph.workflow import MAX_BYTES, Workflow, loads
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


def read_source(name: str) -> Source:
    """The workflow behind a path or `-`. Raises SourceError."""
    shown = "standard input" if name == STANDARD_INPUT else name
    try:
        data = sys.stdin.buffer.read(MAX_BYTES + 1) if name == STANDARD_INPUT else _file(Path(name))
        if data.startswith(SIGNATURE):
            return _from_picture(data)
        return Source(loads(data, "yaml" if _is_yaml(name, data) else "json"))
    except WorkflowError as error:
        raise SourceError(f"{shown}: {error}", "Mend it there, or name another file.") from error
    except PictureRefused as error:
        raise SourceError(f"{shown}: expected {error.expected}; found {error.found}.", error.remedy) from error
    except OSError as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror or str(error)
        raise SourceError(f"{shown}: {reason}.", "Name a JSON or YAML file, a picture, or -.") from error


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


def _from_picture(data: bytes) -> Source:
    texts = read_texts(io.BytesIO(data))
    if texts.prompt is None:
        found = ", ".join([*texts.texts, *texts.left_out]) or "none at all"
        raise PictureRefused(
            "a picture with a workflow in its text 'prompt'",
            f"these texts: {found}",
            "Choose a picture as a run saved it, before another program wrote it anew.",
        )
    extra = {key: _parsed(text) for key, text in texts.texts.items() if key != "prompt"}
    return Source(loads(texts.prompt), {key: value for key, value in extra.items() if value is not None})


def _parsed(text: str) -> object | None:
    """The JSON in a text chunk; None for other texts, which were not written by a run."""
    try:
        return cast(object, json.loads(text))
    except (ValueError, RecursionError):
        return None
