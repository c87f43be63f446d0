"""What packs bring for editors, over HTTP: their scripts, their files and no others, and the pages on their nodes."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from yarl import URL

from server.extension_routes import MEDIA_TYPES
from server.served_files import POLICY
from tests.server.file_server import put
from tests.server.small_server import Client, raw_status, serving, small_app, small_server, with_token

SECRET = "top secret"


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    """Two packs, with secrets around them and links that lead out."""
    root = tmp_path / "packs"
    put(root / "curve" / "web" / "curve.nodeloom.js", b"export default () => undefined;")
    put(root / "curve" / "web" / "sub folder" / "part.js", b"export const a = 1;")
    put(root / "curve" / "web" / "style.css", b"a{}")
    put(root / "curve" / "web" / ".hidden.js", b"hidden")
    put(root / "curve" / "web" / ".git" / "x.js", b"hidden")
    put(root / "curve" / "web" / "page.html", b"<script>alert(1)</script>")
    put(root / "curve" / "secret.js", SECRET.encode())
    put(root / "curve-evil" / "web" / "secret.js", SECRET.encode())
    put(root / "other" / "web" / "other.js", b"other")
    (root / "curve" / "web" / "link.js").symlink_to(root / "curve" / "secret.js")
    (root / "curve" / "web" / "linked").symlink_to(root / "other" / "web")
    return root


@pytest.fixture
async def client(tmp_path: Path, packs: Path) -> AsyncIterator[Client]:
    folders = {"curve": packs / "curve" / "web", "other pack": packs / "other" / "web", "gone": packs / "gone" / "web"}
    async with serving(small_app(tmp_path / "base", extensions=folders)) as client:
        yield client


async def test_the_scripts_of_all_packs_are_listed_and_each_can_be_fetched(client: Client) -> None:
    for route in ("/extensions", "/api/extensions"):
        answer = await client.get(route)
        listed = await answer.json()
        assert listed == [
            "/extensions/curve/curve.nodeloom.js",
            "/extensions/curve/sub%20folder/part.js",
            "/extensions/other%20pack/other.js",
        ]
        for address in listed:
            for prefix in ("", "/api"):
                script = await client.get(URL(prefix + address, encoded=True))
                assert (script.status, script.content_type) == (200, "text/javascript")


async def test_without_packs_nothing_is_listed_and_nothing_found(tmp_path: Path) -> None:
    async with small_server(tmp_path) as client:
        answer = await client.get("/extensions")
        assert (answer.status, await answer.json()) == (200, [])
        assert (await client.get("/extensions/curve/curve.nodeloom.js")).status == 404


async def test_a_file_comes_as_what_it_is_and_can_run_nothing_as_a_page(client: Client, packs: Path) -> None:
    web = packs / "curve" / "web"
    for ending, media_type in MEDIA_TYPES.items():
        put(web / f"file{ending}")
        answer = await client.get(f"/extensions/curve/file{ending}")
        assert answer.headers["Content-Type"] == media_type
        assert "attachment" not in answer.headers["Content-Disposition"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["page.html", "page.xhtml", "page.pdf", "page.xml", "page", "page.PHP"])
async def test_t15_what_a_browser_might_open_as_a_page_is_a_download(client: Client, packs: Path, name: str) -> None:
    put(packs / "curve" / "web" / name, b"<script>alert(1)</script>")
    answer = await client.get(f"/extensions/curve/{name}")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == POLICY


async def test_a_script_that_has_not_changed_is_not_sent_again_and_a_changed_one_is(
    client: Client, packs: Path
) -> None:
    address = "/extensions/curve/curve.nodeloom.js"
    tag = (await client.get(address)).headers["ETag"]
    assert (await client.get(address, headers={"If-None-Match": tag})).status == 304
    put(packs / "curve" / "web" / "curve.nodeloom.js", b"export default () => 2;")
    again = await client.get(address, headers={"If-None-Match": tag})
    assert (again.status, await again.text()) == (200, "export default () => 2;")


@pytest.mark.parametrize(
    "path",
    [
        "curve/../secret.js",
        "curve/..%2fsecret.js",
        "curve/%2e%2e/secret.js",
        "curve/%2e%2e%2f%2e%2e%2fcurve-evil%2fweb%2fsecret.js",
        "curve/..%5csecret.js",
        "curve/%252e%252e%252fsecret.js",
        "curve//secret.js",
        "curve/%2fetc%2fpasswd",
        "curve/sub%20folder/../../secret.js",
        "curve/link.js",
        "curve/linked/other.js",
        "curve/.hidden.js",
        "curve/.git/x.js",
        "curve/curve.nodeloom.js%00.png",
        "curve/curve.nodeloom.js.",
        "curve/C:secret.js",
        "curve/sub%20folder",
        "curve/other.js",
        "curve-evil/secret.js",
        "curve%2f..%2f..%2fcurve-evil/secret.js",
        "../curve-evil/web/secret.js",
        "..%2fcurve-evil/web/secret.js",
        "gone/anything.js",
        "curve/docs/..%2f..%2fsecret/en.md",
        "curve/docs/x/..%2f..%2f..%2fsecret.md",
    ],
)
async def test_t01_t02_t05_t06_no_path_leads_out_of_the_folder_of_its_pack(
    client: Client, packs: Path, path: str
) -> None:
    put(packs / "curve" / "secret.md", SECRET.encode())
    for prefix in ("", "/api"):
        assert await raw_status(client, f"{prefix}/extensions/{path}") in (400, 404)
        async with client.get(URL(f"{prefix}/extensions/{path}", encoded=True)) as answer:
            assert SECRET not in await answer.text()


async def test_a_pack_whose_name_is_a_path_is_not_listed(tmp_path: Path, packs: Path) -> None:
    """T47."""
    folders: dict[str, Path] = {}
    for name in ("../curve", "a/b", ".hidden", ""):
        folders[name] = packs / "curve" / "web"
    async with serving(small_app(tmp_path / "base", extensions=folders)) as client:
        assert await (await client.get("/extensions")).json() == []


async def test_t28_with_a_token_neither_the_list_nor_a_file_is_for_strangers(tmp_path: Path, packs: Path) -> None:
    app = small_app(tmp_path / "base", with_token(), extensions={"curve": packs / "curve" / "web"})
    async with serving(app) as client:
        for route in ("/extensions", "/extensions/curve/style.css", "/extensions/curve/docs/Node/en.md"):
            assert (await client.get(route)).status == 401


async def test_a_page_on_a_node_comes_in_the_language_asked_for_else_in_english_else_the_only_one(
    client: Client, packs: Path
) -> None:
    docs = packs / "curve" / "web" / "docs"
    put(docs / "Curve" / "zh.md", "曲线".encode())
    put(docs / "Curve" / "en.md", b"# Curve")
    put(docs / "Plain.md", b"# Plain")
    found = {}
    for name in ("Curve/zh", "Curve/de", "Plain/zh", "Other/en"):
        answer = await client.get(f"/extensions/curve/docs/{name}.md")
        found[name] = (answer.status, await answer.text())
    assert found == {
        "Curve/zh": (200, "曲线"),
        "Curve/de": (200, "# Curve"),
        "Plain/zh": (200, "# Plain"),
        "Other/en": (404, ""),
    }
    assert (await client.get("/extensions/curve/docs/Plain.md")).content_type == "text/markdown"
    assert (await client.get("/extensions/other pack/docs/Plain/en.md")).status == 404


async def test_a_list_of_very_many_scripts_is_whole(client: Client, packs: Path) -> None:
    for number in range(500):
        put(packs / "other" / "web" / f"part-{number}.js")
    listed = json.loads(await (await client.get("/extensions")).text())
    assert len(listed) == 503
