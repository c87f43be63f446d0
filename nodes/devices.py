"""Where models work: what the assembler handed in, else a GPU if there is one."""

from collections.abc import Mapping

import torch

from graph.errors import GraphError
from graph.handle import Run
from nodes.fingerprints import Fingerprint, Services


def best_device() -> torch.device:
    """The first CUDA device, or the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def device_for(run: Run) -> torch.device:
    """The `torch.device` among the run's services, else the best one."""
    try:
        return run.service(torch.device)
    except GraphError:
        return best_device()


def on_device(fingerprint: Fingerprint) -> Fingerprint:
    """The fingerprint with the kind of device added: the same model gives other last digits elsewhere."""

    def with_device(literals: Mapping[str, object], services: Services) -> str | None:
        found = fingerprint(literals, services)
        device = services.get(torch.device)
        kind = device.type if isinstance(device, torch.device) else best_device().type
        return None if found is None else f"{found} on {kind}"

    return with_device
