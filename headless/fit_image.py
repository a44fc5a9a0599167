"""Fit shapes to pictures inside Blender.

blender -b --python-exit-code 1 -P headless/fit_image.py -- photo.jpg --mapper NAME --out fits --mesh obj
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from semantify_blender.cli.headless import run

run("fit", __file__, "photo.jpg --mapper NAME --out fits --mesh obj")
