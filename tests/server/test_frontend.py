"""What is at `/`: the operator's front end, or a page that says what there is."""

import gzip
from html.parser import HTMLParser
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from server import frontend, pages
from server.frontend import FOREVER, MEDIA_TYPES
from server.headers import FOREIGN_FRONTEND_POLICY
from server.settings import Settings
from tests.server.small_server import SmallDesk, small_app, small_server

BIG = bytes(range(256)) * 4096 + b"end"


@pytest.fixture
def front_end(tmp_path: Path) -> Path:
    """A folder as bundlers write it."""
    root = tmp_path / "front"
    (root / "assets" / "sub").mkdir(parents=True)
    (root / "index.html").write_text("<!doctype html><title>Front end</title>")
    (root / "assets" / "index-DkX3a9_b.js").write_text("export const a = 1")
    (root / "assets" / "sub" / "style.4f2a9c1e.css").write_text("a{}")
    (root / "assets" / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (root / "big.bin").write_bytes(BIG)
    (root / "packed.js").write_text("let packed")
    (root / "packed.js.gz").write_bytes(gzip.compress(b"let packed"))
    return root


@pytest.fixture
def settings(front_end: Path) -> Settings:
    return Settings(frontend=front_end, version="1.2.3")


async def test_the_first_page_is_asked_for_again_each_time(tmp_path: Path, settings: Settings) -> None:
    async with small_server(tmp_path, settings) as client:
        for path in ("/", "/index.html"):
            answer = await client.get(path)
            assert "<title>Front end" in await answer.text()
            assert (answer.content_type, answer.headers["Cache-Control"]) == ("text/html", "no-cache")
            assert answer.headers["Content-Security-Policy"] == FOREIGN_FRONTEND_POLICY


@pytest.mark.parametrize(
    ("path", "forever"),
    [
        ("/assets/index-DkX3a9_b.js", True),
        ("/assets/sub/style.4f2a9c1e.css", True),
        ("/assets/logo.svg", False),
        ("/big.bin", False),
    ],
)
async def test_only_names_with_a_hash_are_kept_for_good(
    tmp_path: Path, settings: Settings, path: str, forever: bool
) -> None:
    async with small_server(tmp_path, settings) as client:
        assert ((await client.get(path)).headers["Cache-Control"] == FOREVER) is forever


async def test_media_types_are_said_outright(tmp_path: Path, front_end: Path, settings: Settings) -> None:
    async with small_server(tmp_path, settings) as client:
        for ending in (".js", ".mjs", ".css", ".json", ".svg", ".wasm", ".woff2", ".png", ".webp", ".ico", ".map"):
            (front_end / f"file{ending}").write_bytes(b"x")
            assert (await client.get(f"/file{ending}")).headers["Content-Type"] == MEDIA_TYPES[ending]
        (front_end / "file.exe").write_bytes(b"x")
        assert (await client.get("/file.exe")).content_type == "application/octet-stream"
        assert (await client.get("/file.mjs")).content_type == "text/javascript"
        assert (await client.get("/file.wasm")).content_type == "application/wasm"


async def test_a_large_file_arrives_whole_and_head_says_its_size(tmp_path: Path, settings: Settings) -> None:
    async with small_server(tmp_path, settings) as client:
        assert await (await client.get("/big.bin")).read() == BIG
        head = await client.head("/big.bin")
        assert (head.content_length, await head.read()) == (len(BIG), b"")


async def test_a_file_that_did_not_change_is_not_sent_again(
    tmp_path: Path, front_end: Path, settings: Settings
) -> None:
    async with small_server(tmp_path, settings) as client:
        tag = (await client.get("/big.bin")).headers["ETag"]
        again = await client.get("/big.bin", headers={"If-None-Match": f'"other", {tag}'})
        assert (again.status, await again.read()) == (304, b"")
        (front_end / "big.bin").write_bytes(b"new")
        assert (await client.get("/big.bin", headers={"If-None-Match": tag})).status == 200


async def test_a_compressed_neighbour_is_sent_to_those_who_take_it(tmp_path: Path, settings: Settings) -> None:
    async with small_server(tmp_path, settings) as client:
        packed = await client.get("/packed.js", headers={"Accept-Encoding": "gzip"})
        assert (packed.headers["Content-Encoding"], await packed.text()) == ("gzip", "let packed")
        assert packed.content_type == "text/javascript"
        plain = await client.get("/packed.js", headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in plain.headers
        assert await plain.text() == "let packed"
        assert packed.headers["ETag"] != plain.headers["ETag"]


async def test_an_address_of_the_interface_is_never_a_page(tmp_path: Path, front_end: Path, settings: Settings) -> None:
    (front_end / "api").mkdir()
    (front_end / "api" / "x.html").write_text("no")
    async with small_server(tmp_path, settings) as client:
        for path in ("/api/x.html", "/api/nothing", "/api", "/templates/index.json"):
            answer = await client.get(path, headers={"Accept": "application/json"})
            assert (answer.status, answer.content_type) == (404, "application/json")
        assert (await client.get("/api/nothing", headers={"Accept": "text/html"})).content_type == "application/json"


async def test_a_file_never_takes_the_place_of_a_route(tmp_path: Path, front_end: Path, settings: Settings) -> None:
    (front_end / "health").write_text("ill")
    async with small_server(tmp_path, settings) as client:
        assert await (await client.get("/health")).json() == {"status": "ok"}


async def test_a_folder_without_a_first_page_is_404_and_no_listing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    async with small_server(tmp_path, Settings(frontend=tmp_path / "empty")) as client:
        assert (await client.get("/")).status == 404


class Reader(HTMLParser):
    """Collects what a page says and needs."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[str] = []
        self.events: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action")]
        self.events += [name for name, _ in attrs if name.startswith("on") or name == "style"]


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    return reader


@pytest.mark.parametrize("text", [pages.welcome("1", 0, []), pages.login(""), pages.login("no"), pages.missing()])
def test_a_small_page_has_a_language_a_title_one_heading_and_no_script(text: str) -> None:
    page = read(text)
    assert text.startswith("<!doctype html>")
    assert '<html lang="en">' in text
    assert [page.tags.count(tag) for tag in ("title", "main", "h1", "script", "style")] == [1, 1, 1, 0, 0]
    assert page.events == []
    assert all(link.startswith("/") and not link.startswith("//") for link in page.links)


def test_the_style_serves_light_and_dark() -> None:
    assert "prefers-color-scheme: dark" in pages.STYLE
    assert "color-scheme: light dark" in pages.STYLE


def test_what_a_small_page_is_told_stays_text() -> None:
    text = pages.welcome("<script>", 0, ["<img src=x onerror=alert(1)>"]) + pages.login("<b>")
    assert "<script" not in text and "<img" not in text and "<b>" not in text


@pytest.fixture
def no_editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the editor had not been built."""
    monkeypatch.setattr(frontend, "BUILT_EDITOR", tmp_path / "none")


@pytest.mark.usefixtures("no_editor")
async def test_without_an_editor_the_first_page_says_so_and_every_link_works(tmp_path: Path) -> None:
    async with small_server(tmp_path) as client:
        answer = await client.get("/")
        text = await answer.text()
        assert (answer.status, answer.content_type) == (200, "text/html")
        assert "make editor" in text and "1.2.3" in text and "cpu" in text
        assert client.app is not None
        known = {resource.canonical for resource in client.app.router.resources()}
        links = [link.partition("?")[0] for link in read(text).links]
        assert set(links) <= known
        style = await client.get(pages.STYLE_PATH)
        assert (style.status, style.content_type) == (200, "text/css")


@pytest.mark.usefixtures("no_editor")
async def test_the_first_page_says_that_workers_are_starting(tmp_path: Path) -> None:
    async with small_server(tmp_path, desk=SmallDesk(ready=False)) as client:
        assert "starting" in await (await client.get("/")).text()


async def test_a_person_who_is_lost_gets_a_page_and_a_program_gets_json(tmp_path: Path) -> None:
    async with small_server(tmp_path) as client:
        page = await client.get("/nothing", headers={"Accept": "text/html"})
        assert (page.status, page.content_type) == (404, "text/html")
        assert (await client.get("/nothing")).content_type == "application/json"


async def test_the_login_page_is_reached_with_its_style_before_the_token_is_known(tmp_path: Path) -> None:
    from tests.server.small_server import with_token

    app = small_app(tmp_path, with_token())
    async with TestServer(app) as server:
        import aiohttp

        async with aiohttp.ClientSession() as session:
            assert (await session.get(server.make_url("/login"))).status == 200
            assert (await session.get(server.make_url(pages.STYLE_PATH))).status == 200
