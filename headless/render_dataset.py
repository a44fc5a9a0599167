"""Render a dataset inside Blender.

blender -b --python-exit-code 1 -P headless/render_dataset.py -- --model NAME --out DIR …
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from semantify_blender.cli.headless import run

run("dataset", __file__, "--model NAME --out DIR")
