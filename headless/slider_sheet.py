"""Render a slider sheet inside Blender.

blender -b --python-exit-code 1 -P headless/slider_sheet.py -- --mapper NAME --out sheet.png
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from semantify_blender.cli.headless import run

run("sheet", __file__, "--mapper NAME --out sheet.png")
