"""`main.py serve` from the outside: a picture with its previews over the wire, and sentences for what is wrong."""

import asyncio
import json
import os
import signal
import socket
import struct
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import aiohttp
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = ROOT / "workflows" / "text_to_image.json"
SECONDS = 200.0
FOLDERS = ("input", "output", "temp", "user")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def command(port: int, folder: Path, *more: str) -> list[str]:
    folders = [f"--{name}={folder / name}" for name in FOLDERS]
    return [sys.executable, str(ROOT / "main.py"), "serve", f"--port={port}", *folders, *more]


@asynccontextmanager
async def serving(folder: Path, *more: str) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *command(port, folder, *more), cwd=folder, stderr=asyncio.subprocess.PIPE, env=os.environ
    )
    assert process.stderr is not None
    try:
        line = await asyncio.wait_for(process.stderr.readline(), 60)
        assert f"http://127.0.0.1:{port}" in line.decode(), line
        yield f"http://127.0.0.1:{port}", process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def refusal(*words: str, **environment: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *words, stderr=asyncio.subprocess.PIPE, cwd=ROOT, env=os.environ | environment
    )
    _, said = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, said.decode()


async def drawn(url: str, session: aiohttp.ClientSession, steps: int = 20) -> tuple[str, list[dict], list[bytes]]:  # type: ignore[type-arg]
    """Have the shipped workflow carried out: its id, the messages, and the previews with their metadata."""
    workflow = json.loads(WORKFLOW.read_text())
    workflow["5"]["inputs"]["steps"] = steps
    told: list[dict] = []  # type: ignore[type-arg]
    pictures: list[bytes] = []
    async with session.ws_connect(f"{url}/ws?clientId=test", max_msg_size=0) as line:
        await line.send_json({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
        body = {"prompt": workflow, "client_id": "test", "extra_data": {"extra_pnginfo": {"workflow": {"id": "mine"}}}}
        async with session.post(f"{url}/api/prompt", json=body) as answer:
            assert answer.status == 200, await answer.text()
            name = (await answer.json())["prompt_id"]
        async for frame in line:
            if frame.type is aiohttp.WSMsgType.BINARY:
                pictures.append(frame.data)
                continue
            message = json.loads(frame.data)
            if message["data"].get("prompt_id") not in (None, name):
                continue  # what this client had not said it heard
            told.append(message)
            if message["type"] == "executing" and message["data"]["node"] is None:
                break
    return name, told, pictures


async def test_a_picture_is_drawn_with_previews_and_everything_is_told(tmp_path: Path) -> None:
    async with asyncio.timeout(SECONDS), serving(tmp_path) as (url, process), aiohttp.ClientSession() as session:
        name, told, pictures = await drawn(url, session)
        assert [message["type"] for message in told][-3:] == ["execution_success", "status", "executing"]
        progress = [message["data"]["value"] for message in told if message["type"] == "progress"]
        assert progress[-1] == 20
        assert pictures, "denoising steps were shown"
        for data in pictures:
            kind, length = struct.unpack(">II", data[:8])
            about = json.loads(data[8 : 8 + length])
            assert kind == 4
            assert about["node_id"] == "5"
            assert about["prompt_id"] == name
            with Image.open(BytesIO(data[8 + length :])) as picture:
                picture.load()
                assert max(picture.size) <= 512
        history = await (await session.get(f"{url}/history/{name}")).json()
        [shown] = history[name]["outputs"]["7"]["images"]
        async with session.get(f"{url}/view", params=shown) as answer:
            assert answer.status == 200
            picture = Image.open(BytesIO(await answer.read()))
        assert picture.size == (128, 128)
        assert json.loads(picture.text["prompt"])["5"]["class_type"] == "KSampler"  # type: ignore[attr-defined]
        assert json.loads(picture.text["workflow"]) == {"id": "mine"}  # type: ignore[attr-defined]
        _, again, _ = await drawn(url, session)
        cached = next(message for message in again if message["type"] == "execution_cached")
        assert "5" in cached["data"]["nodes"]
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 60) == 0


async def test_ctrl_c_stops_cleanly_and_the_queue_goes_on_at_the_next_start(tmp_path: Path) -> None:
    async with asyncio.timeout(SECONDS), aiohttp.ClientSession() as session:
        workflow = json.loads(WORKFLOW.read_text())
        workflow["5"]["inputs"]["steps"] = 3
        async with serving(tmp_path) as (url, process):
            # Handed in while the worker is still loading, so it cannot have run yet.
            body = {"prompt": workflow, "prompt_id": "kept"}
            async with session.post(f"{url}/prompt", json=body) as answer:
                assert answer.status == 200
            process.send_signal(signal.SIGINT)
            assert await asyncio.wait_for(process.wait(), 60) == 0
        async with serving(tmp_path) as (url, _):
            async with session.get(f"{url}/object_info/KSampler") as answer:
                assert "KSampler" in await answer.json(), "known from the last start"
            while "kept" not in await (await session.get(f"{url}/history/kept")).json():
                await asyncio.sleep(0.1)
            history = await (await session.get(f"{url}/history/kept")).json()
            assert history["kept"]["status"]["status_str"] == "success"


async def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, said = await refusal(*command(port, tmp_path))
    assert code == 2
    assert f"port {port} is in use" in said
    assert "Traceback" not in said


async def test_a_folder_that_cannot_be_written_to_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "output").write_text("a file where a folder should be")
    code, said = await refusal(*command(free_port(), tmp_path))
    assert code == 2
    assert "output folder" in said
    assert "--output" in said
    assert "Traceback" not in said


async def test_t27_listening_beyond_this_machine_needs_a_token(tmp_path: Path) -> None:
    code, said = await refusal(*command(free_port(), tmp_path, "--host=0.0.0.0"))
    assert code == 2
    assert "--token" in said
    assert "Traceback" not in said


async def test_two_servers_do_not_share_one_user_folder(tmp_path: Path) -> None:
    async with asyncio.timeout(SECONDS), serving(tmp_path):
        code, said = await refusal(*command(free_port(), tmp_path))
    assert code == 2
    assert "Traceback" not in said


async def test_a_server_with_a_token_answers_only_with_it(tmp_path: Path) -> None:
    async with (
        asyncio.timeout(SECONDS),
        serving(tmp_path, "--token=secret") as (url, _),
        aiohttp.ClientSession() as session,
    ):
        async with session.get(f"{url}/queue") as answer:
            assert answer.status == 401
        async with session.get(f"{url}/queue", headers={"Authorization": "Bearer secret"}) as answer:
            assert answer.status == 200


@pytest.mark.parametrize("option", ["--port=99999", "--port=x", "--preview=best", "--cache-memory=much"])
async def test_a_wrong_option_is_explained(tmp_path: Path, option: str) -> None:
    code, said = await refusal(*command(free_port(), tmp_path, option))
    assert code == 2
    assert option.partition("=")[0] in said
    assert "Traceback" not in said
