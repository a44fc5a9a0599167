"""A studio's own colour configuration, whose spaces have other names than Blender's."""

from pathlib import Path

import pytest

from scripts.repository import REPOSITORY
from tests.blender.addon_helpers import run_in_fresh_blender

CONFIGURATION = """ocio_profile_version: 2
search_path: ""
strictparsing: false
roles:
  color_picking: srgb
  color_timing: srgb
  compositing_log: srgb
  data: plain numbers
  default: srgb
  default_byte: srgb
  default_float: linear
  default_sequencer: srgb
  matte_paint: srgb
  reference: linear
  rendering: linear
  scene_linear: linear
  texture_paint: srgb
  XYZ: linear
  aces_interchange: linear
displays:
  sRGB:
    - !<View> {name: Standard, colorspace: srgb}
active_displays: [sRGB]
active_views: [Standard]
colorspaces:
  - !<ColorSpace>
    name: linear
    isdata: false
  - !<ColorSpace>
    name: srgb
    isdata: false
    from_scene_reference: !<ExponentWithLinearTransform> {gamma: 2.4, offset: 0.055, direction: inverse}
  - !<ColorSpace>
    name: plain numbers
    isdata: true
"""


def test_painted_distances_are_numbers_and_no_colours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.ocio"
    path.write_text(CONFIGURATION)
    monkeypatch.setenv("OCIO", str(path))
    said = run_in_fresh_blender(f"""
import os, sys
sys.path.insert(0, {str(REPOSITORY)!r})
import bpy
import numpy as np
from semantify_blender.blender.paint import paint_images
from semantify_blender.blender.pictures import stored_pixels
paint = {{"hair": np.arange(256, dtype=np.uint8).reshape(16, 16)}}
(image, _), = paint_images("body", paint)
found = np.array(image.pixels[:], np.float32).reshape(16, 16, 4)[..., 0]
print("SPACE", image.colorspace_settings.name, bool(np.allclose(found * 255, paint["hair"], atol=0.01)))
sys.stdout.flush()
os._exit(0)
""")
    assert "SPACE plain numbers True" in said
