"""T02: request targets that nobody has tidied up, as they can come over a socket."""

from pathlib import Path

import pytest

from server.settings import Settings
from tests.server.small_server import Client, raw_exchange, raw_status, small_server

SECRET = "top secret"
STEPS = (
    "..",
    "%2e%2e",
    "%2E%2e",
    ".%2e",
    "%252e%252e",
    "%c0%ae%c0%ae",
    "..;",
    "%2e%2e%00",
    "..%5c",
    "..%255c",
)
SEPARATORS = ("/", "%2f", "%5c", "%252f", "//")
TARGETS = sorted({f"/{separator.join([step] * 3)}{separator}secret.txt" for step in STEPS for separator in SEPARATORS})


@pytest.fixture
def front_end(tmp_path: Path) -> Path:
    """A front end, with secrets above and beside it and a link that leads out."""
    root = tmp_path / "a" / "front"
    (root / "assets").mkdir(parents=True)
    (root / "index.html").write_text("<p>front end")
    for folder in (tmp_path, tmp_path / "a"):
        (folder / "secret.txt").write_text(SECRET)
    (tmp_path / "a" / "front-evil").mkdir()
    (tmp_path / "a" / "front-evil" / "secret.txt").write_text(SECRET)
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    (root / "linked").symlink_to(tmp_path)
    (root / ".env").write_text(SECRET)
    return root


async def raw_answer(client: Client, target: str) -> bytes:
    lines = (f"GET {target} HTTP/1.1", f"Host: {client.host}:{client.port}", "Connection: close", "", "")
    return await raw_exchange(client, "\r\n".join(lines).encode("latin-1"))


@pytest.mark.parametrize("prefix", ["", "/assets", "/api", "/extensions", "/docs", "/userdata", "/view"])
async def test_t02_steps_out_of_the_front_end_lead_nowhere(tmp_path: Path, front_end: Path, prefix: str) -> None:
    async with small_server(tmp_path / "base", Settings(frontend=front_end)) as client:
        for target in TARGETS:
            answer = await raw_answer(client, prefix + target)
            assert int(answer.split(b" ", 2)[1]) in (400, 404), target
            assert SECRET.encode() not in answer


@pytest.mark.parametrize(
    "target",
    [
        "//etc/passwd",
        "///etc/passwd",
        "/%2fetc%2fpasswd",
        "/etc/passwd",
        "/C:/windows/win.ini",
        "/C:%5cwindows%5cwin.ini",
        "/%5c%5chost%5cshare",
        "/file:///etc/passwd",
        "/../front-evil/secret.txt",
        "/..%2ffront-evil%2fsecret.txt",
        "/-evil/secret.txt",
        "/link.txt",
        "/linked/secret.txt",
        "/.env",
        "/assets",
        "/assets/",
        "/assets/.",
        "/index.html/",
        "/index.html%00.js",
        "/index.html%20",
        "/index.html.",
        "/./index.html/..",
        "/nul",
        "/con.js",
        "/" + "a" * 300,
        "/" + "a/" * 2000,
        "/%ff%fe",
        "/%ed%a0%80",
        "/%",
        "/%zz",
        "/\x80\xff",
        "*",
        "http://evil.example/index.html",
    ],
)
async def test_t02_a_strange_target_is_refused_and_the_server_goes_on(
    tmp_path: Path, front_end: Path, target: str
) -> None:
    async with small_server(tmp_path / "base", Settings(frontend=front_end)) as client:
        answer = await raw_answer(client, target)
        assert int(answer.split(b" ", 2)[1]) in (400, 403, 404, 405, 414)
        assert SECRET.encode() not in answer and b"root:" not in answer and b"<p>front end" not in answer
        assert await raw_status(client, "/health") == 200


@pytest.mark.parametrize(
    "target", ["/api/../health", "/api/%2e%2e/health", "/x/../health", "//health", "/health/", "/api//health"]
)
async def test_t02_a_target_is_never_tidied_into_another_route(tmp_path: Path, front_end: Path, target: str) -> None:
    from tests.server.small_server import with_token

    async with small_server(tmp_path / "base", with_token(frontend=front_end)) as client:
        answer = await raw_answer(client, target)
        assert b'"ok"' not in answer
        assert answer.split(b" ", 2)[1] in (b"401", b"404", b"400")


@pytest.mark.parametrize(
    "route", ["/view?filename={}", "/view?filename=a.png&subfolder={}", "/userdata/{}", "/docs/{}/en.md"]
)
@pytest.mark.parametrize(
    "name",
    [
        "%2e%2e%2fsecret.txt",
        "..%2f..%2fsecret.txt",
        "%2fetc%2fpasswd",
        "..%5c..%5csecret.txt",
        "%00",
        "%252e%252e%252f",
    ],
)
async def test_t02_an_encoded_name_stays_a_name(tmp_path: Path, front_end: Path, route: str, name: str) -> None:
    async with small_server(front_end, Settings(frontend=front_end)) as client:
        answer = await raw_answer(client, route.replace("{}", name))
        assert int(answer.split(b" ", 2)[1]) in (400, 403, 404)
        assert SECRET.encode() not in answer and b"root:" not in answer


async def test_absent_and_forbidden_look_the_same(tmp_path: Path, front_end: Path) -> None:
    async with small_server(tmp_path / "base", Settings(frontend=front_end)) as client:
        told = {
            (answer.status, await answer.text())
            for answer in [await client.get(f"/{name}") for name in ("link.txt", "no.txt", "linked/x", "assets")]
        }
        assert len(told) == 1
