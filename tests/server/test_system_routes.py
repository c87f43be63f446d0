"""Figures, features, log and help."""

import json
import logging
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from cli.logs import JsonLine
from graph.described import description
from graph.interface import Input, Node, Output
from server.access_log import AccessLog
from server.log_lines import LogLines
from server.settings import Settings
from server.system_routes import help_text, option_names
from tests.server.small_server import DEVICE, Client, SmallDesk, serving, small_app, small_server

NODE = Node(
    "Mix|er",
    (
        Input("amount", "FLOAT", default=0.5, minimum=0, maximum=1, tooltip="How much, <b>really</b>."),
        Input("kind", "COMBO", choices=[f"kind {number}" for number in range(50)], section="optional"),
        Input("model", "COMBO", catalogue="nowhere"),
    ),
    (Output("IMAGE", "IMAGE", is_list=True),),
    call=lambda inputs, run: (),
    display_name="Mixer [*]",
    description="Mixes two things.\n\nSee <script>alert(1)</script>.",
)


async def test_system_stats_have_every_key_that_clients_read(open_client: Client) -> None:
    for path in ("/system_stats", "/api/system_stats"):
        told = await (await open_client.get(path)).json()
        system = told["system"]
        assert set(system) == {
            "os", "ram_total", "ram_free", "comfyui_version", "nodeloom_version", "required_frontend_version",
            "installed_templates_version", "required_templates_version", "python_version", "pytorch_version",
            "embedded_python", "argv",
        }  # fmt: skip
        assert 0 < system["ram_free"] <= system["ram_total"]
        assert (system["comfyui_version"], system["nodeloom_version"]) == ("0.3.64", "1.2.3")
        assert system["pytorch_version"] == "2.9.0+cpu"
        assert told["devices"] == [DEVICE]


async def test_system_stats_answer_while_workers_start(tmp_path: Path) -> None:
    async with small_server(tmp_path, desk=SmallDesk(ready=False)) as client:
        told = await (await client.get("/system_stats")).json()
        assert (told["devices"], told["system"]["pytorch_version"]) == ([], "")


async def test_t32_system_stats_tell_neither_the_token_nor_paths(tmp_path: Path) -> None:
    arguments = ("serve", "--token", "secret", "--frontend=/home/x", "--base", "/srv/y", "-psecret", "--", "--lan")
    assert option_names(arguments) == ["--token", "--frontend", "--base", "--lan"]
    async with small_server(tmp_path, Settings(arguments=arguments)) as client:
        text = await (await client.get("/system_stats")).text()
        assert "secret" not in text and "/home" not in text and "/srv" not in text


async def test_features_tell_the_largest_upload(tmp_path: Path) -> None:
    async with small_server(tmp_path, Settings(most_upload=123)) as client:
        told = await (await client.get("/api/features")).json()
        assert told == {"supports_preview_metadata": True, "max_upload_size": 123}


async def test_health_is_short(open_client: Client) -> None:
    for path in ("/health", "/api/health"):
        assert await (await open_client.get(path)).json() == {"status": "ok"}
        assert (await open_client.head(path)).status == 200


async def test_the_log_is_shown_as_text_and_as_entries(tmp_path: Path) -> None:
    lines = LogLines()
    lines.add("first <b>")
    lines.add("second")
    async with serving(small_app(tmp_path, log_lines=lines)) as client:
        text = await client.get("/internal/logs")
        assert text.content_type == "text/plain"
        assert [line.partition(" - ")[2] for line in (await text.text()).splitlines()] == ["first <b>", "second"]
        raw = await (await client.get("/internal/logs/raw")).json()
        assert [entry["m"] for entry in raw["entries"]] == ["first <b>\n", "second\n"]
        assert all(entry["t"].startswith("20") for entry in raw["entries"])
        assert set(raw["size"]) == {"cols", "rows"}


async def test_a_front_end_may_say_that_it_shows_the_log(open_client: Client) -> None:
    for body, status in (({"enabled": True, "clientId": "x"}, 200), ({"enabled": "x"}, 400), ([], 400), (None, 400)):
        answer = await open_client.patch("/internal/logs/subscribe", json=body)
        assert answer.status == status
        if status == 200:
            assert await answer.read() == b""


async def test_help_on_a_node_is_made_of_its_description(tmp_path: Path) -> None:
    async with small_server(tmp_path, desk=SmallDesk([description(NODE)])) as client:
        answer = await client.get("/docs/Mix|er/en.md")
        assert (answer.status, answer.content_type) == (200, "text/markdown")
        text = await answer.text()
        assert "Mixes two things." in text
        assert "from 0, to 1, default 0.5" in text
        assert "and 10 more, may be left out" in text
        assert (await client.get("/docs/Nothing/en.md")).status == 404


def test_t18_help_shows_markup_as_text_and_keeps_its_table() -> None:
    text = help_text(NODE, {})
    assert "<script" not in text.replace("\\<", "")
    assert text.startswith("# Mixer \\[\\*\\]\n")
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert {row.replace("\\|", "").count("|") for row in rows} == {4}


@pytest.mark.parametrize("path", ["/global_subgraphs", "/node_replacements"])
async def test_what_no_pack_brings_is_empty(open_client: Client, path: str) -> None:
    assert await (await open_client.get(path)).json() == {}


def test_a_line_of_the_access_log_holds_no_token_and_no_line_break(caplog: pytest.LogCaptureFixture) -> None:
    request = make_mocked_request("GET", "/ws?clientId=a%0d%0ab&token=secret")
    log = logging.getLogger("nodeloom.test")
    with caplog.at_level(logging.INFO, log.name):
        AccessLog(log, "").log(request, web.Response(status=401), 0.0123)
    [record] = caplog.records
    line = JsonLine().format(record)
    assert "\n" not in line and "\r" not in line and "secret" not in line
    told = json.loads(line)
    assert told["message"] == f"GET {told['path']} 401"
    assert (told["method"], told["status"], told["ms"]) == ("GET", 401, 12.3)
    assert told["path"].startswith("/ws?clientId=a") and told["path"].endswith("token=-")
