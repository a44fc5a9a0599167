"""Render a dataset inside Blender.

blender -b --python-exit-code 1 -P headless/render_dataset.py -- --model NAME --out DIR …
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from semantify_blender.rendering.cli import leave, main

leave(main(["dataset", *(sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else ["--help"])]))
