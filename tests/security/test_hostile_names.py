"""Names that would become other paths: T01, T03 to T09, T43 and T44 of the list of hostile input.

Every refusal is one clear error, and nothing is read or written outside.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

import nodes
from graph.cache import Cache
from graph.check import check
from graph.plan import plan
from graph.run import run
from graph.workflow import Workflow, from_api
from storage import Digests
from storage.catalogues import catalogues
from storage.errors import NameRefused, StorageError
from storage.folders import Folders
from storage.saving import TokenValues, save_target

TRAVERSAL = [
    "../../etc/passwd",
    "..\\..\\x",
    "..\\../x",
    "sub/../../x",
    "sub/..\\..\\x",
    "..",
    ".",
    "sub/..",
    "sub/.",
    "./x",
    "sub//x",
    "sub/",
    "/",
    "...",
    ".. /x",
    "..;/x",
    "x.",
    "x ",
    "x. .",
    "sub /x",
    "sub./x",
    " /x",
]
ABSOLUTE = [
    "/etc/passwd",
    "//host/share",
    "\\\\host\\share",
    "\\\\?\\C:\\x",
    "C:foo",
    "C:\\foo",
    "C:/foo",
    "c:",
    "file:///etc/passwd",
    "x.png:stream",
    "x.png::$DATA",
    "\\x",
]
CHARACTERS = [
    "a\0.png",
    "a.png\0.txt",
    "a\nb.png",
    "a\r\nSet-Cookie: x",
    "a\tb",
    "a\x7fb",
    "a\x85b",
    "a\x1b[31m",
    "\u202egnp.exe",
    "a\u2066b\u2069",
    "a\u200fb",
    "a\u2028b",
    "a\u2029b",
    "a\ud800b",
]
DEVICES = [
    "NUL",
    "nul.png",
    "con",
    "CON.txt",
    "aux.tar.gz",
    "sub/PRN.png",
    "com1",
    "LPT9.png",
    "COM¹.x",
    "CONIN$",
    "con .png",
]
LONG = ["a" * 256, "ä" * 128, "a" * 300 + ".png", "a/" * 600 + "a", "🍎" * 64]
HIDDEN = [".htaccess", ".git/config", "sub/.env", ".ssh/authorized_keys"]
EMPTY = [""]
HOSTILE = TRAVERSAL + ABSOLUTE + CHARACTERS + DEVICES + LONG + HIDDEN + EMPTY


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[Folders]:
    """An installation beside things that must stay as they are."""
    base = tmp_path / "base"
    folders = Folders.under(base)
    for folder in (folders.input, folders.output, folders.temp, folders.user, folders.models / "checkpoints"):
        (folder / "sub").mkdir(parents=True)
    treasures = {
        base / "custom_nodes" / "pack" / "__init__.py": "plugin",
        folders.user / "settings.yaml": "configuration",
        base / "output-evil" / "x": "sibling",
        tmp_path / "x": "outside",
    }
    for path, text in treasures.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    before = everything(tmp_path)
    yield folders
    assert everything(tmp_path) == before


def everything(base: Path) -> dict[Path, str | None]:
    """Every path below the base, with the text of files."""
    return {path: path.read_text() if path.is_file() else None for path in base.rglob("*")}


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
@pytest.mark.parametrize("kind", ["input", "output", "temp"])
def test_a_hostile_name_is_never_opened(folders: Folders, kind: str, name: str) -> None:
    with pytest.raises(NameRefused):
        folders.open(kind, name)
    with pytest.raises(NameRefused):
        folders.resolve(kind, name)


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_hostile_model_name_is_never_a_path(folders: Folders, name: str) -> None:
    with pytest.raises(NameRefused):
        folders.model_path("checkpoints", name)


@pytest.mark.parametrize(
    "name", [f"{name} [output]" for name in TRAVERSAL + ABSOLUTE if not name.endswith(" ")], ids=ascii
)
def test_a_bracket_does_not_help_a_hostile_name(folders: Folders, name: str) -> None:
    with pytest.raises(NameRefused):
        folders.open_annotated(name)


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_the_refusal_shows_the_name_harmlessly(folders: Folders, name: str) -> None:
    """T44: no line break or control character of the name reaches a header, a log line or a terminal."""
    with pytest.raises(NameRefused) as refused:
        folders.open("input", name)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 500


@pytest.mark.parametrize(
    "prefix",
    [name + "/x" for name in TRAVERSAL + ABSOLUTE + DEVICES + HIDDEN]
    + ["../custom_nodes/pack/x", "../user/settings", "../models/checkpoints/x", "%date:yyyy%/../../x", "/tmp/x"]
    + ["%width%/../../%height%", "x" * 250, *CHARACTERS],
    ids=ascii,
)
def test_a_hostile_save_prefix_is_refused_and_writes_nothing(folders: Folders, prefix: str) -> None:
    with pytest.raises(NameRefused):
        save_target(folders, "output", prefix, TokenValues(datetime(2026, 1, 1))).write(b"data", ".png")


def test_a_value_put_into_a_prefix_never_adds_a_folder(folders: Folders) -> None:
    for name in HOSTILE:
        workflow = {"1": {"class_type": "T", "inputs": {"text": name}}}
        try:
            target = save_target(folders, "output", "%T.text%", TokenValues(datetime(2026, 1, 1), workflow=workflow))
        except NameRefused as refused:
            assert "device" in refused.found
        else:
            assert (target.subfolder, target.root) == ("", folders.output)


def test_links_inside_the_output_folder_do_not_lead_a_save_out(folders: Folders) -> None:
    (folders.output / "door").symlink_to(folders.output.parent / "custom_nodes")
    (folders.output / "pack_00001_.png").symlink_to(folders.user / "settings.yaml")
    try:
        with pytest.raises(NameRefused):
            save_target(folders, "output", "door/pack/x", TokenValues(datetime(2026, 1, 1)))
        saved = save_target(folders, "output", "pack", TokenValues(datetime(2026, 1, 1))).write(b"data", ".png")
        assert saved.filename == "pack_00002_.png"
        assert (folders.user / "settings.yaml").read_text() == "configuration"
        saved.path.unlink()
    finally:
        (folders.output / "door").unlink()
        (folders.output / "pack_00001_.png").unlink()


def test_user_files_and_plugins_have_no_name_at_all(folders: Folders) -> None:
    for kind in ("user", "models", "custom_nodes", ".", "..", "/", "input/..", "INPUT", ""):
        with pytest.raises(StorageError):
            folders.open(kind, "settings.yaml")


# A node's parameter that names a file, and what else the node needs.
READING = [
    ("LoadImage", "image", {}),
    ("LoadImageOutput", "image", {}),
    ("LoadImageMask", "image", {"channel": "red"}),
    ("LoadLatent", "latent", {}),
    ("CheckpointLoaderSimple", "ckpt_name", {}),
    ("VAELoader", "vae_name", {}),
]
SAVING = [("SaveImage", "images", "EmptyImage"), ("SaveLatent", "samples", "EmptyLatentImage")]
FEW = ["../../etc/passwd", "/etc/passwd", "..\\x", "C:/x", "a\nb", "nul", "a" * 300, ".git/config", "../x [output]"]


def reading(class_type: str, parameter: str, others: dict[str, object], name: str) -> Workflow:
    return from_api({"9": {"class_type": class_type, "inputs": {parameter: name, **others}}})


def saving(class_type: str, parameter: str, source: str, prefix: str) -> Workflow:
    colour = {"color": 0} if source == "EmptyImage" else {}
    made = {"class_type": source, "inputs": {"width": 16, "height": 16, "batch_size": 1, **colour}}
    return from_api(
        {"1": made, "9": {"class_type": class_type, "inputs": {parameter: ["1", 0], "filename_prefix": prefix}}}
    )


@pytest.mark.parametrize("name", FEW, ids=ascii)
@pytest.mark.parametrize(("class_type", "parameter", "others"), READING)
def test_a_hostile_name_in_a_nodes_parameter_is_refused_by_check_and_by_the_run(
    folders: Folders, class_type: str, parameter: str, others: dict[str, object], name: str
) -> None:
    workflow = reading(class_type, parameter, others, name)
    problems = [problem for problem in check(workflow, nodes.registry(), catalogues(folders), ("9",)) if problem.input]
    assert [(problem.node, problem.input, problem.severity) for problem in problems] == [("9", parameter, "error")]
    assert failure(folders, workflow) == ("9", "NameRefused")


@pytest.mark.parametrize("prefix", [name for name in FEW if name != "nul"] + ["../custom_nodes/pack/x"], ids=ascii)
@pytest.mark.parametrize(("class_type", "parameter", "source"), SAVING)
def test_a_hostile_prefix_in_a_nodes_parameter_is_refused_by_check_and_by_the_run(
    folders: Folders, class_type: str, parameter: str, source: str, prefix: str
) -> None:
    workflow = saving(class_type, parameter, source, prefix)
    problems = check(workflow, nodes.registry(), catalogues(folders))
    assert [(problem.node, problem.input, problem.severity) for problem in problems] == [
        ("9", "filename_prefix", "error")
    ]
    assert failure(folders, workflow) == ("9", "NameRefused")


def test_a_sound_prefix_passes_the_check(folders: Folders) -> None:
    for prefix in ("x", "a/b", "%date:yyyy-MM-dd%/x", "%Some: title.seed%", ""):
        assert check(saving("SaveImage", "images", "EmptyImage", prefix), nodes.registry(), catalogues(folders)) == ()


def failure(folders: Folders, workflow: Workflow) -> tuple[str, str]:
    """(node, kind of error) of a run that nobody checked first."""
    services = {Folders: folders, Digests: Digests.in_user_folder(folders.user)}
    cache = Cache()
    outcome = run(plan(workflow, nodes.registry(), cache, services, ("9",)), cache, services)
    assert outcome.error is not None
    return outcome.error.node, outcome.error.exception_type.rpartition(".")[2]
