"""Folders, model categories and lists of names."""

from pathlib import Path

import pytest

from storage.errors import Absent, NameRefused, StorageError
from storage.folders import Folders, annotated
from storage.further_models import read_further_models


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders.under(tmp_path)


def put(path: Path, data: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_models_are_listed_recursively_sorted_and_without_hidden_files(folders: Folders) -> None:
    for name in ("b.safetensors", "a.ckpt", "sd/c.safetensors", ".hidden.safetensors", ".git/d.ckpt", "read.txt"):
        put(folders.models / "checkpoints" / name)
    assert folders.model_names("checkpoints") == ("a.ckpt", "b.safetensors", "sd/c.safetensors")


def test_every_listed_model_has_a_path(folders: Folders) -> None:
    for name in ("b.safetensors", "sd/c.safetensors"):
        put(folders.models / "loras" / name)
    for name in folders.model_names("loras"):
        assert folders.model_path("loras", name).is_file()


def test_a_category_has_several_folders_and_older_names(folders: Folders) -> None:
    new, old = (
        put(folders.models / "text_encoders" / "new.safetensors"),
        put(folders.models / "clip" / "old.safetensors"),
    )
    assert folders.model_names("text_encoders") == folders.model_names("clip") == ("new.safetensors", "old.safetensors")
    assert folders.model_path("clip", "new.safetensors") == new
    assert folders.model_path("text_encoders", "old.safetensors") == old


def test_an_unknown_category_is_refused_by_name(folders: Folders) -> None:
    with pytest.raises(NameRefused, match="a model category"):
        folders.model_names("../user")


def test_an_absent_model_is_named_with_its_folder(folders: Folders) -> None:
    with pytest.raises(Absent, match=r"models/vae.*'x\.safetensors'"):
        folders.model_path("vae", "x.safetensors")


def test_what_is_no_model_cannot_be_reached_as_one(folders: Folders) -> None:
    put(folders.models / "checkpoints" / "notes.txt")
    with pytest.raises(Absent):
        folders.model_path("checkpoints", "notes.txt")


def test_a_folder_in_a_pipeline_layout_is_one_model(folders: Folders) -> None:
    put(folders.models / "checkpoints" / "pipe" / "model_index.json")
    put(folders.models / "checkpoints" / "pipe" / "unet" / "diffusion_pytorch_model.safetensors")
    assert folders.model_names("checkpoints") == ("pipe",)
    assert folders.model_path("checkpoints", "pipe").is_dir()


def test_links_that_leave_the_root_are_not_listed(folders: Folders, tmp_path: Path) -> None:
    outside = put(tmp_path / "outside.safetensors")
    inside = put(folders.models / "vae" / "inside.safetensors")
    (folders.models / "vae" / "out.safetensors").symlink_to(outside)
    (folders.models / "vae" / "in.safetensors").symlink_to(inside)
    assert folders.model_names("vae") == ("in.safetensors", "inside.safetensors")


def test_missing_folders_hold_nothing(folders: Folders) -> None:
    assert folders.model_names("checkpoints") == ()
    assert folders.input_names() == ()


def test_only_pictures_are_input_names(folders: Folders) -> None:
    for name in ("b.PNG", "a.jpg", "clip/c.webp", "script.html", ".d.png"):
        put(folders.input / name)
    assert folders.input_names() == ("a.jpg", "b.PNG", "clip/c.webp")


def test_annotated_names_choose_their_folder(folders: Folders) -> None:
    assert annotated("a.png") == ("input", "a.png")
    assert annotated("sub/a.png [output]") == ("output", "sub/a.png")
    assert annotated("a.png[temp]") == ("temp", "a.png")
    assert annotated("a.png [models]") == ("input", "a.png [models]")
    put(folders.output / "a.png", b"out")
    put(folders.input / "a.png", b"in")
    assert folders.open_annotated("a.png [output]").read() == b"out"
    assert folders.open_annotated("a.png").read() == b"in"


def test_no_other_kind_of_folder_can_be_named(folders: Folders) -> None:
    put(folders.user / "digests.sqlite")
    for kind in ("user", "models", "", "../user"):
        with pytest.raises(NameRefused):
            folders.open(kind, "digests.sqlite")


def test_further_roots_come_from_a_yaml_file(tmp_path: Path) -> None:
    file = tmp_path / "further.yaml"
    file.write_text(
        "disk:\n  base_path: data\n  is_default: true\n  checkpoints: sd\n  clip: enc\n"
        "  loras: |\n    lora\n    lycoris\n  unknown: x\nempty: {}\n"
    )
    roots = read_further_models(file)
    assert roots == {
        "checkpoints": (tmp_path / "data" / "sd",),
        "text_encoders": (tmp_path / "data" / "enc",),
        "loras": (tmp_path / "data" / "lora", tmp_path / "data" / "lycoris"),
    }
    put(tmp_path / "data" / "sd" / "far.safetensors")
    folders = Folders.under(tmp_path / "base", roots)
    put(folders.models / "checkpoints" / "near.safetensors")
    assert folders.model_names("checkpoints") == ("far.safetensors", "near.safetensors")
    assert folders.model_path("checkpoints", "far.safetensors").is_file()


@pytest.mark.parametrize("text", ["- a\n- b\n", "disk: text\n", "a: [", "!!python/object/apply:os.system ['true']"])
def test_a_malformed_yaml_file_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "further.yaml"
    file.write_text(text)
    with pytest.raises(StorageError):
        read_further_models(file)
