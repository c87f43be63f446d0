"""How much memory does loading a checkpoint take, as a multiple of the file?

A file with random weights in half precision at the sizes of Stable Diffusion 1.5 (2.1 GB) is loaded in a process of its
own, and every weight is read once, since what is only mapped costs nothing yet. The peak is that of the process from
the call on, less what it held before. Pages of the file that are mapped count, although the system can take them back;
the setting says how much there is without them.
"""

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import psutil
import torch
from torch import Tensor

from diffusion.checkpoints import load_checkpoint
from diffusion.clip import ClipConfig, text_tensor_shapes
from diffusion.train.export import write_checkpoint
from diffusion.unet import UNet, UNetConfig
from diffusion.vae import AutoencoderKL, VAEConfig

NUMBERS_OF_A_PAGE = 1024
DTYPES = {"float16": torch.float16, "float32": torch.float32}


def random_weights(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Tensor]:
    """Small random numbers in half precision; a block of them is repeated, since drawing a billion takes long."""
    block = (torch.randn(2**20, generator=torch.Generator().manual_seed(0)) * 0.02).half()
    return {name: filled(shape, block) for name, shape in shapes.items()}


def filled(shape: tuple[int, ...], block: Tensor) -> Tensor:
    """A tensor of this shape with the block's numbers again and again."""
    size = math.prod(shape)
    return block.repeat(-(-size // len(block)))[:size].reshape(shape)


def write_random_checkpoint(path: Path) -> None:
    """Stable Diffusion 1.5's layout and sizes."""
    unet, vae, text = UNetConfig(), VAEConfig(), ClipConfig()
    with torch.device("meta"):
        networks = {"unet": UNet(unet), "vae": AutoencoderKL(vae)}
    shapes = {part: {k: tuple(v.shape) for k, v in network.state_dict().items()} for part, network in networks.items()}
    shapes["text"] = dict(text_tensor_shapes(text))
    parts = {part: random_weights(tensors) for part, tensors in shapes.items()}
    write_checkpoint(path, parts, unet, vae, text, "random weights")


def peak_of_loading(path: Path, dtype: torch.dtype) -> tuple[int, int]:
    """Bytes that this process needs at most to load the file and read every weight, beyond what it holds now.

    The second number is what it holds in the end without pages of files.
    """
    before, own_before = psutil.Process().memory_info().rss, own_memory()
    forget_earlier_peak()
    checkpoint = load_checkpoint(path, dtype=dtype)
    networks = (checkpoint.model.network, checkpoint.vae, checkpoint.clip)
    for weight in (weight for network in networks for weight in weights_of(network)):
        weight.flatten()[::NUMBERS_OF_A_PAGE].sum()  # one number of each page of memory
    return peak() - before, own_memory() - own_before


def weights_of(part: object) -> list[Tensor]:
    """Every weight of a part of a checkpoint, whatever holds its network."""
    if isinstance(part, torch.nn.Module):
        return list(part.parameters())
    found = [value for value in vars(part).values() if isinstance(value, torch.nn.Module)]
    return [weight for module in found for weight in module.parameters()]


def forget_earlier_peak() -> None:
    """Begin the peak anew, where the system can (Linux)."""
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5")


def own_memory() -> int:
    """Bytes of this process that are no pages of files, where the system tells (Linux); else all of them."""
    memory = psutil.Process().memory_info()
    return memory.rss - getattr(memory, "shared", 0)


def peak() -> int:
    """The most memory this process has held, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def report(path: Path, dtype: str, question: str, target: float | None) -> None:
    """Measure in a process of its own and print the ratio."""
    words = [sys.executable, __file__, "--load", str(path), "--dtype", dtype]
    answer = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    grown, own = (int(number) for number in answer.split())
    size = path.stat().st_size
    line: dict[str, object] = {
        "question": question,
        "value": round(grown / size, 3),
        "unit": "× the file",
        "setting": f"{grown / 2**30:.2f} GiB for a file of {size / 2**30:.2f} GiB, "
        f"{own / 2**30:.2f} GiB of it other than pages of the file",
    }
    if target is not None:
        line |= {"target": f"at most {target:g}", "met": grown / size <= target}
    print(json.dumps(line, ensure_ascii=False), flush=True)


def main() -> None:
    """Make the file, load it in both precisions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--load", type=Path, help="load this file in this process and print the bytes it took")
    parser.add_argument("--dtype", choices=sorted(DTYPES), default="float16")
    arguments = parser.parse_args()
    if arguments.load:
        print(*peak_of_loading(arguments.load, DTYPES[arguments.dtype]))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "random.safetensors"
        write_random_checkpoint(path)
        report(path, "float16", "Peak memory of loading, half precision as stored", 1.15)
        report(path, "float32", "Peak memory of loading half precision as float32, weights twice as large", None)


if __name__ == "__main__":
    main()
