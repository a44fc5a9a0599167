"""Make a morphable model of a mesh's own shape keys inside Blender.

blender -b my.blend --python-exit-code 1 -P headless/model_from_shape_keys.py -- --object Head --out head.model.npz
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from semantify_blender.cli.headless import run

run("keys", __file__, "--object Head --out head.model.npz")
