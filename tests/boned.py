"""A small model with bones, and further rigs for it."""

from dataclasses import replace

import numpy as np

from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.posing import rig_arrays
from semantify_blender.core.model.rig_set import WHOLE, ExtraRig, Points, RigSet, topology_of
from tests.synthetic import synthetic_model


def boned_model() -> MorphableModel:
    """Two bones, one above the other, that know where they begin and end."""
    model = synthetic_model(rings=6, segments=5, components=3)
    height = model.template[:, 2]
    upper = (height > height.mean()).astype(float)
    arrays = rig_arrays(("lower", "upper"), np.array([-1, 0]), np.stack([1 - upper, upper], 1))
    for i, part in enumerate(("joint", "tail")):
        z = np.quantile(height, [0.5 * i, 0.5 + 0.5 * i])
        arrays[f"rig/{part}s"] = np.stack([0 * z, 0 * z, z], 1).astype(np.float32)
        arrays[f"rig/{part}_basis"] = np.full((3, 2, 3), 0.01 * (i + 1), np.float16)
    return replace(model, extra=model.extra | arrays)


def rig_set() -> RigSet:
    """Rigs "full", three bones, and "rigify", two, for `boned_model`."""
    model = boned_model()
    count = model.vertex_count
    points = Points(
        np.array([0, 1, 3, 4, 5]),
        np.array([count, 0, 1, count + 2, count + 3]),
        np.array([1, 0.5, 0.5, 1, 1], np.float32),
        np.array([[0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0.1]], np.float32),
    )
    shares = np.linspace(0, WHOLE, count).round().astype(np.uint8)
    weights = np.stack([shares, WHOLE - shares], 1)
    said = {
        "hips": {
            "roll": 0.1,
            "collections": ["Torso"],
            "type": "basic.super_copy",
            "parameters": {"make_widget": True},
        },
        "chest": {"align": "Z", "use_connect": True},
    }
    interface = {
        "order": ["Torso"],
        "collections": {"Torso": {"ui_row": 1, "ui_title": "", "color_set_id": 1, "is_visible": True}},
        "colors": [{"name": "Root", "normal": [0.4, 0.2, 0.4]}],
        "selection_colors": {"active": [0.5, 1.0, 1.0], "select": [0.3, 0.8, 1.0]},
    }
    rigs = {
        "full": ExtraRig(
            ("a", "b", "c"), np.array([-1, 0, 1]), np.array([0, 1, 2]), np.array([1, 2, 3]), ("a", "c"), weights
        ),
        "rigify": ExtraRig(
            ("hips", "chest"),
            np.array([-1, 0]),
            np.array([0, 2]),
            np.array([2, 3]),
            ("DEF-hips", "DEF-chest"),
            weights,
            said,
        ),
    }
    return RigSet("synthetic", topology_of(model), points, rigs, interface, {"source": "made up"})
