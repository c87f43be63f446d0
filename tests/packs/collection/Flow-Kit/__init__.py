"""Flow kit 🔁: branches and loops."""
from .flow import branches, loops, little

NODE_CLASS_MAPPINGS = {**branches.CLASSES, **loops.CLASSES, **little.CLASSES}
NODE_DISPLAY_NAME_MAPPINGS = {key: getattr(value, "TITLE", key) for key, value in NODE_CLASS_MAPPINGS.items()}
