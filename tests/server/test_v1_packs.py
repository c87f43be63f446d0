"""Packs in the own API, and what they bring for editors: told, served, and right after they were read anew."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from server.pack_folders import WebFolders
from storage import Folders
from tests.packs.conftest import native
from tests.runs.toy_desk import SECONDS, opened, until
from tests.server.pack_desk import pack_server, put, serving_desk
from tests.server.small_server import SmallDesk, small_server

BROKEN = "import not_on_this_machine\n"
CLASSES = """
WEB_DIRECTORY = "./js"
class Loud:
    RETURN_TYPES = ("STRING",)
    FUNCTION = "shout"
    CATEGORY = "text"
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"text": ("STRING", {})}}
    def shout(self, text):
        return (text.upper(),)
NODE_CLASS_MAPPINGS = {"Loud": Loud, "Wrong": 3}
"""


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    folder = tmp_path / "custom_nodes"
    put(folder, "good/__init__.py", native("GoodTwice"))
    put(folder, "good/web/good.nodeloom.js", "export default () => undefined;")
    put(folder, "loud/__init__.py", CLASSES)
    put(folder, "loud/js/loud.js", "1;")
    put(folder, "broken/__init__.py", BROKEN)
    put(folder, "broken/requirements.txt", "not-on-this-machine>=2\n")
    return folder


async def test_every_pack_is_told_with_its_nodes_or_why_it_failed(packs: Path, tmp_path: Path) -> None:
    async with pack_server(tmp_path / "base", packs) as api:
        told = await api.ask("GET", "packs")
        assert (told["ready"], told["loading"], told["dev"]) == (True, None, False)
        found = {pack["name"]: pack for pack in told["packs"]}
        assert {name: pack["state"] for name, pack in found.items()} == {
            "broken": "failed",
            "good": "loaded",
            "loud": "loaded",
        }
        assert (found["good"]["nodes"], found["good"]["convention"]) == (["GoodTwice"], "native")
        assert [each["node"] for each in found["loud"]["refused"]] == ["Wrong"]
        broken = await api.ask("GET", "packs/broken")
        assert broken == found["broken"]
        assert broken["missing"] == ["not-on-this-machine>=2"]
        assert "pip install" in broken["remedy"]
        assert "import not_on_this_machine" in broken["traceback"]
        assert (await api.ask("GET", "packs/absent", status=404))["code"] == "unknown_pack"


async def test_no_answer_tells_where_the_server_keeps_its_files(packs: Path, tmp_path: Path) -> None:
    put(packs, "wordy/__init__.py", f"raise FileNotFoundError({str(tmp_path / 'secret' / 'deep' / 'key.txt')!r})")
    async with pack_server(tmp_path / "base", packs) as api:
        text = await (await api.client.get("/api/v1/packs")).text()
        assert "key.txt" in text
        assert str(tmp_path) not in text


async def test_the_wire_says_which_pack_a_node_comes_from(packs: Path, tmp_path: Path) -> None:
    async with pack_server(tmp_path / "base", packs) as api:
        info = await (await api.client.get("/object_info")).json()
        assert info["Loud"]["python_module"] == "custom_nodes.loud"
        assert info["GoodTwice"]["python_module"] == "custom_nodes.good"


async def test_scripts_of_packs_are_served_and_outlive_the_worker_and_the_server(packs: Path, tmp_path: Path) -> None:
    scripts = ["/extensions/good/good.nodeloom.js", "/extensions/loud/loud.js"]
    async with pack_server(tmp_path / "base", packs) as api:
        assert await (await api.client.get("/extensions")).json() == scripts
        for worker in api.desk.workers():
            os.kill(worker.pid, signal.SIGKILL)
        assert await (await api.client.get("/extensions")).json() == scripts
        assert (await api.client.get(scripts[0])).status == 200
    async with pack_server(tmp_path / "base", packs) as api:
        assert await (await api.client.get("/extensions")).json() == scripts


async def test_packs_are_read_anew_when_that_is_asked_for_and_clients_hear_of_it(packs: Path, tmp_path: Path) -> None:
    async with pack_server(tmp_path / "base", packs, dev=True) as api:
        line = await api.client.ws_connect("/ws?clientId=one")
        await line.receive_json(timeout=SECONDS)
        put(packs, "good/__init__.py", native("Renamed"))
        put(packs, "loud/__init__.py", CLASSES.replace("./js", "./other"))
        put(packs, "loud/other/other.js", "1;")
        told = await api.ask("POST", "packs/reload")
        assert told["done"] is True
        good = next(pack for pack in told["packs"] if pack["name"] == "good")
        assert good["nodes"] == ["Renamed"]
        assert set(await (await api.client.get("/object_info")).json()) >= {"Renamed", "Loud"}
        assert (await (await api.client.get("/extensions")).json())[1] == "/extensions/loud/other.js"
        assert (await api.client.get("/extensions/loud/loud.js")).status == 404
        async with asyncio.timeout(SECONDS):
            while (message := await line.receive_json())["type"] != "nodes_changed":
                pass
        assert message["data"]["added"] == ["Renamed"]
        assert message["data"]["removed"] == ["GoodTwice"]
        assert "Loud" in message["data"]["changed"]
        assert message["data"]["failed_packs"] == ["broken"]


async def test_packs_are_not_read_anew_by_a_server_that_is_not_for_development(tmp_path: Path) -> None:
    async with small_server(tmp_path) as client:
        answer = await client.post("/api/v1/packs/reload")
        assert (answer.status, (await answer.json())["code"]) == (403, "not_for_development")


async def test_without_packs_and_workers_the_list_is_empty_and_says_so(tmp_path: Path) -> None:
    async with small_server(tmp_path, desk=SmallDesk(ready=False)) as client:
        told = await (await client.get("/api/v1/packs")).json()
        assert told == {"packs": [], "ready": False, "loading": None, "dev": False}


async def test_while_a_worker_loads_the_list_says_which_pack(packs: Path, tmp_path: Path) -> None:
    put(packs, "aaa.py", "import time\nwhile True: time.sleep(0.01)\n")
    folders = Folders.under(tmp_path / "base")
    folders.user.mkdir(parents=True)
    async with opened(tmp_path, options=[f"--packs={packs}", "--pack-seconds=600"]) as desk:
        async with serving_desk(desk, folders, packs) as client:
            await until(lambda: desk.loading() is not None and desk.loading().pack == "aaa")  # type: ignore[union-attr]
            told = await (await client.get("/api/v1/packs")).json()
        assert told["ready"] is False
        assert (told["loading"]["pack"], told["loading"]["done"], told["loading"]["of"]) == ("aaa", 0, 4)


def test_a_folder_counts_only_inside_the_folder_of_its_own_pack(packs: Path, tmp_path: Path) -> None:
    elsewhere = put(tmp_path, "elsewhere/web/x.js", "").parent
    package = put(tmp_path, "site/package/web/x.js", "").parent
    linked = put(tmp_path, "linked/web/x.js", "").parent
    (packs / "linked").symlink_to(tmp_path / "linked")
    (packs / "good" / "way_out").symlink_to(elsewhere)
    told = {
        "good": packs / "good" / "web",
        "loud": packs / "good" / "web",
        "broken": packs / "broken",
        "linked": linked,
        "package": package,
        "elsewhere": elsewhere,
        "absent": packs / "absent" / "web",
        "../custom_nodes/good": packs / "good" / "web",
        "..": packs / "good",
        ".": packs / "good" / "web",
        "": packs / "good" / "web",
    }
    named = {name: str(folder) for name, folder in told.items()}
    folders = WebFolders(lambda: named, [packs], [package.parent])
    assert set(folders) == {"good", "linked", "package"}
    assert folders["good"] == packs / "good" / "web"
    assert (folders.get("elsewhere"), folders.get("unheard-of")) == (None, None)
    named["good"] = str(packs / "good" / "way_out")
    assert "good" not in folders
    named["good"] = "\0"
    assert "good" not in folders
    assert len(folders) == 2
