"""What can be wrong with a request about runs. Every message says what to do."""


class RunsError(Exception):
    """Base of this folder's errors."""


class IdTaken(RunsError):
    """The client's own id belongs to a run with another workflow."""

    def __init__(self, id: str) -> None:
        super().__init__(f"the id {id[:80]!r} belongs to a run with another workflow; choose another one")
        self.id = id


class UnknownRun(RunsError):
    """There is no such run."""

    def __init__(self, id: str) -> None:
        super().__init__(f"there is no run {id[:80]!r}; it may have been deleted")
        self.id = id


class StillOpen(RunsError):
    """The run has not ended yet."""

    def __init__(self, id: str) -> None:
        super().__init__(f"run {id[:80]!r} has not ended yet; wait for it, or cancel it first")
        self.id = id


class NotQueued(RunsError):
    """The run does not wait any more, so it has no place in the queue."""

    def __init__(self, id: str, found: str) -> None:
        super().__init__(f"run {id[:80]!r} is {found} and waits no longer; ask for the queue again")
        self.id = id


class NoWorker(RunsError):
    """No worker could answer in time."""


class WorkerRefused(RunsError):
    """A worker answered a question with an error."""


class StoreError(RunsError):
    """The database cannot be opened or written."""
