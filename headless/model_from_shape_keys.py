"""Make a morphable model of a mesh's own shape keys inside Blender.

blender -b my.blend --python-exit-code 1 -P headless/model_from_shape_keys.py -- --object Head --out head.model.npz
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from semantify_blender.rendering.cli import leave, main

leave(main(["keys", *(sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else ["--help"])]))
