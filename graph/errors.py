"""What can go wrong in the engine: one exception per kind of mistake, each naming place and remedy."""


class GraphError(Exception):
    """The root of everything the engine raises on purpose."""


class SpecError(GraphError):
    """A node is declared in a way the engine cannot read, or two nodes claim one id."""


class WorkflowError(GraphError):
    """A text or object is no workflow.

    `line` and `column` count from 1 (None where the mistake has no place in a text); `where` is the path of keys
    to the mistake, such as `3.inputs.seed`.
    """

    def __init__(self, message: str, *, line: int | None = None, column: int | None = None, where: str = "") -> None:
        place = "" if line is None else f"line {line}, column {column}: "
        inside = f" (at {where})" if where else ""
        super().__init__(f"{place}{message}{inside}")
        self.line = line
        self.column = column
        self.where = where


class CoerceError(GraphError, ValueError):
    """A literal cannot be read as the type its input asks for."""


class PlanError(GraphError):
    """A workflow cannot be planned: it has problems that `check` names in full."""


class CycleError(PlanError):
    """Steps wait for each other in a ring; `path` names them, the first again at the end."""

    def __init__(self, message: str, path: tuple[str, ...]) -> None:
        super().__init__(message)
        self.path = path


class NodeError(GraphError):
    """A node broke its own declaration while running, such as returning too few values."""


class Unpackable(GraphError):
    """A codec cannot write this value; the result is then kept in memory only."""


class Interrupted(GraphError):
    """The run was asked to stop. Nodes let it pass through."""
