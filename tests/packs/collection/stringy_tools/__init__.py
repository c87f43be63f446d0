"""String tools."""
import os
import sys

here = os.path.dirname(os.path.realpath(__file__))
if here not in sys.path:
    sys.path.insert(0, here)

from stringy_core import *  # a module of this folder, as a top-level name
import stringy_core

NODE_CLASS_MAPPINGS = stringy_core.NODES
NODE_DISPLAY_NAME_MAPPINGS = {k: "📝 " + k.replace("Stringy", "") for k in NODE_CLASS_MAPPINGS}
