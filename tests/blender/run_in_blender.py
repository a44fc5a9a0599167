"""Runs pytest inside a real Blender, whose Python needs pytest on its path:

pip install --target FOLDER pytest
export PYTHONPATH=FOLDER
blender -b --factory-startup --python-use-system-env -P tests/blender/run_in_blender.py -- tests/blender
"""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.dont_write_bytecode = True

code = pytest.main(["-q", "-p", "no:cacheprovider", *sys.argv[sys.argv.index("--") + 1 :]])
sys.stdout.flush()
os._exit(int(code))
