"""`from .tier import bpy`: skips the module, loudly (tests/conftest.py), where there is no bpy."""

import pytest

bpy = pytest.importorskip("bpy", reason="TIER MISSING bpy in-process: pip install bpy")
