"""Image maths 🧮: arithmetic on pictures."""
from .nodes import NODE_CLASS_MAPPINGS as _a, NODE_DISPLAY_NAME_MAPPINGS as _an
from .nodes.masks import *
from .nodes import masks

NODE_CLASS_MAPPINGS = {}
NODE_DISPLAY_NAME_MAPPINGS = {}
for m, n in ((_a, _an), (masks.NODE_CLASS_MAPPINGS, masks.NODE_DISPLAY_NAME_MAPPINGS)):
    NODE_CLASS_MAPPINGS.update(m)
    NODE_DISPLAY_NAME_MAPPINGS.update(n)

print("\033[34m[image-maths]\033[0m loaded", len(NODE_CLASS_MAPPINGS), "nodes")

__all__ = ['NODE_CLASS_MAPPINGS', 'NODE_DISPLAY_NAME_MAPPINGS']
