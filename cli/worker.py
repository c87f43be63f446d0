"""Carry out runs for a server: it begins this process, hands it runs on standard input and hears of them on output.

Not meant to be typed; `main.py serve` does.
"""

import argparse
from collections.abc import Mapping

from cli.options import add_cache, add_folders
from cli.pack_options import add_packs

PREVIEWS = ("auto", "rgb", "tiny", "vae", "none")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where files lie, on which device, and how previews are drawn."""
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda:0 …")
    parser.add_argument("--preview", choices=PREVIEWS, default="auto", help="how steps are drawn")
    add_folders(parser)
    add_packs(parser)
    add_cache(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Work until the server says it is enough, or ends."""
    from runs.worker import Workshop, standard_streams, work
    from runs.worker_loading import SignsOfLife

    incoming, outgoing = standard_streams()  # before anything is loaded that might print
    with SignsOfLife(outgoing) as signs:
        import torch

        from cli.assembly import assemble, cache_from
        from cli.worker_packs import WorkerPacks
        from nodes.devices import best_device
        from nodes.previews import Previews

        house = assemble(arguments, signs.loads)
        packs = WorkerPacks(house)
    device = best_device() if arguments.device == "auto" else torch.device(arguments.device)
    previews = Previews(house.folders, arguments.preview)
    workshop = Workshop(
        registry=house.registry,
        catalogues=house.catalogues,
        cache=cache_from(arguments, house.folders),
        services={**house.services, torch.device: device, Previews: previews},
        device=lambda: facts(str(device)),
        versions=versions(),
        devices=torch.cuda.device_count(),
        packs=packs.first.packs,
        webs=packs.first.webs,
        routes=packs.first.routes,
        reload=packs.reload,
        empty_device_cache=torch.cuda.empty_cache if device.type == "cuda" else lambda: None,
    )
    work(workshop, incoming, outgoing)
    return 0


def facts(name: str) -> Mapping[str, object]:
    """A device as `/system_stats` shows it, sizes in bytes; of a CPU the memory is that of the machine."""
    import psutil
    import torch

    device = torch.device(name)
    if device.type == "cuda":
        free, total = torch.cuda.mem_get_info(device)
        reserved = torch.cuda.memory_reserved(device)
        index = device.index or 0
        label = f"cuda:{index} {torch.cuda.get_device_name(device)}"
        held, unused = reserved, reserved - torch.cuda.memory_allocated(device)
    else:
        memory = psutil.virtual_memory()
        free, total = memory.available, memory.total
        index, label = None, device.type
        held, unused = total, free
    return {
        "name": label,
        "type": device.type,
        "index": index,
        "vram_total": total,
        "vram_free": free,
        "torch_vram_total": held,
        "torch_vram_free": unused,
    }


def versions() -> Mapping[str, str]:
    """Versions of what decides the results."""
    import platform

    import torch

    from cli.about import version

    return {"nodeloom": version(), "python": platform.python_version(), "torch": str(torch.__version__)}
