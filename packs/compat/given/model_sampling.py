"""What packs import as `comfy.model_sampling`: kinds of prediction and levels to mix and to add to a model."""

from packs.compat.context import Context
from packs.compat.model_levels import EPS, V_PREDICTION, X0, ModelSamplingDiscrete


def names(context: Context) -> dict[str, object]:
    """The contents of the module."""
    return {"EPS": EPS, "ModelSamplingDiscrete": ModelSamplingDiscrete, "V_PREDICTION": V_PREDICTION, "X0": X0}
