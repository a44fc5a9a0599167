"""The part of the session that gives a mesh of the user's word sliders for its own shape keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from driver import BlenderWindow

MONKEY = """
import numpy as np
for other in bpy.context.scene.objects:
    other.hide_set(True)
bpy.ops.mesh.primitive_monkey_add(size=0.3)
obj = bpy.context.object
mesh = obj.data
bpy.ops.object.shade_smooth()
obj.modifiers.new("Subdivision", "SUBSURF").levels = 2
co = np.array([tuple(vertex.co) for vertex in mesh.vertices]) / 0.15

def patch(x, z, width):
    return np.exp(-((co[:, 0] - x) ** 2 + (co[:, 2] - z) ** 2) / width**2)[:, None] * (co[:, 1:2] < 0)

keys = {}
for side, x in (("_L", 1.0), ("_R", -1.0)):
    keys["mouthSmile" + side] = patch(0.3 * x, -0.5, 0.2) * [0.12 * x, 0.0, 0.2]
    keys["browUp" + side] = patch(0.35 * x, 0.55, 0.25) * [0.0, 0.0, 0.2]
    keys["earUp" + side] = (x * co[:, :1] > 0.85) * np.array([0.1 * x, 0.0, 0.35])
keys["jawOpen"] = np.clip((-0.45 - co[:, 2:]) / 0.2, 0, 1) * (co[:, 1:2] < 0) * np.array([0.0, 0.0, -0.3])
obj.shape_key_add(name="Basis", from_mix=False).value = 0.0
for name, moved in keys.items():
    key = obj.shape_key_add(name=name, from_mix=False)
    key.value = 0.0
    key.points.foreach_set("co", ((co + moved) * 0.15).astype(np.float32).ravel())
obj.data.shape_keys.key_blocks["browUp_L"].value = 0.25
material = bpy.data.materials.new("Fur")
material.diffuse_color = (0.35, 0.2, 0.1, 1.0)
mesh.materials.append(material)
with over("WINDOW"):
    bpy.ops.view3d.view_axis(type="FRONT")
    bpy.ops.view3d.view_orbit(angle=0.4, type="ORBITRIGHT")
    bpy.ops.view3d.view_selected()
bpy.ops.ed.undo_push(message="monkey")
"""
TRAIN = """
import importlib, sys
from pathlib import Path
package = next(name for name in sys.modules if name.endswith(".semantify_blender.semantify_blender"))
Mapper = importlib.import_module(package + ".core.mapper").Mapper
KeySet = importlib.import_module(package + ".core.model.key_set").KeySet
Model = importlib.import_module(package + ".core.model.morphable_model").MorphableModel
folder = Path({folder!r})
bpy.ops.semantify.export_keys_model(filepath=str(folder / "suzanne.model.npz"), exclude="earUp_R")
model = Model.load(folder / "suzanne.model.npz")
words = {{"happy": ("mouthSmile",), "surprised": ("browUp", "jawOpen", "earUp")}}
names = model.metadata["shape_keys"]
weight = np.array([[0.75 * name.startswith(starts) for starts in words.values()] for name in names], np.float32)
two = np.full(2, 20, np.float32)
Mapper(
    descriptors=tuple(words), low=two - 2, high=two + 2, default=two, score_mean=two, score_deviation=two * 0 + 1,
    score_covariance=np.eye(2, dtype=np.float32), coefficient_mean=np.full(len(names), -0.25, np.float32),
    coefficient_scale=np.ones(len(names), np.float32), layers=((weight, np.zeros(len(names), np.float32)),),
    model_name=model.name, model_checksum=model.checksum, limits=model.ranges, keys=KeySet.of(model.metadata),
).save(folder / "suzanne.mapper.npz")
bpy.ops.semantify.attach_mapper(filepath=str(folder / "suzanne.mapper.npz"))
bpy.ops.ed.undo_push(message="attached")
result = [slider.name for slider in bpy.context.object.data.semantify.sliders]
"""
STATE = """
obj = bpy.context.view_layer.objects.active
result = {key.name: round(key.value, 4) for key in obj.data.shape_keys.key_blocks if key.name != "Basis"}
"""


def play(window: BlenderWindow, out: Path, view: list[int]) -> dict[str, Any]:
    """Make a mesh with keys, export, attach, drag, undo, detach; returns the observations by name."""
    seen: dict[str, Any] = {}
    window.run(MONKEY)
    window.redraw(4)
    seen["before"] = window.run(STATE)
    window.find("semantify.export_keys_model")
    window.find("semantify.attach_mapper")
    window.screenshot(out / "9-own-keys.png")
    seen["words"] = window.run(TRAIN.format(folder=str(window.folder)))
    window.redraw(4)
    seen["attached"] = window.run(STATE)
    slider = window.find("sliders[1].value")
    window.drag(*slider, 110)
    seen["dragged"] = window.run(STATE)
    window.screenshot(out / "10-own-keys-dragged.png")
    window.key("ctrl+z", *view)
    seen["undone"] = window.run(STATE)
    window.key("ctrl+shift+z", *view)
    seen["redone"] = window.run(STATE)
    window.click(*window.find("semantify.detach", across=0.2))
    seen["detached"] = window.run(STATE)
    seen["sliders left"] = window.ask("len(bpy.context.view_layer.objects.active.data.semantify.sliders)")
    return seen
