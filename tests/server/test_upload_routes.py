"""Pictures and masks taken in over HTTP."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import FormData

from server.settings import Settings
from storage.pictures import decode, png_bytes
from tests.server.file_server import Place, file_server, put

MOST_UPLOAD = 300_000
PICTURE = png_bytes(2, 2, 4, b"\xff\0\0\x80" * 4, {})
OTHER = png_bytes(2, 2, 4, b"\0\xff\0\x80" * 4, {})


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with file_server(tmp_path / "base", Settings(most_upload=MOST_UPLOAD)) as place:
        put(place.folders.output / "a.png", PICTURE)
        yield place


def form(data: bytes | str = PICTURE, filename: str = "a.png", field: str = "image", **fields: str) -> FormData:
    made = FormData(quote_fields=False)  # as browsers send names: in UTF-8, as they are
    for name, text in fields.items():
        made.add_field(name, text)
    made.add_field(
        field, data if isinstance(data, bytes) else data.encode(), filename=filename, content_type="image/png"
    )
    return made


async def sent(place: Place, body: FormData, path: str = "/upload/image") -> tuple[int, dict[str, object]]:
    async with place.client.post(path, data=body) as answer:
        return answer.status, await answer.json()


async def test_a_picture_is_taken_in(place: Place) -> None:
    assert await sent(place, form()) == (200, {"name": "a.png", "subfolder": "", "type": "input"})
    assert (place.folders.input / "a.png").read_bytes() == PICTURE
    answer = await sent(place, form(type="temp", subfolder="clip/space"), "/api/upload/image")
    assert answer == (200, {"name": "a.png", "subfolder": "clip/space", "type": "temp"})
    assert (place.folders.temp / "clip" / "space" / "a.png").read_bytes() == PICTURE


async def test_the_same_bytes_keep_their_name_others_get_a_number_or_replace(place: Place) -> None:
    names = [(await sent(place, form(data)))[1]["name"] for data in (PICTURE, PICTURE, OTHER, OTHER)]
    assert names == ["a.png", "a.png", "a (1).png", "a (1).png"]
    for word in ("true", "1"):
        assert (await sent(place, form(OTHER, overwrite=word)))[1]["name"] == "a.png"
        assert (place.folders.input / "a.png").read_bytes() == OTHER


async def test_names_in_any_script_are_kept(place: Place) -> None:
    assert (await sent(place, form(filename="苹果 1.png")))[1]["name"] == "苹果 1.png"
    assert (place.folders.input / "苹果 1.png").exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"filename": "../a.png"},
        {"filename": "..\\a.png"},
        {"filename": "b//a.png"},
        {"filename": "C:a.png"},
        {"filename": "\u202egnp.png"},
        {"filename": "nul.png"},
        {"filename": "a" * 300 + ".png"},
        {"filename": "a.html"},
        {"filename": "a.sqlite"},
        {"subfolder": ".."},
        {"subfolder": "/etc"},
        {"subfolder": "../user"},
        {"type": "user"},
        {"type": "models"},
        {"type": "../user"},
        {"data": "<script>alert(1)</script>"},
        {"data": ""},
        {"field": "picture"},
    ],
    ids=str,
)
async def test_what_is_refused_says_why_without_paths_and_writes_nothing(place: Place, fields: dict[str, str]) -> None:
    """T01, T03, T04, T09, T15, T43, T44."""
    async with place.client.post("/upload/image", data=form(overwrite="true", **fields)) as answer:
        assert answer.status == 400
        text = await answer.text()
        assert json.loads(text)["error"]["message"]
        assert str(place.folders.output.parent) not in text
    written = [path for path in place.folders.output.parent.rglob("*") if path.is_file()]
    assert written == [place.folders.output / "a.png"]


@pytest.mark.parametrize("name", ["a%0D%0ASet-Cookie%3Ax.png", "a%00.png", "..%2Fa.png", "%2Fa.png", "a%E2%80%A8.png"])
async def test_an_encoded_name_of_a_form_is_judged_decoded(place: Place, name: str) -> None:
    """T02, T44."""
    head = f"--b\r\nContent-Disposition: form-data; name=\"image\"; filename*=utf-8''{name}\r\n\r\n"
    body = head.encode() + PICTURE + b"\r\n--b--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    async with place.client.post("/upload/image", data=body, headers=headers) as answer:
        assert answer.status == 400
        assert "Set-Cookie" not in answer.headers
    assert not place.folders.input.exists()


async def test_a_form_beyond_the_limits_is_413_and_nothing_is_kept(place: Place) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n'
        for _ in range(MOST_UPLOAD // 10_000 + 10):
            yield bytes(10_000)
        yield b"\r\n--b--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    async with place.client.post("/upload/image", data=chunks(), headers=headers) as answer:
        assert answer.status == 413
    for body in (form(bytes(MOST_UPLOAD + 1)), form(note="x" * 70_000)):
        async with place.client.post("/upload/image", data=body) as answer:
            assert answer.status == 413
    assert not place.folders.input.exists()


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("text/plain", b"image"),
        ("application/x-www-form-urlencoded", b"image=a"),
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=b", b""),
        ("multipart/form-data; boundary=b", b"--b--\r\n"),
        ("multipart/form-data; boundary=b", b"nonsense"),
        ("multipart/form-data; boundary=b", b"--b\r\nnonsense\r\n\r\nx\r\n--b--\r\n"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="type"\r\n\r\n\xff\r\n--b--\r\n',
        ),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx"),
        ("multipart/mixed; boundary=b", b"--b\r\n\r\nx\r\n--b--\r\n"),
    ],
)
async def test_a_malformed_form_is_a_400(place: Place, content_type: str, body: bytes) -> None:
    async with place.client.post("/upload/image", data=body, headers={"Content-Type": content_type}) as answer:
        assert answer.status == 400
    assert (await sent(place, form()))[0] == 200


async def test_two_files_and_very_many_fields_are_refused(place: Place) -> None:
    two = form()
    two.add_field("image", OTHER, filename="b.png")
    many = form(**{f"field{number}": "" for number in range(30)})
    for body in (two, many):
        assert (await sent(place, body))[0] == 400
    assert not place.folders.input.exists()


async def test_a_mask_is_put_onto_its_original(place: Place) -> None:
    original = png_bytes(2, 2, 3, b"\1\2\3" * 4, {"prompt": "{}"})
    put(place.folders.input / "sub" / "o.png", original)
    reference = json.dumps({"filename": "o.png", "type": "input", "subfolder": "sub"})
    status, told = await sent(
        place, form(filename="mask.png", subfolder="clipspace", original_ref=reference), "/upload/mask"
    )
    assert (status, told) == (200, {"name": "mask.png", "subfolder": "clipspace", "type": "input"})
    with (place.folders.input / "clipspace" / "mask.png").open("rb") as file:
        (frame,) = decode(file)
    assert (frame.rgb, frame.alpha) == (b"\1\2\3" * 4, b"\x80" * 4)


@pytest.mark.parametrize(
    ("reference", "status"),
    [
        (None, 400),
        ("", 400),
        ("{", 400),
        ("[]", 400),
        ("{}", 400),
        ("[" * 20_000, 400),
        ({"filename": 3}, 400),
        ({"filename": "../user/x.png", "type": "input"}, 400),
        ({"filename": "x.png", "type": "user"}, 400),
        ({"filename": "a.png", "type": "output", "subfolder": ".."}, 400),
        ({"filename": "none.png", "type": "output"}, 404),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_mask_without_a_sound_original_is_refused(place: Place, reference: object, status: int) -> None:
    """T01, T14."""
    fields = (
        {}
        if reference is None
        else {"original_ref": reference if isinstance(reference, str) else json.dumps(reference)}
    )
    assert (await sent(place, form(**fields), "/upload/mask"))[0] == status
    assert not place.folders.input.exists()
