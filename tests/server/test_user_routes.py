"""The user's settings and files over HTTP."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from yarl import URL

from storage.user_files import MOST_FILE_BYTES
from tests.server.file_server import Place, file_server, put


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with file_server(tmp_path / "base") as place:
        yield place


async def got(place: Place, path: str) -> tuple[int, object]:
    """Status and JSON; the path is sent as it is."""
    async with place.client.get(URL(path, encoded=True)) as answer:
        return answer.status, await answer.json()


async def posted(place: Place, path: str, body: bytes = b"") -> tuple[int, str]:
    async with place.client.post(URL(path, encoded=True), data=body) as answer:
        return answer.status, await answer.text()


async def test_there_is_one_user_kept_by_the_server(place: Place) -> None:
    for path in ("/users", "/api/users"):
        assert await got(place, path) == (200, {"storage": "server", "migrated": True})


async def test_workflows_can_be_listed_before_there_are_any(place: Place) -> None:
    for query in ("dir=workflows", "dir=workflows&recurse=true&split=false&full_info=true"):
        assert await got(place, f"/api/userdata?{query}") == (200, [])
    assert (await got(place, "/api/userdata?dir=subgraphs"))[0] == 404


async def test_settings_are_merged_and_given_back(place: Place) -> None:
    assert await got(place, "/settings") == (200, {})
    assert await got(place, "/settings/theme") == (200, None)
    assert await posted(place, "/settings", b'{"theme": "dark", "a.b": [1]}') == (200, "")
    assert await posted(place, "/api/settings/theme", b'"light"') == (200, "")
    assert await posted(place, "/settings/none", b"null") == (200, "")
    assert await got(place, "/api/settings") == (200, {"theme": "light", "a.b": [1], "none": None})
    assert await got(place, "/settings/a.b") == (200, [1])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[]", 400),
        (b"", 400),
        (b"{", 400),
        (b'{"a": NaN}', 400),
        (b'{"a": 1, "a": 2}', 400),
        (b'{"a": ' + b"[" * 100 + b"]" * 100 + b"}", 400),
        (b'{"a": ' + b"[" * 100_000, 400),
        (b'{"a": "\\ud800"}', 400),
        (b'{"a": "' + b"x" * 2**20 + b'"}', 413),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_settings_that_are_none_change_nothing(place: Place, body: bytes, status: int) -> None:
    await posted(place, "/settings", b'{"kept": 1}')
    assert (await posted(place, "/settings", body))[0] == status
    assert await got(place, "/settings") == (200, {"kept": 1})


async def test_a_setting_has_any_name_and_none_is_a_path(place: Place) -> None:
    """T01, T02, T43: names of settings are keys of one file."""
    for name in ("..%2F..%2Fx", "..%5Cx", "%00", "a" * 3000):
        assert (await posted(place, f"/settings/{name}", b"1"))[0] == 200
        assert await got(place, f"/settings/{name}") == (200, 1)
    assert [path.name for path in place.folders.user.parent.rglob("*") if path.is_file()] == ["settings.json"]


async def test_damaged_settings_do_not_stop_the_server(place: Place) -> None:
    put(place.folders.user / "settings.json", b"{damaged")
    assert await got(place, "/settings") == (200, {})
    (aside,) = place.folders.user.glob("settings.damaged*")
    assert aside.read_bytes() == b"{damaged"


async def test_files_are_written_listed_read_moved_and_deleted(place: Place) -> None:
    assert await posted(place, "/userdata/workflows%2Ft.json", b'{"a": 1}') == (200, '"workflows/t.json"')
    assert await got(place, "/userdata?dir=workflows") == (200, ["t.json"])
    assert await got(place, "/userdata/workflows%2Ft.json") == (200, {"a": 1})
    assert await posted(place, "/userdata/workflows%2Ft.json/move/workflows%2Fsub%2Fu.json") == (
        200,
        '"workflows/sub/u.json"',
    )
    assert await got(place, "/api/userdata?dir=workflows&recurse=true") == (200, ["sub/u.json"])
    async with place.client.delete(URL("/userdata/workflows%2Fsub%2Fu.json", encoded=True)) as answer:
        assert (answer.status, await answer.read()) == (204, b"")
    assert (await got(place, "/userdata/workflows%2Fsub%2Fu.json"))[0] == 404
    assert await got(place, "/userdata?dir=workflows&recurse=true") == (200, [])


async def test_listings_come_in_every_form(place: Place) -> None:
    put(place.user_files.root / "workflows" / "t.json", b"12")
    put(place.user_files.root / "workflows" / "sub" / "u.json")
    status, full = await got(place, "/userdata?dir=workflows&recurse=true&full_info=true&split=false")
    assert status == 200 and isinstance(full, list)
    assert [(entry["path"], entry["size"]) for entry in full] == [("sub/u.json", 1), ("t.json", 2)]
    assert all(isinstance(entry[time], float) for entry in full for time in ("modified", "created"))
    assert await got(place, "/userdata?dir=workflows&split=true") == (
        200,
        [["workflows/t.json", "workflows", "t.json"]],
    )
    status, entries = await got(place, "/v2/userdata?path=workflows")
    assert status == 200 and isinstance(entries, list)
    file = place.user_files.root / "workflows" / "t.json"
    assert entries == [
        {"name": "sub", "path": "workflows/sub", "type": "directory"},
        {
            "name": "t.json",
            "path": "workflows/t.json",
            "type": "file",
            "size": 2,
            "modified": file.stat().st_mtime,
        },
    ]
    assert await got(place, "/v2/userdata") == (
        200,
        [{"name": "workflows", "path": "workflows", "type": "directory"}],
    )


async def test_a_missing_folder_is_404_and_none_named_400(place: Place) -> None:
    for path, status in (
        ("/userdata?dir=none", 404),
        ("/v2/userdata?path=none", 404),
        ("/userdata?dir=", 400),
        ("/userdata", 400),
    ):
        assert (await got(place, path))[0] == status


async def test_a_file_is_overwritten_unless_that_is_denied(place: Place) -> None:
    await posted(place, "/userdata/a.json", b"1")
    assert await posted(place, "/userdata/a.json?overwrite=false", b"2") == (409, "File already exists")
    assert await got(place, "/userdata/a.json") == (200, 1)
    assert (await posted(place, "/userdata/a.json", b"3"))[0] == 200
    assert await got(place, "/userdata/a.json") == (200, 3)
    await posted(place, "/userdata/b.json", b"4")
    assert await posted(place, "/userdata/b.json/move/a.json?overwrite=false") == (409, "File already exists")
    status, text = await posted(place, "/userdata/b.json/move/a.json?full_info=true")
    assert (status, json.loads(text)["path"], json.loads(text)["size"]) == (200, "a.json", 1)
    assert (await posted(place, "/userdata/none.json/move/a.json"))[0] == 404
    status, text = await posted(place, "/userdata/c.json?full_info=true", b"12345")
    assert json.loads(text).keys() == {"path", "size", "modified", "created"}


async def test_a_folder_is_no_file_and_a_file_no_folder(place: Place) -> None:
    await posted(place, "/userdata/folder%2Fa.json", b"1")
    assert (await posted(place, "/userdata/folder", b"2"))[0] == 409
    assert (await posted(place, "/userdata/folder%2Fa.json%2Fb.json", b"2"))[0] == 400
    async with place.client.delete("/userdata/folder") as answer:
        assert answer.status == 404
    assert (await got(place, "/userdata/folder"))[0] == 404
    assert await got(place, "/userdata/folder%2Fa.json") == (200, 1)


async def test_every_file_is_a_download_that_runs_nothing(place: Place) -> None:
    """T15."""
    types = {
        "a.json": "application/json",
        "a.txt": "text/plain",
        "a.html": "application/octet-stream",
        "user.css": "application/octet-stream",
        "a.js": "application/octet-stream",
        "a.svg": "application/octet-stream",
        "a.png": "application/octet-stream",
    }
    for name, media_type in types.items():
        await posted(place, f"/userdata/{name}", b"<script>alert(1)</script>")
        async with place.client.get(f"/userdata/{name}") as answer:
            assert answer.content_type == media_type
            assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


HOSTILE = [
    "..%2Fsettings.json",
    "..%2f..%2fsettings.json",
    "%2e%2e%2Fsettings.json",
    "workflows%2F..%2F..%2Fsettings.json",
    "..%5Csettings.json",
    "%2Fetc%2Fpasswd",
    "%2F%2Fevil.example%2Fx",
    "C%3Ax",
    "a%00.json",
    "a%0D%0ASet-Cookie%3A%20x",
    "%E2%80%AEgnp.exe",
    "nul",
    ".env",
    "sub%2F.git%2Fconfig",
    "a.",
    "a" * 300,
]


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_name_is_refused_by_every_route(place: Place, name: str) -> None:
    """T01, T02, T03, T04, T09, T20, T32, T43, T44."""
    await posted(place, "/settings", b'{"secret": 1}')
    put(place.folders.user / "digests.sqlite", b"database")
    await posted(place, "/userdata/mine.json", b"1")
    before = {path: path.read_bytes() for path in place.folders.user.parent.rglob("*") if path.is_file()}
    for method, path in (
        ("GET", f"/userdata/{name}"),
        ("POST", f"/userdata/{name}"),
        ("DELETE", f"/userdata/{name}"),
        ("POST", f"/userdata/mine.json/move/{name}"),
        ("POST", f"/userdata/{name}/move/stolen.json"),
        ("GET", f"/userdata?dir={name}"),
        ("GET", f"/v2/userdata?path={name}"),
    ):
        url = URL(path, encoded=True)
        async with place.client.request(method, url, allow_redirects=False) as answer:
            assert answer.status == 400, path
            assert "Location" not in answer.headers and "Set-Cookie" not in answer.headers
            assert str(place.folders.user.parent) not in await answer.text()
    assert {path: path.read_bytes() for path in place.folders.user.parent.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["%252e%252e%252fsettings.json", "%25%32%65%25%32%65%25%32%66settings.json", "%252F"])
async def test_a_name_encoded_twice_is_decoded_once_and_stays_inside(place: Place, name: str) -> None:
    """T02."""
    await posted(place, "/settings", b'{"secret": 1}')
    assert (await got(place, f"/userdata/{name}"))[0] in (400, 404)
    assert (await posted(place, f"/userdata/{name}", b"mine"))[0] in (200, 400)
    files = [path for path in place.folders.user.parent.rglob("*") if path.is_file()]
    assert all(path.parent == place.user_files.root for path in files if path.name != "settings.json")
    assert await got(place, "/settings") == (200, {"secret": 1})


@pytest.mark.parametrize(
    "path", ["/userdata/../digests.sqlite", "/userdata/%2e%2e/digests.sqlite", "/userdata//etc/passwd"]
)
async def test_a_path_with_steps_in_it_reaches_no_file(place: Place, path: str) -> None:
    """T02, T32."""
    put(place.folders.user / "digests.sqlite", b"database")
    async with place.client.get(URL(path, encoded=True), allow_redirects=False) as answer:
        assert answer.status in (400, 404)
        assert b"database" not in await answer.read()


async def test_what_lies_beside_the_files_has_no_name(place: Place) -> None:
    """T32."""
    for name in ("digests.sqlite", "runs.sqlite", "server.log", "token", "cache%2Findex", "settings.json"):
        put(place.folders.user / name.replace("%2F", "/"), b"secret")
        assert (await got(place, f"/userdata/{name}"))[0] == 404
    assert await got(place, "/v2/userdata") == (200, [])


async def test_absent_and_forbidden_answer_the_same(place: Place, tmp_path: Path) -> None:
    """T05, T14."""
    outside = put(tmp_path / "outside" / "secret.json", b"{}")
    root = place.user_files.root
    root.mkdir(parents=True)
    (root / "link.json").symlink_to(outside)
    (root / "door").symlink_to(outside.parent)
    for there, absent in (
        ("/userdata/link.json", "/userdata/none.json"),
        ("/userdata/door%2Fsecret.json", "/userdata/door%2Fnone.json"),
        ("/userdata?dir=door", "/userdata?dir=none"),
        ("/v2/userdata?path=door", "/v2/userdata?path=none"),
    ):
        answers = [await got(place, path) for path in (there, absent)]
        assert [status for status, _ in answers] == [404, 404], there
    async with place.client.delete(URL("/userdata/door%2Fsecret.json", encoded=True)) as answer:
        assert answer.status == 404
    assert (await posted(place, "/userdata/door%2Fsecret.json/move/a.json"))[0] == 404
    assert (await posted(place, "/userdata/door%2Fnew.json", b"evil"))[0] == 400
    assert [path.name for path in outside.parent.iterdir()] == ["secret.json"]


async def test_too_large_a_file_is_413(place: Place) -> None:
    headers = {"Content-Length": str(MOST_FILE_BYTES + 1)}

    async def endless() -> AsyncIterator[bytes]:
        yield b"x"

    async with place.client.post("/userdata/a.bin", data=endless(), headers=headers) as answer:
        assert answer.status == 413
    assert place.user_files.list("") == ()
