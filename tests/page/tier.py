"""`from .tier import CHROMIUM`: skips the module, loudly (tests/conftest.py), where no Chromium can be driven."""

import pytest

from scripts.chromium import chromium

pytest.importorskip("playwright", reason="TIER MISSING the page in a browser: pip install playwright")
CHROMIUM = chromium()
if not CHROMIUM:
    pytest.skip(
        "TIER MISSING the page in a browser: apt-get install chromium, or set $CHROMIUM", allow_module_level=True
    )
