"""What the own API takes and answers, as models: the OpenAPI document is made from them, and so are the answers."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MOST_TARGETS: Final = 10_000
LONGEST_DEADLINE: Final = 30 * 24 * 3600
LONGEST_WAIT: Final = 600

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A name that a client chose: one line, not endless (T43, T44)."""
Workflow = Annotated[
    dict[str, Any],
    Field(
        description='Steps by id: `{"3": {"class_type": "KSampler", "inputs": {"seed": 7, "model": ["4", 0]}}}`; '
        "or a file as an editor saves it (it has a list `nodes`), which is converted."
    ),
]
State = Literal["queued", "running", "done", "failed", "interrupted", "lost"]


class Sent(BaseModel):
    """A body that a client sends: nothing unknown in it, and nothing read as another type."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


class Asked(BaseModel):
    """What stands in a query."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class Told(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


# Refusals


class ProblemView(Told):
    """One thing that is wrong with a workflow or with the inputs of a function."""

    severity: Literal["error", "warning"]
    node: str | None = Field(description="The step it stands at; null where an input of a function is meant.")
    input: str | None
    code: str = Field(description="Stable, for programs.")
    message: str
    remedy: str
    details: dict[str, Any]


class Refusal(BaseModel):
    """Why a request was refused (RFC 9457)."""

    model_config = ConfigDict(extra="allow", defer_build=True)

    type: str
    title: str
    status: int
    detail: str = Field(description="What was expected, what was found, and what to do.")
    code: str = Field(description="Stable, for programs.")
    errors: list[dict[str, Any]] | None = Field(
        None, description="Each thing that is wrong: problems of a workflow, or places in the body that do not fit."
    )


# Runs


class RunOptions(Sent):
    """How a run is to be queued."""

    id: Name | None = Field(None, description="Chosen by the client: sent again, it answers with the first run.")
    client_id: Name | None = Field(None, description="Who hears of the run on the websocket.")
    priority: float | None = Field(None, description="The smallest runs first; without one, in the order of arrival.")
    front: bool = Field(False, description="Ahead of the queue.")
    deadline: float | None = Field(
        None, gt=0, le=LONGEST_DEADLINE, description="Seconds of running after which the run is ended."
    )


class NewRun(RunOptions):
    """A run to be queued."""

    workflow: Workflow
    targets: list[Name] | None = Field(
        None, min_length=1, max_length=MOST_TARGETS, description="The steps that are wanted; all that save or show."
    )
    extra: dict[str, Any] = Field(
        default_factory=dict, description="What comes along; texts in `extra_pnginfo` are kept in saved pictures."
    )


class RunError(Told):
    """Why a run ended badly."""

    type: str
    message: str
    node: str | None
    class_type: str | None
    inputs: dict[str, Any] = Field(description="What the node was given, as texts.")


class RunSummary(Told):
    """A run as it stands, without its workflow."""

    id: str
    state: State
    priority: float
    client_id: str | None
    function: str | None = Field(description="The published workflow it came from.")
    targets: list[str]
    deadline: float | None
    submitted_at: float
    started_at: float | None
    ended_at: float | None
    attempts: int = Field(description="How often it was begun; a second time where a worker died.")
    worker: str | None
    cached: int = Field(description="Steps whose results were known.")
    seconds: dict[str, float] = Field(description="By step that ran.")
    memory: dict[str, int] | None = Field(description="Bytes of the worker: before, after and at most.")
    error: RunError | None


class Run(RunSummary):
    """A run with its workflow."""

    workflow: Workflow
    extra: dict[str, Any]


class RunList(Told):
    """Some of the runs, the newest first."""

    runs: list[RunSummary]
    total: int
    offset: int
    limit: int


class RunQuery(Asked):
    """Which runs to list."""

    state: list[State] | None = Field(None, description="Only these states; repeat it, or separate them by commas.")
    limit: int = Field(50, ge=1, le=1000)
    offset: int = Field(0, ge=0, le=10_000_000)


class RetryQuery(Asked):
    """How a run is to be queued again."""

    client_id: Name | None = Field(None, description="Who hears of it; left out, whoever heard of the first.")


class Cancelled(Told):
    """Whether a run was ended or asked to stop; false for one that had ended before."""

    id: str
    cancelled: bool


class Move(Sent):
    """Where in the queue a run is to go."""

    before: Annotated[str, StringConstraints(min_length=1)] | None = Field(
        description="The waiting run that it is to run just before; null for the end of the queue."
    )


class EventQuery(Asked):
    """Which events of a run to tell."""

    since: int = Field(0, ge=0, le=2**53, description="Tell what came after this number.")
    limit: int = Field(1000, ge=1, le=10_000)


class SinceQuery(Asked):
    """Where a stream begins."""

    since: int = Field(0, ge=0, le=2**53, description="Tell what came after this number.")


class EventView(Told):
    """One thing told of a run, in the words of the websocket."""

    seq: int
    type: str
    data: dict[str, Any]
    at: float


class EventList(Told):
    """Events in order. last: the number to go on from."""

    events: list[EventView]
    last: int


class OutputFile(Told):
    """A file that a step saved or shows. name: under which the step shows it, such as `images`."""

    node: str
    name: str
    filename: str
    subfolder: str
    type: str
    url: str


class Outputs(Told):
    """What a run made: files, and by step what else it showed, such as text."""

    files: list[OutputFile]
    shown: dict[str, dict[str, Any]]


class RunOutputs(Outputs):
    """What a run made. outputs: by the names of the published workflow it came from."""

    outputs: dict[str, Outputs]


# Workflows


class Judged(Sent):
    """A workflow to be judged, not run."""

    workflow: Workflow
    targets: list[Name] | None = Field(None, min_length=1, max_length=MOST_TARGETS)


class Verdict(Told):
    """Whether a workflow can be run. complete: whether the nodes' own code has been asked too."""

    valid: bool
    complete: bool
    problems: list[ProblemView]


class PlannedStep(Told):
    """What would be done with a step, and why."""

    node: str
    class_type: str
    action: str
    why: str
    key: str


class PlanView(Told):
    """What a run would do, in order; no steps where the workflow cannot be run."""

    steps: list[PlannedStep]
    problems: list[ProblemView]


# Published workflows


class FunctionInputView(Sent):
    """An input of a published workflow: the input of a step that it sets."""

    node: Name
    input: Name
    description: str = Field("", max_length=2000)
    default: Any = Field(None, description="Without one, what stands in the workflow.")


class FunctionOutputView(Sent):
    """An output of a published workflow: what a step saves or shows."""

    node: Name
    description: str = Field("", max_length=2000)


class NewFunction(Sent):
    """A workflow to be published."""

    workflow: Workflow
    description: str = Field("", max_length=2000)
    inputs: dict[str, FunctionInputView] = Field(default_factory=dict)
    outputs: dict[str, FunctionOutputView]


class FunctionView(NewFunction):
    """A published workflow."""

    name: str


class FunctionSummary(Told):
    """A published workflow without its steps."""

    name: str
    description: str
    inputs: list[str]
    outputs: list[str]


class FunctionList(Told):
    """The published workflows. unreadable: names of files that are none."""

    workflows: list[FunctionSummary]
    unreadable: list[str]


class NewFunctionRun(RunOptions):
    """A call of a published workflow."""

    inputs: dict[str, Any] = Field(default_factory=dict)
    wait: float = Field(0, ge=0, le=LONGEST_WAIT, description="Seconds to wait for the end of the run.")


class FunctionRun(Told):
    """A run of a published workflow, and its outputs by name once it has ended."""

    run: RunSummary
    outputs: dict[str, Outputs]
