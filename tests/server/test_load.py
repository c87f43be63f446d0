"""Many clients and prompts at once: everything arrives, in order, and nobody waits for somebody else's slow socket."""

import asyncio
import statistics
from collections import Counter
from pathlib import Path

import aiohttp
import psutil

from benchmarks.server_load import Client, chain, listen, load, server, submit, trivial

SECONDS = 240.0
WHOLE_RUN = ["execution_start", "execution_cached", "executing", "executed", "execution_success", "executing"]


async def test_200_clients_and_1000_prompts_lose_nothing_and_hear_each_run_in_order(tmp_path: Path) -> None:
    async with server(tmp_path) as (url, _):
        found = await load(url, clients=200, prompts=1000)
        async with aiohttp.ClientSession() as session:
            history = await (await session.get(f"{url}/history")).json()
    assert len(set(found.ids)) == 1000
    assert history.keys() == set(found.ids)
    assert all(entry["status"]["status_str"] == "success" for entry in history.values())
    heard: Counter[str] = Counter()
    for client in found.clients:
        runs = dict.fromkeys(run for _, run in client.heard if run is not None)
        for run in runs:
            told = [kind for kind, about in client.heard if about == run and kind != "progress_state"]
            assert told == WHOLE_RUN, f"{client.name} heard of {run}: {told}"
        heard.update(str(run) for run in runs)
    assert heard == Counter(found.ids), "each run is told to the one client it belongs to"


async def test_a_client_that_does_not_read_holds_nobody_up(tmp_path: Path) -> None:
    async with asyncio.timeout(SECONDS), server(tmp_path) as (url, _), aiohttp.ClientSession() as session:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(
            b"GET /ws?clientId=slow HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        await reader.readuntil(b"\r\n\r\n")  # and from here on it reads nothing more
        for _ in range(4):
            await submit(session, url, chain(2000), "slow")
        quick = Client("quick")
        connected = asyncio.Event()
        listening = asyncio.create_task(listen(session, url, quick, 1, connected))
        await connected.wait()
        name = await submit(session, url, trivial(1), "quick")
        await listening
        assert [kind for kind, run in quick.heard if run == name and kind != "progress_state"] == WHOLE_RUN
        writer.close()


async def test_a_thousand_sockets_are_told_of_the_queue_and_the_server_stays_small(tmp_path: Path) -> None:
    async with asyncio.timeout(SECONDS), server(tmp_path) as (url, process), aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0)
    ) as session:  # fmt: skip
        sockets = [await session.ws_connect(f"{url}/ws?clientId=socket-{number}") for number in range(1000)]
        for each in sockets:
            assert (await each.receive_json())["type"] == "status"
        name = await submit(session, url, trivial(1), "socket-999")
        async for message in sockets[-1]:
            told = message.json()
            if told["type"] == "execution_success":
                assert told["data"]["prompt_id"] == name
                break
        for each in sockets[:-1]:
            assert (await each.receive_json())["type"] == "status"
        assert resident(process) < 200 * 2**20
        await asyncio.gather(*(each.close() for each in sockets))


async def test_memory_stays_flat_over_500_runs(tmp_path: Path) -> None:
    async with asyncio.timeout(SECONDS), server(tmp_path) as (url, process), aiohttp.ClientSession() as session:
        levels: list[tuple[float, float]] = []
        workers = process.children()
        client = Client("one")
        connected = asyncio.Event()
        listening = asyncio.create_task(listen(session, url, client, 500, connected))
        await connected.wait()
        for number in range(500):
            await submit(session, url, chain(20) if number % 2 else trivial(number), "one")
            while client.ends <= number:
                await asyncio.sleep(0.001)
            if number >= 100 and number % 10 == 0:
                levels.append((resident(process), sum(resident(worker) for worker in workers)))
        await listening
    for which in (0, 1):
        series = [level[which] for level in levels]
        quarter = len(series) // 4
        before, after = statistics.median(series[:quarter]), statistics.median(series[-quarter:])
        assert after <= before * 1.05, f"grew from {before / 2**20:.1f} to {after / 2**20:.1f} MiB"


def resident(process: psutil.Process) -> float:
    return float(process.memory_info().rss)
