"""Changes of models."""
from .patches import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS
