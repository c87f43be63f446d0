"""How fast does the server start, answer, take prompts in, and tell what happens, with many clients listening?

The real server runs in a process of its own with a real worker whose nodes do nothing, so that what is measured is the
way there and back. Clients speak HTTP and websockets over the loopback, as any client does.
"""

import asyncio
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import psutil

ROOT = Path(__file__).resolve().parents[1]
TOY_SERVER = ROOT / "tests" / "server" / "toy_process.py"

CLIENTS = 200
PROMPTS = 1000
ROUNDS = 200
STARTS = 5
SECONDS = 300.0


@dataclass
class Client:
    """A websocket client and what it heard: ends of runs, frames, bytes, and the type and run of every message."""

    name: str
    ends: int = 0
    frames: int = 0
    size: int = 0
    heard: list[tuple[str, object]] = field(default_factory=list[tuple[str, object]])


@dataclass(frozen=True)
class Load:
    """What many clients and prompts gave: seconds of each submission, of all together, and what each client heard."""

    submissions: tuple[float, ...]
    seconds: float
    clients: tuple[Client, ...]
    ids: tuple[str, ...]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@asynccontextmanager
async def server(folder: Path) -> AsyncIterator[tuple[str, psutil.Process]]:
    """The server with its worker ready: its address and its process."""
    port = free_port()
    command = [sys.executable, str(TOY_SERVER), f"--folder={folder}", f"--port={port}"]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    await asyncio.wait_for(process.stdout.readline(), 60)
    url = f"http://127.0.0.1:{port}"
    try:
        async with aiohttp.ClientSession() as session:
            while not (await (await session.get(f"{url}/system_stats")).json())["devices"]:
                await asyncio.sleep(0.02)
        yield url, psutil.Process(process.pid)
    finally:
        process.terminate()
        await process.wait()


def trivial(value: int) -> dict[str, object]:
    """A prompt whose one node has nothing to do."""
    return {"1": {"class_type": "ToyShow", "inputs": {"value": value}}}


def chain(nodes: int) -> dict[str, object]:
    """A prompt of so many nodes, each adding 1 to the one before."""
    steps: dict[str, object] = {
        str(i): {"class_type": "ToyAdd", "inputs": {"a": [str(i - 1), 0] if i else 1, "b": 1}} for i in range(nodes - 1)
    }
    return steps | {"end": {"class_type": "ToyShow", "inputs": {"value": [str(nodes - 2), 0]}}}


async def submit(session: aiohttp.ClientSession, url: str, prompt: Mapping[str, object], client: str) -> str:
    """Hand a prompt in; its id."""
    async with session.post(f"{url}/prompt", json={"prompt": prompt, "client_id": client}) as answer:
        told = await answer.json()
        assert answer.status == 200, told
        return told["prompt_id"]


async def listen(
    session: aiohttp.ClientSession, url: str, client: Client, ends: int, connected: asyncio.Event | None = None
) -> None:
    """Hear until so many runs of this client have ended."""
    async with session.ws_connect(f"{url}/ws?clientId={client.name}", max_msg_size=0) as line:
        async for frame in line:
            client.frames += 1
            client.size += len(frame.data)
            if frame.type is not aiohttp.WSMsgType.TEXT:
                continue
            message = json.loads(frame.data)
            data = message["data"]
            if "sid" in data and connected is not None:
                connected.set()
            if message["type"] != "status":
                client.heard.append((message["type"], data.get("prompt_id")))
            if message["type"] == "executing" and data["node"] is None:
                client.ends += 1
                if client.ends == ends:
                    return


async def load(url: str, clients: int = CLIENTS, prompts: int = PROMPTS) -> Load:
    """Many clients, each listening and submitting its share of the prompts, all at once."""
    share = prompts // clients
    heard = tuple(Client(f"client-{number}") for number in range(clients))
    submissions: list[float] = []
    connector = aiohttp.TCPConnector(limit=0)
    async with asyncio.timeout(SECONDS), aiohttp.ClientSession(connector=connector) as session:
        connected = [asyncio.Event() for _ in heard]
        pairs = zip(heard, connected, strict=True)
        listening = [asyncio.create_task(listen(session, url, each, share, event)) for each, event in pairs]
        for event in connected:
            await event.wait()

        async def submit_share(client: Client) -> list[str]:
            ids: list[str] = []
            for number in range(share):
                before = time.perf_counter()
                ids.append(await submit(session, url, trivial(number), client.name))
                submissions.append(time.perf_counter() - before)
            return ids

        started = time.perf_counter()
        ids = await asyncio.gather(*(submit_share(each) for each in heard))
        await asyncio.gather(*listening)
        seconds = time.perf_counter() - started
    return Load(tuple(submissions), seconds, heard, tuple(name for share_ids in ids for name in share_ids))


async def round_trips(url: str, rounds: int = ROUNDS) -> list[float]:
    """Seconds from handing a trivial prompt in to hearing of its end, one after the other."""
    seconds: list[float] = []
    client = Client("one")
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}/ws?clientId=one") as line:
        for number in range(rounds):
            started = time.perf_counter()
            name = await submit(session, url, trivial(number), client.name)
            async for frame in line:
                message = json.loads(frame.data)
                data = message["data"]
                if message["type"] == "executing" and data["node"] is None and data["prompt_id"] == name:
                    break
            seconds.append(time.perf_counter() - started)
    return seconds


async def large(url: str, nodes: int) -> tuple[float, Client]:
    """Seconds from handing a large prompt in to its end, and what its client heard."""
    client = Client(f"large-{nodes}")
    async with aiohttp.ClientSession() as session:
        connected = asyncio.Event()
        listening = asyncio.create_task(listen(session, url, client, 1, connected))
        await connected.wait()
        started = time.perf_counter()
        await submit(session, url, chain(nodes), client.name)
        await listening
        return time.perf_counter() - started, client


async def first_answer() -> tuple[float, float]:
    """Seconds from the start of the real command to its first answer; its megabytes once it rests, worker apart."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        folders = [f"--{name}={folder}/{name}" for name in ("input", "output", "temp", "user")]
        command = [sys.executable, "main.py", "serve", f"--port={port}", *folders]
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
        try:
            async with aiohttp.ClientSession() as session:
                while True:
                    try:
                        async with session.get(f"http://127.0.0.1:{port}/queue") as answer:
                            assert answer.status == 200
                            seconds = time.perf_counter() - started
                            break
                    except aiohttp.ClientConnectionError:
                        await asyncio.sleep(0.005)
                url = f"http://127.0.0.1:{port}/system_stats"
                while not (await (await session.get(url)).json())["devices"]:
                    await asyncio.sleep(0.1)
                await asyncio.sleep(1.0)
            return seconds, psutil.Process(process.pid).memory_info().rss / 2**20
        finally:
            process.terminate()
            process.wait()


def say(question: str, value: float, unit: str, most: float | None = None, setting: str = "") -> None:
    """One line of the results."""
    line: dict[str, object] = {"question": question, "value": round(value, 3), "unit": unit}
    if most is not None:
        line |= {"target": f"at most {most:g}", "met": value <= most}
    print(json.dumps(line | ({"setting": setting} if setting else {}), ensure_ascii=False), flush=True)


async def main() -> None:
    """Ask every question once."""
    starts = [await first_answer() for _ in range(STARTS)]
    say("Start of the server to its first answer", statistics.median(first for first, _ in starts), "s", 1.0,
        f"main.py serve, fresh process, median of {STARTS}")  # fmt: skip
    say("Memory of the server at rest", max(rest for _, rest in starts), "MiB", 80, "worker ready, not counted")
    with tempfile.TemporaryDirectory() as folder:
        async with server(Path(folder)) as (url, process):
            seconds = await round_trips(url)
            setting = f"one node that does nothing, {ROUNDS} in turn, median"
            say("Trivial prompt, submitted to finished", statistics.median(seconds) * 1000, "ms", 15, setting)
            for nodes, most in ((1000, 0.5), (5000, 2.5)):
                taken, client = await large(url, nodes)
                setting = f"websocket client listening, {client.frames} frames"
                say(f"{nodes} trivial nodes in one prompt", taken, "s", most, setting)
                say(f"Frames of {nodes} nodes together", client.size / 1e6, "MB", 2.0, setting)
            found = await load(url)
            many = f"{CLIENTS} websocket clients, {PROMPTS} prompts at once"
            ordered = sorted(found.submissions)
            say("Prompts through the queue", PROMPTS / found.seconds, "prompts/s", setting=many)
            say("Submission, median", statistics.median(ordered) * 1000, "ms", setting=many)
            say("Submission, 99th percentile", ordered[int(len(ordered) * 0.99)] * 1000, "ms", setting=many)
            say("Memory of the server after it", process.memory_info().rss / 2**20, "MiB", setting=many)


if __name__ == "__main__":
    asyncio.run(main())
