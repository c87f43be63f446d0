"""Pictures that somebody sends, and masks put onto others."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from storage.errors import Absent, NameRefused, PictureRefused
from storage.folders import Folders
from storage.picture_texts import read_picture_texts
from storage.pictures import Limits, decode, png_bytes
from storage.png_text import SIGNATURE
from storage.uploads import store_mask, store_upload

RED, BLUE = b"\xff\0\0" * 4, b"\0\0\xff" * 4


def picture(rgb: bytes = RED) -> io.BytesIO:
    """2 × 2."""
    return io.BytesIO(png_bytes(2, 2, 3, rgb, {}))


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders.under(tmp_path)


def everything(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_picture_is_kept_under_its_name(folders: Folders) -> None:
    saved = store_upload(folders, "input", "clip", "a.png", picture())
    assert (saved.filename, saved.subfolder, saved.kind) == ("a.png", "clip", "input")
    assert saved.path.read_bytes() == picture().getvalue()
    assert store_upload(folders, "temp", "", "b/a.png", picture()).subfolder == "b"


def test_the_same_bytes_keep_their_name_and_others_get_a_number(folders: Folders) -> None:
    names = [store_upload(folders, "input", "", "a.png", picture(rgb)).filename for rgb in (RED, RED, BLUE, BLUE, RED)]
    assert names == ["a.png", "a.png", "a (1).png", "a (1).png", "a.png"]
    third = store_upload(folders, "input", "", "a.png", picture(bytes(12)))
    assert third.filename == "a (2).png"
    assert len(everything(folders.input)) == 3


def test_a_picture_is_replaced_only_when_that_is_asked(folders: Folders) -> None:
    store_upload(folders, "input", "", "a.png", picture(RED))
    assert store_upload(folders, "input", "", "a.png", picture(BLUE), overwrite=True).filename == "a.png"
    assert everything(folders.input) == {"a.png": picture(BLUE).getvalue()}


def test_nothing_but_a_picture_is_ever_replaced(folders: Folders) -> None:
    """T09."""
    folders.input.mkdir(parents=True)
    (folders.input / "a.png").write_bytes(b"a database in disguise")
    (folders.input / "b.png").mkdir()
    outside = folders.user / "treasure.png"
    outside.parent.mkdir()
    outside.write_bytes(picture(BLUE).getvalue())
    (folders.input / "c.png").symlink_to(outside)
    for name in ("a", "b", "c"):
        saved = store_upload(folders, "input", "", f"{name}.png", picture(), overwrite=True)
        assert saved.filename == f"{name} (1).png"
    assert (folders.input / "a.png").read_bytes() == b"a database in disguise"
    assert outside.read_bytes() == picture(BLUE).getvalue()


@pytest.mark.parametrize("name", ["a.html", "a.svg", "a.py", "a.sqlite", "a.png.js", "settings.json", "a.safetensors"])
def test_a_picture_called_like_something_else_is_refused(folders: Folders, name: str) -> None:
    """T09, T15: also a whole PNG with a page behind it."""
    polyglot = io.BytesIO(picture().getvalue() + b"<script>alert(1)</script>")
    with pytest.raises(PictureRefused, match="a name that ends in one of"):
        store_upload(folders, "input", "", name, polyglot, overwrite=True)
    assert everything(folders.input) == {}


@pytest.mark.parametrize(("format", "ending"), [("PNG", ".png"), ("JPEG", ".jpg"), ("WEBP", ".webp"), ("GIF", ".gif")])
def test_a_name_without_an_ending_gets_the_formats(folders: Folders, format: str, ending: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (2, 2)).save(out, format)
    assert store_upload(folders, "input", "", "blob", out).filename == "blob" + ending


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%PDF-1.7",
        b"\0asm\1\0\0\0",
        SIGNATURE,
        picture().getvalue()[:-30],
    ],
)
def test_what_does_not_decode_as_a_picture_is_not_kept(folders: Folders, data: bytes) -> None:
    """T15."""
    with pytest.raises(PictureRefused):
        store_upload(folders, "input", "", "a.png", io.BytesIO(data))
    with pytest.raises(PictureRefused):
        store_mask(folders, "input", "", "a.png", io.BytesIO(data), ("input", "a.png"))
    assert not folders.input.exists()


def test_bombs_are_not_kept(folders: Folders) -> None:
    """T17."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0))
    bomb = SIGNATURE + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    frame = b",\0\0\0\0\1\0\1\0\0\2\2D\1\0"
    film = b"GIF89a" + struct.pack("<HH", 1, 1) + b"\x80\0\0\0\0\0\xff\xff\xff" + frame * 50 + b";"
    with pytest.raises(PictureRefused):
        store_upload(folders, "input", "", "a.png", io.BytesIO(bomb))
    with pytest.raises(PictureRefused, match="at most 49 frames"):
        store_upload(folders, "input", "", "a.gif", io.BytesIO(film), limits=Limits(frames=49))
    assert store_upload(folders, "input", "", "a.gif", io.BytesIO(film), limits=Limits(frames=50)).filename == "a.gif"


@pytest.mark.parametrize(
    ("kind", "subfolder", "filename"),
    [
        ("input", "", "../a.png"),
        ("input", "..", "a.png"),
        ("input", "../output-evil", "a.png"),
        ("input", "/tmp", "a.png"),
        ("input", "a\\b", "a.png"),
        ("input", "", "C:a.png"),
        ("input", "", "nul.png"),
        ("input", "", "a\r\nSet-Cookie: x.png"),
        ("input", "", ".hidden.png"),
        ("input", "", "a" * 300 + ".png"),
        ("input", "", ""),
        ("input", "", "a?.png"),
        ("user", "", "a.png"),
        ("models", "", "a.png"),
        ("../user", "", "a.png"),
    ],
)
def test_a_hostile_name_is_refused_and_nothing_written(
    folders: Folders, kind: str, subfolder: str, filename: str, tmp_path: Path
) -> None:
    """T01, T03, T04, T06, T09, T43, T44."""
    with pytest.raises(NameRefused):
        store_upload(folders, kind, subfolder, filename, picture(), overwrite=True)
    with pytest.raises(NameRefused):
        store_mask(folders, kind, subfolder, filename, picture(), ("input", "a.png"), overwrite=True)
    assert everything(tmp_path) == {}


def test_a_linked_sub_folder_that_leads_out_takes_nothing(folders: Folders, tmp_path: Path) -> None:
    """T05."""
    folders.input.mkdir(parents=True)
    (tmp_path / "plugins").mkdir()
    (folders.input / "door").symlink_to(tmp_path / "plugins")
    with pytest.raises(NameRefused):
        store_upload(folders, "input", "door", "a.png", picture())
    assert everything(tmp_path) == {}


def with_alpha(alpha: bytes) -> io.BytesIO:
    return io.BytesIO(png_bytes(2, 2, 4, b"".join(b"\1\2\3" + bytes([each]) for each in alpha), {}))


def test_a_masks_alpha_goes_onto_the_original_with_its_texts(folders: Folders) -> None:
    folders.output.mkdir(parents=True)
    (folders.output / "o.png").write_bytes(png_bytes(2, 2, 3, RED, {"prompt": "{}", "workflow": "[]"}))
    saved = store_mask(folders, "input", "clip", "m.jpg", with_alpha(bytes([0, 50, 100, 255])), ("output", "o.png"))
    assert (saved.filename, saved.subfolder, saved.kind) == ("m.png", "clip", "input")
    with saved.path.open("rb") as file:
        (frame,) = decode(file)
        assert read_picture_texts(file).texts == {"prompt": "{}", "workflow": "[]"}
    assert (frame.rgb, frame.alpha) == (RED, bytes([0, 50, 100, 255]))


def test_a_mask_without_alpha_makes_the_original_whole(folders: Folders) -> None:
    folders.input.mkdir(parents=True)
    (folders.input / "o.png").write_bytes(with_alpha(bytes(4)).getvalue())
    saved = store_mask(folders, "input", "", "m", picture(), ("input", "o.png"))
    with saved.path.open("rb") as file:
        assert decode(file)[0].alpha == b"\xff" * 4


def test_a_mask_needs_an_original_of_its_size(folders: Folders) -> None:
    folders.input.mkdir(parents=True)
    (folders.input / "o.png").write_bytes(png_bytes(3, 2, 3, bytes(18), {}))
    with pytest.raises(PictureRefused, match="3 × 2"):
        store_mask(folders, "input", "", "m.png", picture(), ("input", "o.png"))
    with pytest.raises(Absent):
        store_mask(folders, "input", "", "m.png", picture(), ("input", "none.png"))
    for original in (("input", "../user/x.png"), ("user", "x.png")):
        with pytest.raises(NameRefused):
            store_mask(folders, "input", "", "m.png", picture(), original)
    assert list(everything(folders.input)) == ["o.png"]
