"""Workers and server are killed at random moments, and every run is still accounted for exactly once."""

import asyncio
import random
import signal
import socket
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

import aiohttp
import psutil

TOY_SERVER = Path(__file__).with_name("toy_process.py")
JOBS = 200
KILLS = 24
SECONDS = 240.0


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Server:
    """A server process that is begun again when it was killed."""

    def __init__(self, folder: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._command = [sys.executable, str(TOY_SERVER), f"--folder={folder}", f"--port={port}"]
        self._process: asyncio.subprocess.Process | None = None
        self.printed: list[bytes] = []

    async def begin(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), 60)
        assert line.strip() == b"listening", line

    async def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def end(self) -> int:
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        return await asyncio.wait_for(self._process.wait(), 60)

    def kill_workers(self) -> int:
        assert self._process is not None
        workers = psutil.Process(self._process.pid).children(recursive=True)
        for worker in workers:
            with suppress(psutil.NoSuchProcess):
                worker.kill()
        return len(workers)


def job(number: int) -> dict[str, object]:
    """Sleep for up to 20 ms, then write a line into a file of its own."""
    return {
        "1": {"class_type": "ToySleep", "inputs": {"seconds": number % 5 / 200, "steps": 2, "value": number}},
        "2": {"class_type": "ToyWrite", "inputs": {"name": f"job-{number}.txt", "value": ["1", 0]}},
    }


async def hand_in(session: aiohttp.ClientSession, server: Server, number: int) -> None:
    """Submit a job under a name of its own until the server says it has it, however often it dies meanwhile."""
    body = {"prompt": job(number), "prompt_id": f"job-{number}", "client_id": "tester"}
    while True:
        try:
            async with session.post(f"{server.url}/prompt", json=body) as answer:
                told = await answer.json()
                if answer.status == 200:
                    assert told["prompt_id"] == f"job-{number}"
                    return
                assert answer.status in (500, 503), told
        except (aiohttp.ClientError, ConnectionError, TimeoutError):
            pass
        await asyncio.sleep(0.02)


async def all_ended(session: aiohttp.ClientSession, server: Server) -> None:
    while True:
        with suppress(aiohttp.ClientError, ConnectionError):
            async with session.get(f"{server.url}/queue") as answer:
                queue = await answer.json()
            if not queue["queue_running"] and not queue["queue_pending"]:
                return
        await asyncio.sleep(0.05)


async def test_every_job_is_accounted_for_once_though_workers_and_server_are_killed_at_random(tmp_path: Path) -> None:
    chance = random.Random(20261121)
    server = Server(tmp_path, free_port())
    await server.begin()
    killed: Counter[str] = Counter()

    async def disturb() -> None:
        for _ in range(KILLS):
            await asyncio.sleep(chance.uniform(0.02, 0.6))
            if chance.random() < 0.4:
                await server.kill()
                killed["server"] += 1
                await server.begin()
            else:
                killed["worker"] += server.kill_workers()

    async with asyncio.timeout(SECONDS), aiohttp.ClientSession() as session:
        disturbing = asyncio.create_task(disturb())
        for number in range(JOBS):
            await hand_in(session, server, number)
        await disturbing
        await all_ended(session, server)
        async with session.get(f"{server.url}/api/v1/runs", params={"limit": 1000}) as answer:
            runs = {run["id"]: run for run in (await answer.json())["runs"]}
        async with session.get(f"{server.url}/history") as answer:
            history = await answer.json()
        events = {}
        for name in runs:
            async with session.get(f"{server.url}/api/v1/runs/{name}/events") as answer:
                events[name] = (await answer.json())["events"]
        assert await server.end() == 0

    assert killed["server"] >= 3
    assert killed["worker"] >= 3
    assert runs.keys() == history.keys() == {f"job-{number}" for number in range(JOBS)}
    states = Counter(run["state"] for run in runs.values())
    assert set(states) <= {"done", "lost"}, states
    assert states["done"] > JOBS * 0.7
    for name, run in runs.items():
        written = folder_lines(tmp_path / "output" / f"{name}.txt")
        assert run["attempts"] in (1, 2)
        assert written <= run["attempts"], "no attempt writes twice"
        types = [event["type"] for event in events[name]]
        assert types[-1] == "executing", "the log of a run has its end, once"
        assert types.count("execution_success") == (run["state"] == "done")
        assert [event["seq"] for event in events[name]] == list(range(1, len(types) + 1))
        if run["state"] == "done":
            assert written >= 1
            assert history[name]["outputs"]["2"] == {"files": [f"{name}.txt"]}
        else:
            assert run["attempts"] == 2, "only what was begun twice is given up"
            assert history[name]["status"]["status_str"] == "error"


def folder_lines(path: Path) -> int:
    return len(path.read_text().splitlines()) if path.exists() else 0
