"""What packs import as `nodes`: the classes of all nodes by id and by name, and how they sample."""

from typing import Final

from packs.compat.context import Context
from packs.compat.core_nodes import CoreNodes, DisplayNames
from packs.compat.ksampler import Samplings
from packs.compat.progress import interrupt, stop_if_interrupted
from packs.compat.refusing import refusal
from packs.compat.saving_nodes import saving_classes

MAX_RESOLUTION: Final = 16384
LOADING: Final = "Packs are loaded by the host; put the pack into custom_nodes."


def names(context: Context) -> dict[str, object]:
    """The contents of the module; a node's class is found under its id."""
    classes = CoreNodes(context, saving_classes(context))
    return {
        "EXTENSION_WEB_DIRS": {},
        "LOADED_MODULE_DIRS": {},
        "MAX_RESOLUTION": MAX_RESOLUTION,
        "NODE_CLASS_MAPPINGS": classes,
        "NODE_DISPLAY_NAME_MAPPINGS": DisplayNames(context),
        "before_node_execution": stop_if_interrupted,
        "common_ksampler": context.part(Samplings).common_ksampler,
        "init_extra_nodes": refusal(LOADING),
        "interrupt_processing": interrupt,
        "load_custom_node": refusal(LOADING),
        "__getattr__": classes.get,
    }
