"""Files of weights made to harm: pickles that run programs (T36), headers that lie (T37), remote code (T38)."""

import io
import json
import os
import pickle
import random
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from diffusion.checkpoints import CheckpointError, load_checkpoint, load_vae, read_tensors
from tests.diffusion.checkpoint_files import LDM_UNET, METADATA, tiny_networks, write, write_json

# Some of the damaged pickles claim a protocol that torch remarks on.
pytestmark = pytest.mark.filterwarnings("ignore:Detected pickle protocol")

PICKLES = (".ckpt", ".pt", ".pth", ".bin")


class Runs:
    """Unpickling this calls a function."""

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self.call


def payloads(mark: Path) -> dict[str, object]:
    """Things whose unpickling would leave a mark on the disk."""
    python = f"open({str(mark)!r}, 'w').close()"
    return {
        "os.system": Runs(os.system, f"touch {mark}"),
        "eval": Runs(eval, python),
        "exec": Runs(exec, python),
        "getattr": Runs(getattr, Runs(__import__, "os"), "system"),
        "open": Runs(open, str(mark), "w"),
        "rmtree": Runs(shutil.rmtree, str(mark)),
        "torch.load": Runs(torch.load, str(mark)),
        "in the dictionary": {"state_dict": {"a": torch.zeros(1), "b": Runs(os.system, f"touch {mark}")}},
    }


def as_plain_pickle(payload: object, path: Path) -> None:
    path.write_bytes(pickle.dumps(payload))


def as_torch_archive(payload: object, path: Path) -> None:
    torch.save(payload, path)


def as_legacy_torch_file(payload: object, path: Path) -> None:
    torch.save(payload, path, _use_new_zipfile_serialization=False)


def as_zip_in_a_zip(payload: object, path: Path) -> None:
    inner = io.BytesIO()
    torch.save(payload, inner)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(payload))
        archive.writestr("archive/inner.ckpt", inner.getvalue())
        archive.writestr("archive/version", "3")


@pytest.mark.parametrize("name", sorted(payloads(Path("mark"))))
@pytest.mark.parametrize("form", [as_plain_pickle, as_torch_archive, as_legacy_torch_file, as_zip_in_a_zip])
@pytest.mark.parametrize("suffix", [*PICKLES, ".safetensors"])
def test_a_pickle_that_runs_a_program_runs_nothing(
    name: str, form: Callable[[object, Path], None], suffix: str, tmp_path: Path
) -> None:
    mark, path = tmp_path / "mark", tmp_path / f"model{suffix}"
    form(payloads(mark)[name], path)
    for load in (read_tensors, load_checkpoint, load_vae):
        with pytest.raises(CheckpointError, match=r"\.safetensors"):
            load(path)
    assert not mark.exists()


def test_the_refusal_says_how_to_convert(tmp_path: Path) -> None:
    path = tmp_path / "model.ckpt"
    as_torch_archive(Runs(os.system, "true"), path)
    with pytest.raises(CheckpointError, match=r"was not opened; convert it to \.safetensors"):
        load_checkpoint(path)


def test_a_pickle_renamed_to_safetensors_is_called_one(tmp_path: Path) -> None:
    for number, form in enumerate((as_plain_pickle, as_torch_archive, as_legacy_torch_file)):
        path = tmp_path / f"{number}.safetensors"
        form({"a": torch.zeros(2)}, path)
        with pytest.raises(CheckpointError, match="holds a pickle"):
            read_tensors(path)


Header = dict[str, object]


def tensor(begin: object, end: object, shape: object = (2,), dtype: object = "F32") -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def raw(path: Path, header: bytes, data: bytes = b"", length: int | None = None) -> Path:
    path.write_bytes(struct.pack("<Q", len(header) if length is None else length) + header + data)
    return path


HEADERS: dict[str, tuple[Header | str, int]] = {
    "overlapping": ({"a": tensor(0, 8), "b": tensor(4, 12)}, 12),
    "the same bytes twice": ({"a": tensor(0, 8), "b": tensor(0, 8)}, 8),
    "out of range": ({"a": tensor(0, 8)}, 4),
    "far out of range": ({"a": tensor(0, 2**62, [2**60])}, 8),
    "beyond 64 bits": ({"a": tensor(0, 2**70, [2**68])}, 8),
    "starting past the end": ({"a": tensor(100, 108)}, 8),
    "a gap": ({"a": tensor(0, 8), "b": tensor(12, 20)}, 20),
    "bytes left over": ({"a": tensor(0, 8)}, 20),
    "backwards": ({"a": tensor(8, 0)}, 8),
    "negative offset": ({"a": tensor(-8, 0)}, 8),
    "negative shape": ({"a": tensor(0, 8, [-2])}, 8),
    "two negative sizes": ({"a": tensor(0, 8, [-2, -1])}, 8),
    "shape that overflows": ({"a": tensor(0, 8, [2**40, 2**40])}, 8),
    "empty and huge": ({"a": tensor(0, 0, [0, 2**60])}, 0),
    "too many axes": ({"a": tensor(0, 8, [2] + [1] * 5000)}, 8),
    "shape of fractions": ({"a": tensor(0, 8, [2.0])}, 8),
    "shape of truths": ({"a": tensor(0, 4, [True])}, 4),
    "shape as text": ({"a": tensor(0, 8, "2")}, 8),
    "wrong type for its bytes": ({"a": tensor(0, 8, dtype="F64")}, 8),
    "unknown type": ({"a": tensor(0, 8, dtype="OBJECT")}, 8),
    "type as number": ({"a": tensor(0, 8, dtype=3)}, 8),
    "missing field": ({"a": {"dtype": "F32", "shape": [2]}}, 8),
    "further field": ({"a": tensor(0, 8) | {"code": "import os"}}, 8),
    "entry as list": ({"a": [1, 2]}, 8),
    "metadata as number": ({"__metadata__": 7, "a": tensor(0, 8)}, 8),
    "metadata of numbers": ({"__metadata__": {"x": 1}, "a": tensor(0, 8)}, 8),
    "duplicate names": ('{"a": %s, "a": %s}' % ((json.dumps(tensor(0, 8)),) * 2), 8),
    "duplicate fields": ('{"a": {"dtype": "F32", "dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}', 8),
    "a list": ("[1, 2, 3]", 0),
    "no JSON": ('{"a": ', 0),
    "deep nesting": ("[" * 100_000, 0),
    "deep objects": ('{"a":' * 50_000, 0),
    "long number": ('{"a": {"dtype": "F32", "shape": [%s], "data_offsets": [0, 8]}}' % ("9" * 10_000), 8),
    "not a number": ('{"a": {"dtype": "F32", "shape": [NaN], "data_offsets": [0, 8]}}', 8),
}  # fmt: skip


@pytest.mark.parametrize("fault", sorted(HEADERS))
def test_a_header_that_lies_is_refused_with_a_reason(fault: str, tmp_path: Path) -> None:
    content, size = HEADERS[fault]
    header = content if isinstance(content, str) else json.dumps(content)
    path = raw(tmp_path / "lying.safetensors", header.encode(), bytes(size))
    with pytest.raises(CheckpointError, match=r"lying\.safetensors is not a sound \.safetensors file: .+; download"):
        read_tensors(path)


def test_a_header_of_text_that_is_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="not a sound"):
        read_tensors(raw(tmp_path / "a.safetensors", b'{"\xff\xfe": 1}'))


@pytest.mark.parametrize("length", [0, 1, 100, 2**31, 2**62, 2**64 - 1])
def test_a_header_longer_than_its_file_is_refused_at_once(length: int, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="header has"):
        read_tensors(raw(tmp_path / "a.safetensors", b"{}", length=length))


def test_a_huge_header_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.safetensors"
    with path.open("wb") as file:  # 200 MB on paper, a hole on the disk
        file.write(struct.pack("<Q", 200 * 2**20) + b"{")
        file.truncate(300 * 2**20)
    with pytest.raises(CheckpointError, match="at most"):
        read_tensors(path)


def test_a_file_cut_short_anywhere_is_refused(tmp_path: Path) -> None:
    whole = tmp_path / "whole.safetensors"
    save_file({"a": torch.randn(20), "b": torch.randn(3, 3)}, whole)
    content = whole.read_bytes()
    for length in range(len(content)):
        path = tmp_path / "cut.safetensors"
        path.write_bytes(content[:length])
        with pytest.raises(CheckpointError):
            read_tensors(path)


@pytest.mark.parametrize("suffix", [".safetensors", ".ckpt"])
def test_damaged_bytes_are_refused_or_read_and_never_crash(suffix: str, tmp_path: Path) -> None:
    chance = random.Random(0)
    whole = tmp_path / f"whole{suffix}"
    tensors = {"a": torch.randn(4), "b.c": torch.randn(2, 2)}
    if suffix == ".ckpt":
        torch.save({"state_dict": tensors}, whole)
    else:
        save_file(tensors, whole)
    content = whole.read_bytes()
    refused = 0
    for _ in range(400):
        damaged = bytearray(content)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path = tmp_path / f"damaged{suffix}"
        path.write_bytes(damaged)
        try:
            read_tensors(path)
        except CheckpointError:
            refused += 1
    assert refused > 0


@pytest.mark.parametrize("content", [b"", b"\x80", b"PK\x03\x04", b"\x80\x02.", b"\x80\x04.", b"MZ" * 50, bytes(1000)])
@pytest.mark.parametrize("suffix", [*PICKLES, ".safetensors"])
def test_a_few_odd_bytes_are_no_checkpoint(content: bytes, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"odd{suffix}"
    path.write_bytes(content)
    with pytest.raises(CheckpointError):
        read_tensors(path)


@pytest.mark.parametrize(
    "extra",
    [
        {"cond_stage_model.transformer.text_model.encoder.layers.999999999.mlp.fc1.weight": torch.zeros(1)},
        {LDM_UNET + "input_blocks.999999999.0.op.weight": torch.zeros(1)},
        {LDM_UNET + "middle_block.1.transformer_blocks.99999999.norm1.weight": torch.zeros(1)},
        {"first_stage_model.encoder.down.99999999.block.0.conv1.weight": torch.zeros(1)},
        {LDM_UNET + "input_blocks.0.0.weight": torch.zeros(16, 4, 3)},
        {LDM_UNET + "input_blocks.0.0.weight": torch.zeros(0, 4, 3, 3)},
        {LDM_UNET + "input_blocks.0.0.weight": torch.zeros(10_000, 4, 3, 3)},
        {LDM_UNET + "middle_block.1.transformer_blocks.0.attn2.to_k.weight": torch.zeros(())},
        {"first_stage_model.encoder.conv_in.weight": torch.zeros(0, 0, 0, 0)},
        {"first_stage_model.encoder.down.0.block.0.conv1.weight": torch.zeros(2)},
        {"cond_stage_model.transformer.text_model.embeddings.token_embedding.weight": torch.zeros(3)},
        {"cond_stage_model.transformer.text_model.embeddings.token_embedding.weight": torch.zeros(0, 0)},
        {"cond_stage_model.transformer.text_model.embeddings.token_embedding.weight": torch.zeros(10, 32)},
        {"cond_stage_model.transformer.text_model.embeddings.position_embedding.weight": torch.zeros(1, 32)},
    ],
    ids=lambda extra: "{} {}".format(*next((name[-50:], tuple(one.shape)) for name, one in extra.items())),
)
def test_names_and_shapes_that_no_network_has_are_refused(extra: dict[str, torch.Tensor], tmp_path: Path) -> None:
    path = write(tmp_path / "odd.safetensors", tiny_networks().ldm_tensors() | extra, METADATA)
    with pytest.raises(CheckpointError):
        load_checkpoint(path)


def diffusers_folder(path: Path) -> Path:
    write_json(path / "model_index.json", {"_class_name": "StableDiffusionPipeline"})
    write_json(path / "unet" / "config.json", {})
    write(path / "unet" / "diffusion_pytorch_model.safetensors", {"conv_in.weight": torch.zeros(1, 1, 1, 1)})
    return path


@pytest.mark.parametrize("key", ["auto_map", "custom_pipeline", "trust_remote_code"])
@pytest.mark.parametrize("place", ["model_index.json", "unet/config.json"])
def test_a_folder_that_asks_for_code_of_its_own_is_refused(key: str, place: str, tmp_path: Path) -> None:
    folder = diffusers_folder(tmp_path / "folder")
    write_json(folder / place, {key: {"AutoModel": "modeling.Evil"} if key == "auto_map" else True})
    (folder / "modeling.py").write_text("raise SystemExit('this ran')", encoding="utf-8")
    with pytest.raises(CheckpointError, match="program code"):
        load_checkpoint(folder)


@pytest.mark.parametrize(
    "name",
    ["../outside.safetensors", "/etc/passwd", "..", "", "a/b.safetensors", "a\\b.safetensors", "C:x.safetensors"],
)
def test_an_index_that_names_files_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    folder = diffusers_folder(tmp_path / "folder")
    shutil.move(folder / "unet" / "diffusion_pytorch_model.safetensors", folder / "outside.safetensors")
    write_json(folder / "unet" / "diffusion_pytorch_model.safetensors.index.json", {"weight_map": {"a": name}})
    with pytest.raises(CheckpointError, match="expected one of its own folder"):
        load_checkpoint(folder)


@pytest.mark.parametrize("content", ["", "[]", "{", "[" * 100_000, '{"a": NaN', "\x00"])
def test_a_damaged_configuration_is_refused(content: str, tmp_path: Path) -> None:
    folder = diffusers_folder(tmp_path / "folder")
    (folder / "unet" / "config.json").write_text(content, encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"config\.json"):
        load_checkpoint(folder)


def test_a_configuration_of_many_megabytes_is_not_read(tmp_path: Path) -> None:
    folder = diffusers_folder(tmp_path / "folder")
    with (folder / "unet" / "config.json").open("wb") as file:
        file.truncate(100 * 2**20)
    with pytest.raises(CheckpointError, match="at most"):
        load_checkpoint(folder)


def test_a_folder_of_nothing_is_refused(tmp_path: Path) -> None:
    for load in (load_checkpoint, load_vae):
        with pytest.raises(CheckpointError):
            load(tmp_path)
