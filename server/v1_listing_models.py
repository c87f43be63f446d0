"""What the own API lists, as models: nodes, models and files."""

from typing import Any, Literal

from pydantic import Field

from server.v1_models import Asked, Told

FileKind = Literal["input", "output", "temp"]


class NodeInput(Told):
    """An input of a node. catalogue: where its choices are listed, as the name of a model category or folder."""

    name: str
    type: str
    required: bool
    default: Any
    minimum: float | None
    maximum: float | None
    step: float | None
    choices: list[Any] | None
    catalogue: str | None
    multiselect: bool
    nullable: bool
    is_list: bool
    lazy: bool
    seed: bool
    multiline: bool
    label: str | None
    tooltip: str


class NodeOutput(Told):
    """An output of a node."""

    name: str
    type: str
    is_list: bool
    tooltip: str


class NodeView(Told):
    """A kind of node. terminal: it saves or shows something."""

    id: str
    display_name: str
    category: str
    description: str
    module: str
    terminal: bool
    deprecated: bool
    experimental: bool
    inputs: list[NodeInput]
    outputs: list[NodeOutput]


class NodeList(Told):
    """The nodes there are; choices of a catalogue are told with the single node."""

    nodes: list[NodeView]


class ModelCategories(Told):
    """The categories of models."""

    categories: list[str]


class ModelFile(Told):
    """A model. size: bytes; null for a folder that is one model."""

    name: str
    size: int | None
    modified: float


class ModelList(Told):
    """The models of a category."""

    category: str
    models: list[ModelFile]


class FileQuery(Asked):
    """Which files to list.

    media: `image` leaves out what is no picture. search: words, or "a phrase" in quotes, that all have to stand in the
    file's name or in what the picture says of how it was made.
    """

    limit: int = Field(100, ge=1, le=1000)
    offset: int = Field(0, ge=0, le=10_000_000)
    order: Literal["newest", "oldest", "name"] = "newest"
    media: Literal["any", "image"] = "any"
    search: str = Field("", max_length=200)


class FileView(Told):
    """A picture or another file that workflows load or save."""

    name: str
    size: int
    modified: float
    url: str


class FileList(Told):
    """Some of the files of a folder, in the order that was asked for.

    unread: how many pictures a search has not looked into yet; the same question asked again goes on with them.
    """

    kind: FileKind
    files: list[FileView]
    total: int
    offset: int
    limit: int
    unread: int = 0
