"""Files shown and listed over HTTP."""

import asyncio
import io
import json
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from urllib.parse import quote

import pytest
from aiohttp import ClientPayloadError
from PIL import Image
from yarl import URL

from server.served_files import disposition
from storage.pictures import png_bytes
from tests.server.file_server import Place, file_server, put

PICTURE = png_bytes(2, 2, 4, b"\xff\0\0\x80" * 4, {})


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with file_server(tmp_path / "base") as place:
        put(place.folders.output / "a.png", PICTURE)
        yield place


async def seen(place: Place, query: Mapping[str, str], **headers: str) -> tuple[int, bytes]:
    async with place.client.get("/view", params=query, headers=headers) as answer:
        return answer.status, await answer.read()


async def test_a_picture_is_shown_as_what_it_is(place: Place) -> None:
    for path in ("/view", "/api/view"):
        async with place.client.get(path, params={"filename": "a.png"}) as answer:
            assert (answer.status, await answer.read()) == (200, PICTURE)
            assert answer.headers["Content-Type"] == "image/png"
            assert answer.headers["Content-Disposition"] == 'filename="a.png"'
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


async def test_the_folder_is_chosen_by_type_bracket_and_subfolder(place: Place) -> None:
    put(place.folders.input / "sub" / "b.png", b"input")
    put(place.folders.temp / "b.png", b"temp")
    assert await seen(place, {"filename": "b.png", "type": "input", "subfolder": "sub"}) == (200, b"input")
    assert await seen(place, {"filename": "b.png [input]", "subfolder": "sub"}) == (200, b"input")
    assert await seen(place, {"filename": "b.png", "type": "temp"}) == (200, b"temp")
    assert await seen(place, {"filename": "b.png [temp]", "type": "output"}) == (200, b"temp")
    assert await seen(place, {"filename": "b.png"}) == (404, b"")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 404),
        ({"filename": ""}, 404),
        ({"filename": "none.png"}, 404),
        ({"filename": "none.png", "subfolder": "none"}, 404),
        ({"filename": ".."}, 400),
        ({"filename": "../a.png"}, 400),
        ({"filename": "..\\a.png"}, 400),
        ({"filename": "/a.png"}, 400),
        ({"filename": "//evil.example/a.png"}, 400),
        ({"filename": "C:a.png"}, 400),
        ({"filename": "a.png\0"}, 400),
        ({"filename": "a.png\r\nSet-Cookie: x=1"}, 400),
        ({"filename": "\u202egnp.exe"}, 400),
        ({"filename": "nul.png"}, 400),
        ({"filename": ".hidden"}, 400),
        ({"filename": "a" * 300}, 400),
        ({"filename": "a.png", "type": "user"}, 400),
        ({"filename": "a.png", "type": "../output"}, 400),
        ({"filename": "../a.png [input]"}, 400),
        ({"filename": "a.png", "subfolder": ".."}, 403),
        ({"filename": "a.png", "subfolder": "../output"}, 403),
        ({"filename": "a.png", "subfolder": "/etc"}, 403),
        ({"filename": "a.png", "subfolder": "\\\\host\\share"}, 403),
        ({"filename": "settings.json", "subfolder": "../user"}, 403),
    ],
    ids=str,
)
async def test_refusals_are_empty_and_have_the_status_that_clients_know(
    place: Place, query: dict[str, str], status: int
) -> None:
    """T01, T03, T04, T06, T20, T32, T43, T44."""
    put(place.folders.user / "settings.json", b"secret")
    async with place.client.get("/view", params=query, allow_redirects=False) as answer:
        assert (answer.status, await answer.read()) == (status, b"")
        assert "Location" not in answer.headers


@pytest.mark.parametrize("filename", ["%2e%2e%2fa.png", "%252e%252e%252fa.png", "..%5ca.png", "%c0%ae%c0%ae/a.png"])
async def test_an_encoded_step_out_finds_nothing(place: Place, filename: str) -> None:
    """T02."""
    put(place.folders.models.parent / "a.png", b"secret")
    url = URL(f"/view?filename={filename}", encoded=True)
    async with place.client.get(url) as answer:
        assert answer.status in (400, 404)
        assert await answer.read() == b""


async def test_a_link_that_leads_out_answers_as_if_nothing_were_there(place: Place, tmp_path: Path) -> None:
    """T05, T14."""
    outside = put(tmp_path / "outside" / "secret.png", PICTURE)
    (place.folders.output / "link.png").symlink_to(outside)
    (place.folders.output / "gone.png").symlink_to(outside.parent / "absent.png")
    (place.folders.output / "door").symlink_to(outside.parent)
    for query in ({"filename": "link.png"}, {"filename": "gone.png"}, {"filename": "secret.png", "subfolder": "door"}):
        assert await seen(place, query) == (404, b"")
        assert await seen(place, {**query, "preview": "webp"}) == (404, b"")


async def test_a_file_swapped_for_a_link_while_it_is_asked_for_never_shows_the_outside(
    place: Place, tmp_path: Path
) -> None:
    """T05."""
    outside = put(tmp_path / "secret", b"outside")
    name, link, spare = (place.folders.output / each for each in ("x.txt", "link", "spare"))
    put(name, b"inside")
    link.symlink_to(outside)
    seen_bytes: set[bytes] = set()
    done = asyncio.Event()

    def swap() -> None:
        for _ in range(50):
            os.rename(name, spare)  # noqa: PTH104
            os.rename(link, name)  # noqa: PTH104
            os.rename(name, link)  # noqa: PTH104
            os.rename(spare, name)  # noqa: PTH104

    async def swapping() -> None:
        while not done.is_set():
            await asyncio.to_thread(swap)

    task = asyncio.create_task(swapping())
    for _ in range(150):
        status, data = await seen(place, {"filename": "x.txt"})
        assert status in (200, 404)
        seen_bytes.add(data)
    done.set()
    await task
    assert seen_bytes <= {b"inside", b""} and b"inside" in seen_bytes


@pytest.mark.parametrize(
    "name", ["a.html", "a.svg", "a.xml", "a.js", "a.css", "a.wasm", "a.pdf", "a", "a.PHP", "a.latent", "a.png.html"]
)
async def test_what_could_run_in_a_browser_is_a_download_of_bytes(place: Place, name: str) -> None:
    """T15."""
    put(place.folders.output / name, b"<script>alert(1)</script>")
    async with place.client.get("/view", params={"filename": name}) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("a.JPG", "image/jpeg"), ("a.webm", "video/webm"), ("a.flac", "audio/flac"), ("a.json", "text/plain")],
)
async def test_media_are_shown_and_texts_are_downloads(place: Place, name: str, media_type: str) -> None:
    put(place.folders.output / name)
    async with place.client.get("/view", params={"filename": name}) as answer:
        assert answer.content_type == media_type
        assert answer.headers["Content-Disposition"].startswith("attachment") == (media_type == "text/plain")


def test_no_name_ends_the_quotes_or_the_header() -> None:
    """T44."""
    assert disposition("a b.png", attachment=False) == 'filename="a b.png"'
    assert disposition("苹果.png", attachment=True) == (
        "attachment; filename=\"__.png\"; filename*=UTF-8''%E8%8B%B9%E6%9E%9C.png"
    )
    for name in ('a".png; filename="b.exe', "a\\", "a\r\nSet-Cookie: x", "a\0b", "é\u2028\ud800", "a;b=c"):
        value = disposition(name, attachment=False)
        assert value.isascii() and value.isprintable()
        assert value.count('"') == 2 and "\\" not in value
        assert "Set-Cookie: x" not in value.replace("__Set-Cookie: x", "")


async def test_a_name_with_quotes_comes_whole(place: Place) -> None:
    """T44: such a file may lie there, made by hand."""
    name = 'a"; filename="b.exe'
    put(place.folders.output / f"{name}.png", PICTURE)
    async with place.client.get("/view", params={"filename": f"{name}.png"}) as answer:
        assert answer.headers["Content-Disposition"].endswith(f"filename*=UTF-8''{quote(name, safe='')}.png")


async def test_an_unchanged_file_is_not_sent_again(place: Place) -> None:
    query = {"filename": "a.png"}
    async with place.client.get("/view", params=query) as answer:
        etag, modified = answer.headers["ETag"], answer.headers["Last-Modified"]
        assert answer.headers["Cache-Control"] == "no-cache"
    for headers in ({"If-None-Match": etag}, {"If-None-Match": f'"x", W/{etag}'}, {"If-Modified-Since": modified}):
        assert await seen(place, query, **headers) == (304, b"")
    assert (await seen(place, query, **{"If-None-Match": '"x"', "If-Modified-Since": modified}))[0] == 200
    put(place.folders.output / "a.png", PICTURE + b" ")
    assert (await seen(place, query, **{"If-None-Match": etag}))[0] == 200
    async with place.client.get("/view", params={**query, "preview": "webp"}) as answer:
        etag = answer.headers["ETag"]
    assert await seen(place, {**query, "preview": "webp"}, **{"If-None-Match": etag}) == (304, b"")
    assert (await seen(place, {**query, "preview": "webp;5"}, **{"If-None-Match": etag}))[0] == 200


@pytest.mark.parametrize(
    ("wanted", "status", "part"),
    [
        ("bytes=0-3", 206, slice(0, 4)),
        ("bytes=5-", 206, slice(5, None)),
        ("bytes=-4", 206, slice(-4, None)),
        ("bytes=990000-2000000", 206, slice(990_000, None)),
        ("bytes=-2000000", 200, slice(None)),
        ("bytes=0-", 200, slice(None)),
        ("bytes=1000000-", 416, slice(0, 0)),
        ("bytes=-0", 416, slice(0, 0)),
        ("bytes=5-3", 200, slice(None)),
        ("bytes=0-1,5-6", 200, slice(None)),
        ("bytes=a-b", 200, slice(None)),
        ("bytes=-", 200, slice(None)),
        ("lines=0-3", 200, slice(None)),
    ],
)
async def test_a_range_gives_that_part(place: Place, wanted: str, status: int, part: slice) -> None:
    data = bytes(range(250)) * 4000
    put(place.folders.output / "film.mp4", data)
    async with place.client.get("/view", params={"filename": "film.mp4"}, headers={"Range": wanted}) as answer:
        assert (answer.status, await answer.read()) == (status, data[part])
        if status == 206:
            start, stop, _ = part.indices(len(data))
            assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(data)}"
        if status == 416:
            assert answer.headers["Content-Range"] == f"bytes */{len(data)}"


async def test_a_range_of_an_older_state_gives_the_whole_file(place: Place) -> None:
    query = {"filename": "a.png"}
    async with place.client.get("/view", params=query) as answer:
        etag = answer.headers["ETag"]
    assert (await seen(place, query, Range="bytes=0-3", **{"If-Range": etag}))[0] == 206
    assert await seen(place, query, Range="bytes=0-3", **{"If-Range": '"older"'}) == (200, PICTURE)


async def test_head_tells_the_length_and_an_empty_file_is_sent(place: Place) -> None:
    async with place.client.head("/view", params={"filename": "a.png"}) as answer:
        assert (answer.status, answer.headers["Content-Length"]) == (200, str(len(PICTURE)))
        assert await answer.read() == b""
    put(place.folders.output / "empty.png", b"")
    assert await seen(place, {"filename": "empty.png"}) == (200, b"")
    assert (await seen(place, {"filename": "empty.png"}, Range="bytes=0-"))[0] == 416


async def test_a_file_that_shrinks_while_it_is_sent_ends_the_connection_and_not_the_server(place: Place) -> None:
    film = place.folders.output / "film.mp4"
    with film.open("wb") as file:
        file.truncate(100 * 2**20)
    with pytest.raises(ClientPayloadError):
        async with place.client.get("/view", params={"filename": "film.mp4"}) as answer:
            await answer.content.read(1000)
            os.truncate(film, 1000)
            await answer.read()
    assert await seen(place, {"filename": "a.png"}) == (200, PICTURE)


@pytest.mark.parametrize(
    ("query", "format", "mode"),
    [
        ({"preview": "webp;90"}, "WEBP", "RGBA"),
        ({"preview": "jpeg;50"}, "JPEG", "RGB"),
        ({"preview": "jpeg;50", "channel": "rgba"}, "WEBP", "RGBA"),
        ({"preview": "gif"}, "WEBP", "RGBA"),
        ({"channel": "rgb"}, "PNG", "RGB"),
        ({"channel": "a"}, "PNG", "RGBA"),
        ({"channel": "rgba"}, "PNG", "RGBA"),
    ],
    ids=str,
)
async def test_previews_and_channels_are_pictures(place: Place, query: dict[str, str], format: str, mode: str) -> None:
    async with place.client.get("/view", params={"filename": "a.png", **query}) as answer:
        image = Image.open(io.BytesIO(await answer.read()))
        assert (image.format, image.mode, image.size) == (format, mode, (2, 2))
        assert answer.headers["Content-Type"] == image.get_format_mimetype()
        assert answer.headers["Content-Disposition"] == 'filename="a.png"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        if query == {"channel": "a"}:
            assert image.getpixel((0, 0)) == (0, 0, 0, 0x80)


async def test_a_preview_is_as_small_as_is_asked_for_and_known_apart_from_a_large_one(place: Place) -> None:
    out = io.BytesIO()
    Image.new("RGB", (200, 100)).save(out, "PNG")
    (place.folders.output / "wide.png").write_bytes(out.getvalue())
    query = {"filename": "wide.png", "preview": "webp;75", "longest": "50"}
    async with place.client.get("/view", params=query) as answer:
        etag = answer.headers["ETag"]
        assert Image.open(io.BytesIO(await answer.read())).size == (50, 25)
    assert (await seen(place, query, **{"If-None-Match": etag}))[0] == 304
    assert (await seen(place, {**query, "longest": "60"}, **{"If-None-Match": etag}))[0] == 200


async def test_what_is_no_picture_has_no_preview(place: Place) -> None:
    """T15, T17."""
    put(place.folders.output / "b.png", b"<script>")
    for query in ({"preview": "webp"}, {"channel": "rgb"}):
        assert await seen(place, {"filename": "b.png", **query}) == (400, b"")


async def test_files_are_listed_by_name_the_newest_first(place: Place) -> None:
    for age, name in enumerate(("c.png", "b.txt", "<b>.png")):
        os.utime(put(place.folders.output / name), (10_000 - age, 10_000 - age))
    put(place.folders.output / "sub" / "d.png")
    put(place.folders.output / ".hidden")
    async with place.client.get("/internal/files/output") as answer:
        assert await answer.json() == ["a.png", "c.png", "b.txt", "<b>.png"]
        assert answer.content_type == "application/json"  # T18: names are data
    async with place.client.get("/internal/files/temp") as answer:
        assert await answer.json() == []
    for kind in ("user", "models", "..", "%2e%2e%2fuser"):
        async with place.client.get(URL(f"/internal/files/{kind}", encoded=True)) as answer:
            assert answer.status in (400, 404)


async def test_folder_paths_do_not_tell_where_the_server_lies(place: Place) -> None:
    async with place.client.get("/internal/folder_paths") as answer:
        text = await answer.text()
    assert json.loads(text)["text_encoders"] == ["models/text_encoders", "models/clip"]
    assert str(place.folders.models) not in text
