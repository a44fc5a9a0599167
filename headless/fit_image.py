"""Fit shapes to pictures inside Blender.

blender -b --python-exit-code 1 -P headless/fit_image.py -- photo.jpg --mapper NAME --out fits --mesh obj
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from semantify_blender.rendering.cli import leave, main

leave(main(["fit", *(sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else ["--help"])]))
