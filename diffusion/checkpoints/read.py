"""Opening files of tensors: memory-mapped, and without running anything a file might hold."""

import pickle
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from diffusion.checkpoints.errors import CheckpointError
from diffusion.checkpoints.safetensors_header import looks_like_pickle, read_header

Shapes = Mapping[str, tuple[int, ...]]

PICKLE_SUFFIXES = frozenset({".ckpt", ".pt", ".pth", ".bin"})
# What the restricted loader is known to say to bytes that are no file of its own.
UNSOUND = (
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    AssertionError,
    ImportError,
    MemoryError,
    struct.error,
    zipfile.BadZipFile,
)  # fmt: skip
MOST_ENTRIES = 100_000
"""Entries of an archive of tensors; the largest published models have a few thousand."""

MOST_UNPACKED = 2**20
"""Bytes up to which an entry may be packed: the small texts of an archive may be, by other writers than torch."""

CONVERT = (
    "convert it to .safetensors where you trust its maker: load it there, keep the plain tensors of its 'state_dict', "
    "and write them with safetensors.torch.save_file"
)


@dataclass(frozen=True)
class TensorFile:
    """The tensors of a file by name, and the strings it says about itself.

    Tensors are mapped from the file: they take memory only as they are read, and writing to one leaves the file alone.
    """

    path: Path
    tensors: Mapping[str, Tensor]
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def shapes(self) -> Shapes:
        """The shape of each tensor."""
        return shapes_of(self.tensors)


def shapes_of(tensors: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """The shape of each tensor."""
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


def read_tensors(path: Path) -> TensorFile:
    """The tensors of a .safetensors file or, through torch's restricted loader, of a .ckpt, .pt, .pth or .bin file.

    Raises CheckpointError where the file is missing, unsound, or holds more than plain tensors.
    """
    if not path.is_file():
        raise CheckpointError(f"there is no file {path.name}: expected a file of weights at {path}")
    if path.suffix.lower() == ".safetensors":
        return _read_safetensors(path)
    if path.suffix.lower() in PICKLE_SUFFIXES:
        return _read_pickle(path)
    known = ", ".join(sorted({".safetensors", *PICKLE_SUFFIXES}))
    raise CheckpointError(f"{path.name} has no ending of a file of weights; expected one of {known}")


def _read_safetensors(path: Path) -> TensorFile:
    header = read_header(path)
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            tensors = {entry.name: file.get_tensor(entry.name) for entry in header.entries}
    except SafetensorError as error:
        raise CheckpointError(f"{path.name} is not a sound .safetensors file: {error}; download it again") from error
    return TensorFile(path, tensors, header.metadata)


def _read_pickle(path: Path) -> TensorFile:
    is_zip = _is_zip(path)
    try:
        if is_zip:
            _judge_archive(path)
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=is_zip)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path.name} holds more than plain tensors, and unpacking that could run any program: it was not opened; "
            f"{CONVERT}. The restricted loader's reason: {_first_line(error)}"
        ) from error
    except UNSOUND as error:
        raise CheckpointError(
            f"{path.name} is no sound file of tensors ({_first_line(error)}): download it again, or {CONVERT}"
        ) from error
    if isinstance(content, dict) and isinstance(content.get("state_dict"), dict):
        content = content["state_dict"]
    if not isinstance(content, dict):
        raise CheckpointError(f"{path.name} holds a {type(content).__name__}, expected tensors by name; {CONVERT}")
    for name, value in content.items():
        if not isinstance(name, str) or not isinstance(value, Tensor):
            raise CheckpointError(
                f"{path.name} holds a {type(value).__name__} named {str(name)[:80]!r}, expected tensors by name; "
                f"{CONVERT}"
            )
        if value.layout is not torch.strided or value.device.type != "cpu" or value.is_quantized:
            raise CheckpointError(f"{path.name} holds {name[:80]!r} as no plain tensor ({value.layout}); {CONVERT}")
    return TensorFile(path, {name: value.detach() for name, value in content.items()})


def _is_zip(path: Path) -> bool:
    """Whether it is in the archive format of torch, which alone can be mapped; older files are read whole."""
    with path.open("rb") as file:
        start = file.read(4)
    return looks_like_pickle(start) and start.startswith(b"PK")


def _judge_archive(path: Path) -> None:
    """Look at the list of an archive before anything in it is read. Raises CheckpointError, BadZipFile.

    torch stores tensors as they are; what unpacks to more than it takes in the file was made to fill the memory.
    """
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise CheckpointError(f"{path.name} is an archive of {len(entries)} entries, at most {MOST_ENTRIES} are read")
    for entry in entries:
        if entry.file_size > max(entry.compress_size, MOST_UNPACKED):
            raise CheckpointError(
                f"{path.name} holds {entry.filename[:80]!r}, which unpacks from {entry.compress_size} to "
                f"{entry.file_size} bytes; files of weights are not packed, so it was not opened; {CONVERT}"
            )


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else type(error).__name__
