"""The own API's templates: ready workflows with descriptions and pictures, and nothing else of their folder."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.v1_template_routes import TemplateList, add_templates, templates_in, title_of
from tests.server.small_server import Client, raw_status, serving, small_app, small_server

ROOT = Path(__file__).resolve().parents[2]
README = """# Workflows

- `text_to_image.json`: a prompt becomes a picture.
- `b_picture.json`: <b>markup</b> stays text, `code` too.
- `gone.json`: this one was deleted.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with three workflows, two of them described, one with a picture."""
    folder = tmp_path / "ready"
    (folder / "pictures").mkdir(parents=True)
    for name in ("b_picture", "a_last", "text_to_image"):
        (folder / f"{name}.json").write_text(json.dumps({"1": {"class_type": name, "inputs": {}}}))
    (folder / "README.md").write_text(README)
    (folder / "pictures" / "b_picture.webp").write_bytes(b"RIFF webp")
    (folder / ".hidden.json").write_text("{}")
    (tmp_path / "outside.json").write_text('{"secret": 1}')
    (folder / "link.json").symlink_to(tmp_path / "outside.json")
    return folder


@pytest.fixture
async def client(tmp_path: Path, folder: Path) -> AsyncIterator[Client]:
    app = small_app(tmp_path)
    add_templates(app, folder)
    async with serving(app) as client:
        yield client


async def test_templates_are_listed_with_what_the_readme_says_of_them(client: Client) -> None:
    async with client.get("/api/v1/templates") as response:
        assert response.status == 200
        found = TemplateList.model_validate(await response.json()).templates
    assert [each.name for each in found] == ["text_to_image", "a_last", "b_picture"]
    by_name = {each.name: each for each in found}
    assert by_name["text_to_image"].description == "a prompt becomes a picture."
    assert by_name["a_last"].description == ""
    assert by_name["b_picture"].description == "<b>markup</b> stays text, code too."
    assert [name for name, each in by_name.items() if each.picture] == ["b_picture"]
    assert by_name["b_picture"].title == "B picture"


async def test_a_template_is_the_workflow_as_it_lies_there(client: Client, folder: Path) -> None:
    async with client.get("/api/v1/templates/a_last") as response:
        assert response.status == 200
        assert response.content_type == "application/json"
        assert await response.read() == (folder / "a_last.json").read_bytes()
        etag = response.headers["ETag"]
    async with client.get("/api/v1/templates/a_last", headers={"If-None-Match": etag}) as response:
        assert response.status == 304


async def test_a_template_has_the_picture_that_lies_beside_it(client: Client) -> None:
    async with client.get("/api/v1/templates/b_picture/picture") as response:
        assert (response.status, response.content_type) == (200, "image/webp")
        assert await response.read() == b"RIFF webp"
    async with client.get("/api/v1/templates/a_last/picture") as response:
        assert (response.status, (await response.json())["code"]) == (404, "no_picture")


@pytest.mark.parametrize(
    "name", ["none", "..%2Foutside", "link", ".hidden", "pictures%2Fb_picture", "%2Fetc%2Fpasswd", "a%00b", "README"]
)
async def test_what_is_no_template_of_the_folder_is_not_found(client: Client, name: str) -> None:
    assert await raw_status(client, f"/api/v1/templates/{name}") == 404
    assert await raw_status(client, f"/api/v1/templates/{name}/picture") == 404


async def test_a_server_without_the_folder_has_no_templates(tmp_path: Path) -> None:
    async with small_server(tmp_path) as client:
        async with client.get("/api/v1/templates") as response:
            assert (response.status, await response.json()) == (200, {"templates": []})
        async with client.get("/api/v1/templates/text_to_image") as response:
            assert (response.status, (await response.json())["code"]) == (404, "unknown_template")
    assert templates_in(tmp_path / "missing") == []


async def test_the_list_that_other_clients_ask_for_stays_that_of_packs(client: Client) -> None:
    for path in ("/workflow_templates", "/api/workflow_templates"):
        async with client.get(path) as response:
            assert await response.json() == {}


def test_every_workflow_that_ships_has_a_description_and_a_picture() -> None:
    found = templates_in(ROOT / "workflows")
    assert found[0].name == "text_to_image"
    assert [each.name for each in found if not each.description or not each.picture] == []
    sizes = [path.stat().st_size for path in (ROOT / "workflows" / "pictures").iterdir()]
    assert max(sizes) < 20_000


def test_a_title_is_the_name_in_words() -> None:
    assert title_of("text_to_image") == "Text to image"
    assert title_of("__") == "__"
