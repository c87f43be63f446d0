"""What a conversion says of what it met: a refusal with its place, or a notice of what could not be kept."""

from collections.abc import Callable
from dataclasses import dataclass

from graph.errors import WorkflowError


class FormatError(WorkflowError):
    """A file of an editor cannot be understood. node, field: where, as far as that is known."""

    def __init__(self, message: str, *, where: str = "", node: str | None = None, field: str | None = None) -> None:
        super().__init__(message, where=where)
        self.message = message
        self.node = node
        self.field = field


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that a conversion could not carry over. node: its id in the result, None for the file as a whole.

    code: stable, for programs. remedy: what to do.
    """

    node: str | None
    code: str
    message: str
    remedy: str


Hear = Callable[[Notice], None]


def ignore(notice: Notice) -> None:
    """Hear nothing."""
