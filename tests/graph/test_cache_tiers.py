"""The laws of the cache: budgets hold, the least used leaves first, and nothing damaged is ever believed."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from graph.cache import Cache, DiskTier, Found, Gone
from graph.errors import Unpackable
from graph.keys import digest
from graph.remembered import Components, Remembered, Source
from graph.results import Blocker, Entry, Written


class Text:
    """A codec of texts that refuses the empty one."""

    def pack(self, value: Any) -> bytes:
        if not value:
            raise Unpackable("nothing to write")
        return value.encode()

    def unpack(self, data: bytes) -> Any:
        return data.decode()


def key(name: object) -> str:
    return digest(str(name))


def entry(*values: object, **more: Any) -> Entry:
    return Entry(tuple((value,) for value in values), **more)


def tier(folder: Path, budget: int = 1_000_000) -> DiskTier:
    return DiskTier(folder, budget, {"TEXT": Text()})


def place(folder: Path, name: object) -> Path:
    return folder / key(name)[:2] / key(name)


# Memory


def sized(budget: int) -> Cache:
    return Cache(budget, size_of=lambda value: int(str(value)))


def test_a_kept_result_is_found_again() -> None:
    cache = sized(10_000)
    cache.put(key("a"), entry(100), ["INT"])
    assert cache.get(key("a")) == entry(100)
    assert cache.look(key("a")) == Found("memory", None, ())
    assert cache.look(key("b")) is None


def test_memory_stays_within_its_budget_and_the_least_used_leaves_first() -> None:
    cache = sized(5000)
    for name in "abc":
        cache.put(key(name), entry(1000), ["INT"])
    cache.get(key("a"))
    cache.put(key("d"), entry(1000), ["INT"])
    cache.put(key("e"), entry(1000), ["INT"])
    assert [name for name in "abcde" if cache.in_memory(key(name))] == ["a", "d", "e"]
    assert cache.memory_used <= 5000


def test_what_is_larger_than_the_budget_is_not_kept_and_drives_nothing_out() -> None:
    cache = sized(5000)
    cache.put(key("small"), entry(1000), ["INT"])
    cache.put(key("large"), entry(6000), ["INT"])
    assert cache.in_memory(key("small")) and not cache.in_memory(key("large"))


def test_keeping_a_key_again_counts_it_once() -> None:
    cache = sized(5000)
    for _ in range(10):
        cache.put(key("a"), entry(1000), ["INT"])
    assert cache.memory_used < 1500


def test_given_back_memory_is_empty() -> None:
    cache = sized(5000)
    cache.put(key("a"), entry(1000), ["INT"])
    cache.clear_memory()
    assert cache.memory_used == 0
    assert cache.get(key("a")) is None


def test_values_without_a_budget_are_not_even_measured() -> None:
    def no(value: object) -> int:
        raise AssertionError("measured")

    cache = Cache(0, size_of=no)
    cache.put(key("a"), entry(1), ["INT"])
    assert cache.get(key("a")) is None


# Disk


def test_a_result_comes_back_from_disk_with_all_it_showed_and_wrote(tmp_path: Path) -> None:
    written = tmp_path / "picture"
    written.write_bytes(b"123")
    kept = Entry((("one", "two"), ("three",)), {"text": ["ü", 1.5, None]}, (Written(str(written), 3),))
    assert tier(tmp_path / "cache").store(key("a"), kept, ["TEXT", "TEXT"])
    again = tier(tmp_path / "cache")
    assert again.load(key("a")) == kept
    assert again.look(key("a")) == Found("disk", kept.ui, kept.files)


def test_a_result_without_outputs_can_be_kept(tmp_path: Path) -> None:
    tier(tmp_path).store(key("a"), Entry((), {"text": ["x"]}), [])
    assert tier(tmp_path).load(key("a")) == Entry((), {"text": ["x"]})


def test_a_result_is_gone_when_a_file_it_wrote_is(tmp_path: Path) -> None:
    file = Written(str(tmp_path / "picture"), 3)
    tier(tmp_path / "cache").store(key("a"), Entry((), None, (file,)), [])
    assert tier(tmp_path / "cache").look(key("a")) == Gone((file,))


@pytest.mark.parametrize(
    ("values", "types"),
    [
        (("a", "b"), ["TEXT", "MODEL"]),
        (("",), ["TEXT"]),
        ((Blocker(),), ["TEXT"]),
        ((5,), ["TEXT"]),
    ],
)
def test_a_result_that_cannot_be_written_whole_is_not_written_at_all(
    tmp_path: Path, values: tuple[object, ...], types: list[str]
) -> None:
    assert not tier(tmp_path).store(key("a"), entry(*values), types)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ui", [{"x": object()}, {"x": float("nan")}])
def test_what_is_shown_must_be_json_to_be_kept(tmp_path: Path, ui: dict[str, object]) -> None:
    assert not tier(tmp_path).store(key("a"), Entry((), ui), [])


def damage_nothing_left(folder: Path) -> None:
    (folder / "meta.json").write_bytes(b"")


def damage_half_a_description(folder: Path) -> None:
    text = (folder / "meta.json").read_bytes()
    (folder / "meta.json").write_bytes(text[: len(text) // 2])


def damage_other_json(folder: Path) -> None:
    (folder / "meta.json").write_text("[1, 2]")


def damage_deep_json(folder: Path) -> None:
    (folder / "meta.json").write_text("[" * 100_000)


def damage_description_changed(folder: Path) -> None:
    text = (folder / "meta.json").read_text()
    (folder / "meta.json").write_text(text.replace('"shown"', '"other"'))


def damage_short_value(folder: Path) -> None:
    (folder / "0").write_bytes(b"hel")


def damage_flipped_bit(folder: Path) -> None:
    (folder / "0").write_bytes(b"hellO")


def damage_no_value(folder: Path) -> None:
    (folder / "0").unlink()


@pytest.mark.parametrize(
    "damage",
    [
        damage_nothing_left, damage_half_a_description, damage_other_json, damage_deep_json,
        damage_description_changed, damage_short_value, damage_flipped_bit, damage_no_value,
    ],
)  # fmt: skip
def test_a_damaged_result_is_unknown_and_removed(tmp_path: Path, damage: Any) -> None:
    tier(tmp_path).store(key("a"), Entry((("hello",),), {"text": "shown"}), ["TEXT"])
    damage(place(tmp_path, "a"))
    assert tier(tmp_path).load(key("a")) is None
    assert not place(tmp_path, "a").exists()
    assert tier(tmp_path).look(key("a")) is None


def test_a_value_that_its_codec_no_longer_reads_is_unknown(tmp_path: Path) -> None:
    class Strict(Text):
        def unpack(self, data: bytes) -> Any:
            raise KeyError("another time's format")

    tier(tmp_path).store(key("a"), entry("hello"), ["TEXT"])
    assert DiskTier(tmp_path, 1000, {"TEXT": Strict()}).load(key("a")) is None
    assert not place(tmp_path, "a").exists()


def test_without_a_codec_a_kept_result_is_unknown_but_stays(tmp_path: Path) -> None:
    tier(tmp_path).store(key("a"), entry("hello"), ["TEXT"])
    assert DiskTier(tmp_path, 1000, {}).look(key("a")) is None
    assert tier(tmp_path).load(key("a")) == entry("hello")


def test_disk_stays_within_its_budget_and_the_least_used_leaves_first(tmp_path: Path) -> None:
    disk = tier(tmp_path, 20_000)
    for age, name in enumerate("abcdefgh"):
        disk.store(key(name), entry(name * 4000), ["TEXT"])
        if place(tmp_path, name).exists():
            os.utime(place(tmp_path, name) / "meta.json", (1000 + age, 1000 + age))
        if name == "d":
            disk.load(key("a"))
    left = [name for name in "abcdefgh" if tier(tmp_path).look(key(name))]
    assert "a" in left and "h" in left
    assert "b" not in left
    assert sum(file.stat().st_size for file in tmp_path.rglob("*") if file.is_file()) <= 20_000


def test_what_is_larger_than_the_disk_budget_is_not_written(tmp_path: Path) -> None:
    assert not tier(tmp_path, 100).store(key("a"), entry("x" * 1000), ["TEXT"])


def test_file_names_are_keys_and_numbers_only(tmp_path: Path) -> None:
    tier(tmp_path).store(key("a"), entry("../../evil", "b"), ["TEXT", "TEXT"])
    names = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    folder = f"{key('a')[:2]}/{key('a')}"
    assert names == {f"{folder}/meta.json", f"{folder}/0", f"{folder}/1"}


def test_keeping_a_key_again_replaces_it(tmp_path: Path) -> None:
    disk = tier(tmp_path)
    disk.store(key("a"), entry("old"), ["TEXT"])
    disk.store(key("a"), entry("new"), ["TEXT"])
    assert disk.load(key("a")) == entry("new")
    assert [path.name for path in tmp_path.iterdir()] == [key("a")[:2]]


def test_leftovers_of_dead_processes_are_swept_away(tmp_path: Path) -> None:
    old = tmp_path / "tmp-1-dead"
    old.mkdir()
    (old / "0").write_bytes(b"x")
    os.utime(old, (1000, 1000))
    young = tmp_path / "tmp-2-alive"
    young.mkdir()
    tier(tmp_path).store(key("a"), entry("hello"), ["TEXT"])
    assert not old.exists() and young.exists()


def test_a_folder_that_cannot_be_written_costs_the_result_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert not tier(tmp_path / "file").store(key("a"), entry("hello"), ["TEXT"])
    assert tier(tmp_path / "file").load(key("a")) is None


WRITER = """
import sys
from graph.disk import DiskTier
from graph.keys import digest
from graph.results import Entry

class Text:
    def pack(self, value): return value.encode()
    def unpack(self, data): return data.decode()

disk = DiskTier(sys.argv[1], 60_000, {"TEXT": Text()})
for round in range(6):
    for name in range(12):
        value = f"{name} " * 1000
        entry = disk.load(digest(str(name)))
        assert entry is None or entry.outputs == ((value,),), entry
        disk.store(digest(str(name)), Entry(((value,),)), ["TEXT"])
"""


def test_processes_can_share_a_folder(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], cwd=root, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    for writer in writers:
        _, said = writer.communicate(timeout=120)
        assert writer.returncode == 0, said.decode()
    for name in range(12):
        found = tier(tmp_path).load(key(name))
        assert found is None or found.outputs == ((f"{name} " * 1000,),)


def test_threads_that_write_one_key_leave_one_whole_result(tmp_path: Path) -> None:
    def write(value: str) -> None:
        disk = tier(tmp_path)
        for _ in range(20):
            disk.store(key("a"), entry(value * 100), ["TEXT"])

    threads = [threading.Thread(target=write, args=(letter,)) for letter in "xyz"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = tier(tmp_path).load(key("a"))
    assert found is not None
    assert found.outputs[0][0] in {letter * 100 for letter in "xyz"}


def test_what_comes_from_disk_is_then_in_memory(tmp_path: Path) -> None:
    tier(tmp_path).store(key("a"), entry("hello"), ["TEXT"])
    cache = Cache(10_000, tier(tmp_path))
    assert cache.look(key("a")) == Found("disk", None, ())
    cache.get(key("a"))
    assert cache.look(key("a")) == Found("memory", None, ())


# What ran last


def test_what_ran_last_is_remembered_across_processes(tmp_path: Path) -> None:
    components = Components("Add", "1", key("k"), {"right": "i1;"}, {"left": Source("3", 0, key("s"))}, "state")
    first = Remembered(tmp_path / "remembered.json")
    first.put("7", components)
    first.save()
    assert Remembered(tmp_path / "remembered.json").get("7") == components


def test_only_the_latest_steps_are_remembered(tmp_path: Path) -> None:
    remembered = Remembered(None, most=3)
    for name in "abcda":
        remembered.put(name, Components(name, "1", key(name)))
    assert [name for name in "abcd" if remembered.get(name)] == ["a", "c", "d"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"7": [1]}', '{"7": 5}', json.dumps({"7": ["A", "1", "k", 5, {}, None]})]
)
def test_a_damaged_memory_of_what_ran_begins_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "remembered.json").write_text(text)
    remembered = Remembered(tmp_path / "remembered.json")
    assert remembered.get("7") is None
    remembered.put("8", Components("A", "1", "k"))
    remembered.save()
    assert Remembered(tmp_path / "remembered.json").get("8") is not None


# In a run


def test_a_result_that_turns_out_damaged_while_running_is_computed_again(lab: Any) -> None:
    steps = {
        "1": {"class_type": "Number", "inputs": {"value": 1}},
        "2": {"class_type": "Add", "inputs": {"left": ["1", 0], "right": 1}},
        "3": {"class_type": "Save", "inputs": {"value": ["2", 0], "name": "a"}},
    }
    lab.with_disk()
    lab.go(steps)
    lab.with_disk()
    for value in (lab.folder / "cache").rglob("0"):
        value.write_bytes(bytes(byte ^ 1 for byte in value.read_bytes()))
    steps["3"]["inputs"]["name"] = "b"
    outcome = lab.go(steps)
    assert outcome.status == "success"
    assert outcome.executed == ("1", "2", "3")
    assert (lab.folder / "b.txt").read_text() == "2"


def test_a_target_that_turns_out_damaged_is_computed_again(lab: Any) -> None:
    steps = {"1": {"class_type": "Number", "inputs": {"value": 5}}}
    lab.with_disk()
    lab.go(steps, targets=["1"])
    lab.with_disk()
    for value in (lab.folder / "cache").rglob("0"):
        value.write_bytes(b"6")
    assert lab.go(steps, targets=["1"]).results == {"1": (5,)}


def test_a_run_with_a_full_disk_still_succeeds(lab: Any) -> None:
    lab.with_disk(budget=10)
    steps = {"1": {"class_type": "Number", "inputs": {"value": 5}}}
    assert lab.go(steps, targets=["1"]).status == "success"
