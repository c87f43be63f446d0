"""Archives made to fill memory or to write elsewhere (T12): torch's zip format is judged before it is read."""

import zipfile
from pathlib import Path

import pytest
import torch

from diffusion.checkpoints import CheckpointError, read_tensors
from diffusion.checkpoints.read import MOST_ENTRIES


@pytest.fixture
def parts(tmp_path: Path) -> dict[str, bytes]:
    """The entries of a sound file, by name."""
    torch.save({"a": torch.arange(4.0)}, tmp_path / "sound.pt")
    with zipfile.ZipFile(tmp_path / "sound.pt") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path: Path, parts: dict[str, bytes], packed: tuple[str, ...] = ()) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data, zipfile.ZIP_DEFLATED if name in packed else zipfile.ZIP_STORED)
    return path


def test_a_file_put_together_again_is_read(parts: dict[str, bytes], tmp_path: Path) -> None:
    assert read_tensors(write(tmp_path / "again.pt", parts)).tensors["a"].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("entry", ["data.pkl", "data/0", "version"])
def test_t12_an_entry_that_unpacks_to_much_more_than_the_file_is_not_opened(
    parts: dict[str, bytes], tmp_path: Path, entry: str
) -> None:
    name = next(each for each in parts if each.endswith(entry))
    bomb = write(tmp_path / "bomb.pt", parts | {name: bytes(64 * 2**20)}, packed=(name,))
    assert bomb.stat().st_size < 2**20
    with pytest.raises(CheckpointError, match="unpacks from"):
        read_tensors(bomb)


def test_t12_an_archive_of_a_million_entries_is_not_read(parts: dict[str, bytes], tmp_path: Path) -> None:
    root = next(iter(parts)).partition("/")[0]
    many = {f"{root}/more/{number}": b"" for number in range(MOST_ENTRIES + 1)}
    with pytest.raises(CheckpointError, match="entries"):
        read_tensors(write(tmp_path / "many.pt", parts | many))


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "..\\evil"])
def test_t12_names_that_lead_out_write_nothing(parts: dict[str, bytes], tmp_path: Path, name: str) -> None:
    below = tmp_path / "models"
    below.mkdir()
    hostile = write(below / "hostile.pt", parts | {name: b"x"})
    with pytest.raises(CheckpointError):
        read_tensors(hostile)
    assert [path.name for path in tmp_path.rglob("*evil*")] == []


def test_t12_a_list_of_entries_that_is_cut_off_is_one_clear_error(parts: dict[str, bytes], tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.pt", parts).read_bytes()
    (tmp_path / "cut.pt").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CheckpointError):
        read_tensors(tmp_path / "cut.pt")
