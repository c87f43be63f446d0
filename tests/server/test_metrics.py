"""Figures for Prometheus: its text format, read back by a small reader of it."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.metrics import exposition, split
from tests.runs.toy_desk import shows, through
from tests.server.v1_server import Api, v1_server

SAMPLE = re.compile(r"(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)")
LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)')
ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def read(text: str) -> tuple[Samples, dict[str, str]]:
    """Samples by name and labels, and types by name. Every sample stands under its HELP and TYPE."""
    samples: Samples = {}
    types: dict[str, str] = {}
    helped: set[str] = set()
    assert text.endswith("\n")
    for line in text.removesuffix("\n").split("\n"):
        if line.startswith("# HELP "):
            name = line.split(" ", 3)[2]
            assert name not in helped
            helped.add(name)
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            types[name] = kind
        else:
            found = SAMPLE.fullmatch(line)
            assert found is not None, line
            assert list(types)[-1] == found["name"]
            labels = tuple(
                (name, re.sub(r'\\[\\"n]', lambda each: ESCAPES[each[0]], value))
                for name, value in LABEL.findall(found["labels"] or "")
            )
            assert (found["name"], labels) not in samples
            samples[found["name"], labels] = float(found["value"])
    assert helped == types.keys()
    return samples, types


def test_figures_are_grouped_under_their_help_and_type() -> None:
    text = exposition({"b_total": 2, 'runs{state="done"}': 1.5, "a": 10**12, 'runs{state="failed"}': 0})
    samples, types = read(text)
    assert samples == {
        ("a", ()): 1e12,
        ("b_total", ()): 2,
        ("runs", (("state", "done"),)): 1.5,
        ("runs", (("state", "failed"),)): 0,
    }
    assert types == {"a": "gauge", "b_total": "counter", "runs": "gauge"}
    assert "a 1000000000000\n" in text


@pytest.mark.parametrize("value", ["plain", 'a"b', "a\\b", "a\nb", 'x",y="z', "ü€", "}", "{", "", "\\n", "a b"])
def test_a_label_that_nobody_escaped_cannot_break_a_line(value: str) -> None:
    samples, _ = read(exposition({f'seconds{{class_type="{value}"}}': 1, "other": 2}))
    assert samples["other", ()] == 2
    assert len(samples) == 2


@pytest.mark.parametrize("value", ['a"b', "a\\b", "a\nb", "ü€}"])
def test_a_label_that_is_escaped_already_stays_as_it_is(value: str) -> None:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    samples, _ = read(exposition({f'seconds{{class_type="{escaped}",worker="w"}}': 1}))
    assert list(samples) == [("seconds", (("class_type", value), ("worker", "w")))]


@pytest.mark.parametrize("key", ["a b", "", "1a", "a{x", 'a{x="y"', "a{x=y}", 'a{1="y"}', 'a\nb{x="y"}'])
def test_what_is_no_name_of_a_figure_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=r"label=|no name"):
        split(key)


def test_numbers_that_are_none_are_written_as_prometheus_reads_them() -> None:
    assert exposition({"a": float("nan")}).endswith("a NaN\n")
    assert exposition({"a": float("inf")}).endswith("a +Inf\n")
    assert exposition({"a": float("-inf")}).endswith("a -Inf\n")


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with v1_server(tmp_path) as api:
        yield api


async def test_the_server_tells_what_it_did(api: Api) -> None:
    for workflow in (shows(1), shows(1), through("ToyFail"), through("ToyPreview", count=3)):
        await api.ended(await api.run(workflow))
    async with api.client.get("/metrics") as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        samples, types = read(await response.text())
    assert samples["nodeloom_queue_length", ()] == 0
    assert samples["nodeloom_runs", (("state", "running"),)] == 0
    assert samples["nodeloom_runs_ended_total", (("state", "done"),)] == 3
    assert samples["nodeloom_runs_ended_total", (("state", "failed"),)] == 1
    assert samples["nodeloom_node_seconds_total", (("class_type", "ToyPreview"),)] >= 0
    assert samples["nodeloom_server_memory_bytes", ()] > 10**6
    assert any(name == "nodeloom_worker_memory_bytes" and labels for name, labels in samples)
    for name in ("nodeloom_cache_hits_total", "nodeloom_preview_frames_total", "nodeloom_peak_memory_bytes"):
        assert (name, ()) in samples
        assert types[name] == ("counter" if name.endswith("_total") else "gauge")
