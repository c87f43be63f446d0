"""Packs that change while the program runs are read anew, and only those; whoever holds the old nodes keeps them."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from textwrap import dedent

import pytest

from graph.registry import Registry
from packs.importing import PackImporter
from packs.loading import LoadedPacks
from packs.native import read_native
from packs.reloading import LivePacks
from packs.report import PackChoice
from packs.watching import source_state
from tests.packs.conftest import by_name, native

Write = Callable[[str, str], Path]


def result(loaded: LoadedPacks, node: str, value: int) -> object:
    """What a node makes of a number."""
    found = loaded.registry.get(node)
    assert found is not None
    return found.call({"value": value}, None)[0]  # type: ignore[arg-type,index]


@pytest.fixture
def live(folder: Path, importer: PackImporter) -> LivePacks:
    return LivePacks([folder], PackChoice(), Registry(), [read_native], importer)


def test_a_changed_pack_has_its_new_nodes_and_the_old_registry_its_old_ones(live: LivePacks, write: Write) -> None:
    write("toy/__init__.py", native("Twice"))
    old = live.load()
    write("toy/__init__.py", native("Twice").replace("value * 2", "value * 3"))
    new = live.load()
    assert (result(old, "Twice", 5), result(new, "Twice", 5)) == (10, 15)
    before, after = old.registry.get("Twice"), new.registry.get("Twice")
    assert before is not None and after is not None
    assert before.version != after.version, "the cache would take results of the old code"


def test_an_edit_within_the_same_second_and_of_the_same_size_counts(live: LivePacks, write: Write) -> None:
    path = write("toy.py", native("Twice"))
    live.load()
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    write("toy.py", native("Twice").replace("value * 2", "value * 4"))
    os.utime(path, ns=times)
    assert result(live.load(), "Twice", 5) == 20
    assert result(live.load(), "Twice", 5) == 20


def test_a_module_inside_a_pack_is_read_anew_too(live: LivePacks, write: Write) -> None:
    write("toy/__init__.py", "from .inner import FACTOR\n" + native("Twice").replace("value * 2", "value * FACTOR"))
    write("toy/inner.py", "FACTOR = 2\n")
    assert result(live.load(), "Twice", 5) == 10
    write("toy/inner.py", "FACTOR = 7\n")
    assert result(live.load(), "Twice", 5) == 35


def test_only_what_has_changed_is_imported_again(live: LivePacks, write: Write) -> None:
    count = 'from pathlib import Path\nwith open(Path(__file__).with_name("count"), "a") as f: f.write("x")\n'
    write("kept/__init__.py", count + native("Kept"))
    write("edited/__init__.py", count + native("Edited"))
    first = live.load()
    write("edited/__init__.py", count + native("Edited") + "\n")
    second = live.load()
    assert [(pack, (live_file(write, pack)).read_text()) for pack in ("kept", "edited")] == [
        ("kept", "x"),
        ("edited", "xx"),
    ]
    assert first.registry.get("Kept") is not None
    assert [report.nodes for report in second.reports] == [("Edited",), ("Kept",)]


def live_file(write: Write, pack: str) -> Path:
    return write(f"{pack}/note.txt", "").with_name("count")


def test_new_packs_come_and_removed_ones_go(live: LivePacks, write: Write) -> None:
    gone = write("gone.py", native("Gone"))
    assert list(live.load().registry.ids()) == ["Gone"]
    gone.unlink()
    write("come.py", native("Come"))
    assert list(live.load().registry.ids()) == ["Come"]
    write("gone.py", native("Gone").replace("* 2", "* 9"))
    assert result(live.load(), "Gone", 1) == 9


def test_a_pack_that_fails_now_keeps_its_old_nodes_out_and_is_reported(live: LivePacks, write: Write) -> None:
    write("toy.py", native("Twice"))
    live.load()
    write("toy.py", "raise ValueError('half an edit')")
    broken = live.load()
    assert len(broken.registry) == 0
    report = by_name(broken)["toy"]
    assert (report.state, report.nodes) == ("failed", ())
    assert "half an edit" in report.problem
    write("toy.py", native("Twice"))
    assert by_name(live.load())["toy"].state == "loaded"


def test_an_id_that_a_changed_pack_gives_up_goes_to_the_one_that_was_refused_it(live: LivePacks, write: Write) -> None:
    write("first.py", native("Same"))
    write("second.py", native("Same"))
    assert [report.nodes for report in live.load().reports] == [("Same",), ()]
    write("first.py", native("Other"))
    assert [report.nodes for report in live.load().reports] == [("Other",), ("Same",)]


def test_a_pack_that_failed_is_tried_again_only_when_that_is_asked_for(live: LivePacks, write: Write) -> None:
    needed = write("shelf/needed.txt", "no")
    source = f"if open({str(needed)!r}).read() == 'no': raise RuntimeError('not yet')\n" + dedent(native("Late"))
    write("late.py", source)
    assert by_name(live.load())["late"].state == "failed"
    needed.write_text("yes")
    assert by_name(live.load())["late"].state == "failed"
    assert by_name(live.load(again=True))["late"].state == "loaded"


def test_a_changed_manifest_counts_as_a_change(live: LivePacks, write: Write) -> None:
    write("toy/__init__.py", native("Twice"))
    assert by_name(live.load())["toy"].version == ""
    write("toy/pack.toml", '[pack]\nversion = "2"\n')
    assert by_name(live.load())["toy"].version == "2"


class Recorder:
    """Says of each pack that it asked for one route."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []

    def as_text(self) -> Mapping[str, Sequence[str]]:
        return {"plain": ["GET /plain"], "asking": ["GET /asking"], "silent": ["POST /silent", "POST /silent"]}

    def forget(self, pack: str) -> None:
        self.forgotten.append(pack)


def test_t48_routes_are_served_only_of_packs_that_were_allowed_and_ask_where_they_can(
    folder: Path, importer: PackImporter, write: Write
) -> None:
    write("plain/__init__.py", native("A"))
    write("asking/__init__.py", native("B"))
    write("asking/pack.toml", '[pack]\npermissions = ["routes"]\n')
    write("silent/__init__.py", native("C"))
    write("silent/pack.toml", '[pack]\nname = "silent"\n')
    recorder = Recorder()

    def reports(*allowed: str) -> dict[str, tuple[bool, str, str]]:
        choice = PackChoice(routes=frozenset(allowed))
        packs = LivePacks([folder], choice, Registry(), [read_native], importer, recorder)
        return {each.name: (each.serves_routes, each.problem, each.remedy) for each in packs.load().reports}

    off = reports()
    assert not any(serves for serves, _, _ in off.values())
    assert off["plain"][2] == "If you trust it, start the server with --allow-routes plain."
    on = reports("plain", "asking", "silent")
    assert [name for name, (serves, _, _) in on.items() if serves] == ["asking", "plain"]
    assert "does not ask for the permission" in on["silent"][1]
    assert on["plain"][1:] == ("", "")


def test_what_a_pack_registered_before_it_changed_is_forgotten(
    folder: Path, importer: PackImporter, write: Write
) -> None:
    recorder = Recorder()
    write("toy.py", native("Twice"))
    live = LivePacks([folder], PackChoice(), Registry(), [read_native], importer, recorder)
    live.load()
    live.load()
    assert recorder.forgotten == []
    write("toy.py", native("Thrice"))
    live.load()
    assert recorder.forgotten == ["toy"]


def test_a_change_of_sources_is_seen_and_others_are_not(folder: Path, write: Write) -> None:
    write("toy/__init__.py", "")
    write("toy/deep/er/part.py", "")
    before = source_state([folder, folder / "absent"])
    write("toy/__pycache__/part.cpython-311.pyc", "x")
    write("toy/__pycache__/part.py", "x")
    write("toy/.git/hook.py", "x")
    write("toy/web/picture.js", "x")
    (folder / "toy" / "loop").symlink_to(folder)
    assert source_state([folder]) == before
    for name in ("toy/deep/er/part.py", "toy/new.py", "toy/pack.toml"):
        write(name, "changed = 1")
        now = source_state([folder])
        assert now != before
        before = now
    (folder / "toy" / "new.py").unlink()
    assert source_state([folder]) != before
