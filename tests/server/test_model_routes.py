"""Models by category over HTTP."""

import io
import json
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image
from yarl import URL

from storage.folders import CATEGORIES
from storage.pictures import png_bytes
from tests.server.file_server import Place, file_server, put


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with file_server(tmp_path / "base") as place:
        yield place


async def got(place: Place, path: str) -> tuple[int, object]:
    async with place.client.get(URL(path, encoded=True)) as answer:
        text = await answer.text()
        assert str(place.folders.models.parent) not in text
        return answer.status, json.loads(text) if text else None


def safetensors(header: object, tail: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + tail


async def test_categories_and_their_models_are_listed(place: Place) -> None:
    for name in ("b.safetensors", "sub/a.ckpt", "notes.txt"):
        put(place.folders.models / "loras" / name)
    assert await got(place, "/models") == (200, list(CATEGORIES))
    assert await got(place, "/api/models/loras") == (200, ["b.safetensors", "sub/a.ckpt"])
    assert await got(place, "/models/vae") == (200, [])


@pytest.mark.parametrize("folder", ["none", "custom_nodes", "..%2Fuser", "%2Fetc", "CHECKPOINTS", "%00"])
async def test_an_unknown_category_is_404(place: Place, folder: str) -> None:
    """T01, T14, T32."""
    for path in (
        f"/models/{folder}",
        f"/experiment/models/{folder}",
        f"/view_metadata/{folder}?filename=a.safetensors",
    ):
        async with place.client.get(URL(path, encoded=True)) as answer:
            assert answer.status == 404


async def test_embeddings_are_named_without_their_endings(place: Place) -> None:
    for name in ("v1.5 style.pt", "sub/b.safetensors"):
        put(place.folders.models / "embeddings" / name)
    assert await got(place, "/embeddings") == (200, ["sub/b", "v1.5 style"])


async def test_the_texts_of_a_header_are_given(place: Place) -> None:
    header = {"__metadata__": {"title": "<b>x</b>", "n": 3}, "a": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]}}
    put(place.folders.models / "loras" / "sub" / "a.safetensors", safetensors(header, bytes(4)))
    assert await got(place, "/view_metadata/loras?filename=sub/a.safetensors") == (200, {"title": "<b>x</b>"})


HEADERS = {
    "none": safetensors({}),
    "no object": safetensors([1]),
    "metadata as list": safetensors({"__metadata__": [1]}),
    "no json": safetensors(b"{"),
    "no text": safetensors(b'{"\xff\xfe": 1}'),
    "deep": safetensors(b'{"__metadata__":' * 50_000),
    "deep lists": safetensors(b"[" * 100_000),
    "long number": safetensors(b'{"a": ' + b"9" * 100_000 + b"}"),
    "empty file": b"",
    "short": b"\1\2\3",
    "longer than the file": struct.pack("<Q", 1000) + b"{}",
    "huge": struct.pack("<Q", 2**63) + b"{}",
    "pickle": b"\x80\4cos\nsystem\n(S'true'\ntR.",
}


@pytest.mark.parametrize("fault", HEADERS)
async def test_a_hostile_header_is_404(place: Place, fault: str) -> None:
    put(place.folders.models / "vae" / "a.safetensors", HEADERS[fault])
    assert await got(place, "/view_metadata/vae?filename=a.safetensors") == (404, None)


async def test_a_huge_header_is_not_read(place: Place) -> None:
    path = put(place.folders.models / "vae" / "a.safetensors", struct.pack("<Q", 2**30) + b"{")
    with path.open("r+b") as file:
        file.truncate(2**31)
    assert await got(place, "/view_metadata/vae?filename=a.safetensors") == (404, None)


@pytest.mark.parametrize(
    "name",
    ["", "none.safetensors", "../../user/a.safetensors", "/etc/passwd", "a%00.safetensors", "notes.txt", "a.ckpt"],
)
async def test_metadata_of_other_files_is_404(place: Place, name: str) -> None:
    """T01, T03, T04, T14, T32."""
    put(place.folders.user / "a.safetensors", safetensors({"__metadata__": {"secret": "1"}}))
    put(place.folders.models / "vae" / "notes.txt", safetensors({"__metadata__": {"secret": "1"}}))
    put(place.folders.models / "vae" / "a.ckpt", safetensors({"__metadata__": {"secret": "1"}}))
    assert await got(place, f"/view_metadata/vae?filename={name}") == (404, None)


async def test_a_model_behind_a_link_that_leads_out_tells_nothing(place: Place, tmp_path: Path) -> None:
    """T05, T14."""
    outside = put(tmp_path / "a.safetensors", safetensors({"__metadata__": {"secret": "1"}}))
    put(tmp_path / "a.png", png_bytes(1, 1, 3, b"\0\0\0", {}))
    folder = place.folders.models / "vae"
    folder.mkdir(parents=True)
    (folder / "a.safetensors").symlink_to(outside)
    (folder / "a.png").symlink_to(tmp_path / "a.png")
    assert await got(place, "/view_metadata/vae?filename=a.safetensors") == (404, None)
    assert await got(place, "/experiment/models/vae") == (200, [])
    assert (await place.client.get("/experiment/models/preview/vae/0/a.safetensors")).status == 404


async def test_models_come_with_size_times_and_the_place_of_their_root(place: Place) -> None:
    first = put(place.folders.models / "text_encoders" / "a.safetensors", b"123")
    put(place.folders.models / "clip" / "sub" / "b.safetensors", b"1")
    put(place.folders.models / "text_encoders" / "pipe" / "config.json", b"{}")
    status, found = await got(place, "/experiment/models/text_encoders")
    assert status == 200 and isinstance(found, list)
    assert [(entry["name"], entry["pathIndex"], entry["size"]) for entry in found] == [
        ("a.safetensors", 0, 3),
        ("pipe", 0, 0),
        ("sub/b.safetensors", 1, 1),
    ]
    assert found[0]["modified"] == first.stat().st_mtime
    status, folders = await got(place, "/experiment/models")
    assert isinstance(folders, list)
    assert {"name": "text_encoders", "folders": ["models/text_encoders", "models/clip"]} in folders


async def test_the_picture_beside_a_model_is_shown_as_webp(place: Place) -> None:
    put(place.folders.models / "clip" / "sub" / "v1.5.safetensors")
    put(place.folders.models / "clip" / "sub" / "v1.5.png", png_bytes(3, 2, 3, bytes(18), {}))
    for file in ("sub%2Fv1.5.safetensors", "sub/v1.5.safetensors"):
        url = URL(f"/experiment/models/preview/text_encoders/1/{file}", encoded=True)
        async with place.client.get(url) as answer:
            image = Image.open(io.BytesIO(await answer.read()))
            assert (answer.status, answer.content_type, image.format, image.size) == (200, "image/webp", "WEBP", (3, 2))
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Content-Disposition"] == 'filename="v1.5.webp"'


@pytest.mark.parametrize(
    "path",
    [
        "vae/0/none.safetensors",
        "vae/0/alone.safetensors",
        "vae/0/broken.safetensors",
        "vae/0/a.png",
        "vae/1/a.safetensors",
        "vae/999/a.safetensors",
        "vae/-1/a.safetensors",
        "vae/x/a.safetensors",
        "none/0/a.safetensors",
        "vae/0/..%2F..%2Finput%2Fa.safetensors",
        "vae/0/%2Fetc%2Fpasswd.safetensors",
        "vae/0/a%00.safetensors",
    ],
)
async def test_where_there_is_no_picture_beside_a_model_the_answer_is_404(place: Place, path: str) -> None:
    """T01, T03, T04, T14, T15."""
    vae = place.folders.models / "vae"
    picture = png_bytes(1, 1, 3, b"\0\0\0", {})
    for model in (vae / "a", vae / "alone", vae / "broken", place.folders.input / "a"):
        put(model.with_name(f"{model.name}.safetensors"))
    for name in (vae / "a.png", place.folders.input / "a.png", vae / "lonely.png"):
        put(name, picture)
    put(vae / "broken.png", b"<script>")
    async with place.client.get(URL(f"/experiment/models/preview/{path}", encoded=True)) as answer:
        assert answer.status == 404
    async with place.client.get("/experiment/models/preview/vae/0/a.safetensors") as answer:
        assert answer.status == 200


async def test_what_packs_would_add_is_empty(place: Place) -> None:
    assert await got(place, "/i18n") == (200, {})
    assert await got(place, "/workflow_templates") == (200, {})
