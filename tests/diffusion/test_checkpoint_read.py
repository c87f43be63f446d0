"""Opening files of tensors: what is read, how it is mapped, and what a person is told otherwise."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from diffusion.checkpoints import CheckpointError, load_checkpoint, read_tensors
from diffusion.unet import UNetConfig
from diffusion.vae import VAEConfig
from tests.diffusion.checkpoint_files import tiny_networks

TENSORS = {
    "a.weight": torch.randn(3, 4),
    "a.bias": torch.randn(3).half(),
    "steps": torch.tensor(7),
    "empty": torch.zeros(0, 5),
    "mask": torch.tensor([True, False]),
    "b": torch.randn(2, 3, 1, 1).bfloat16(),
}


def equal(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(
        one[name].dtype == other[name].dtype and torch.equal(one[name], other[name]) for name in one
    )


@pytest.mark.parametrize("suffix", [".ckpt", ".pt", ".pth", ".bin", ".CKPT"])
@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("zipped", [False, True])
def test_plain_tensors_are_read_from_pickled_files(suffix: str, nested: bool, zipped: bool, tmp_path: Path) -> None:
    path = tmp_path / f"file{suffix}"
    content = {"state_dict": TENSORS, "epoch": 3} if nested else TENSORS
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    assert equal(dict(read_tensors(path).tensors), TENSORS)


@pytest.mark.parametrize("suffix", [".safetensors", ".SafeTensors"])
def test_safetensors_are_read_with_their_metadata(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"file{suffix}"
    save_file(TENSORS, path, {"nodeloom.prediction": "v"})
    file = read_tensors(path)
    assert equal(dict(file.tensors), TENSORS)
    assert file.metadata == {"nodeloom.prediction": "v"}
    assert file.shapes["b"] == (2, 3, 1, 1)


def test_a_ckpt_loads_like_the_same_tensors_in_safetensors(tmp_path: Path) -> None:
    # Such a file has no metadata, so its networks keep to the family's rules: 8 heads, 32 groups.
    unet = UNetConfig(
        model_channels=32, channel_mult=(1, 2), res_blocks=(1, 1), transformer_depth=(1, 0), context_dim=64
    )
    tensors = tiny_networks(unet, VAEConfig(channels=(32, 32), res_blocks=1)).ldm_tensors()
    save_file(tensors, tmp_path / "one.safetensors")
    torch.save({"state_dict": tensors, "global_step": 7}, tmp_path / "two.ckpt")
    one, two = load_checkpoint(tmp_path / "one.safetensors"), load_checkpoint(tmp_path / "two.ckpt")
    assert equal(one.model.network.state_dict(), two.model.network.state_dict())
    assert one.clip is not None
    assert two.clip is not None
    assert torch.equal(one.clip.encode("a cat").embedding, two.clip.encode("a cat").embedding)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"no file nobody\.safetensors"):
        read_tensors(tmp_path / "nobody.safetensors")


def test_a_file_with_another_ending_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.zip"
    path.write_bytes(b"PK")
    with pytest.raises(CheckpointError, match=r"expected one of .*\.safetensors"):
        read_tensors(path)


@pytest.mark.parametrize("content", [[torch.zeros(2)], {"a": 3}, {1: torch.zeros(2)}, torch.zeros(2), {"a": {"b": 1}}])
def test_a_pickle_of_something_else_is_told_apart(content: object, tmp_path: Path) -> None:
    path = tmp_path / "other.pt"
    torch.save(content, path)
    with pytest.raises(CheckpointError, match="expected tensors by name"):
        read_tensors(path)


def test_a_sparse_tensor_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sparse.pt"
    torch.save({"a": torch.eye(3).to_sparse()}, path)
    with pytest.raises(CheckpointError):
        read_tensors(path)
