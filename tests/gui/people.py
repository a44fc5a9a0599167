"""The part of the session that gives a character a face and an expression, where there are mappers of heads for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from driver import BlenderWindow

OFFERED = """
import importlib, sys
package = next(name for name in sys.modules if name.endswith(".semantify_blender.semantify_blender"))
layering = importlib.import_module(package + ".addon.character.layering")
result = sorted(layering.offered(bpy.context.view_layer.objects.active.data))
"""
NEW = """
for other in bpy.context.scene.objects:
    other.hide_set(True)
bpy.ops.semantify.add_character()
with over("WINDOW"):
    bpy.ops.view3d.view_axis(type="FRONT")
view = area().spaces.active.region_3d
view.view_location, view.view_distance = (0.12, 0, 1.6), 0.9
bpy.ops.ed.undo_push(message="new")
"""
EXPRESSION = """
names = layering.offered(bpy.context.view_layer.objects.active.data)["expression"]
bpy.ops.semantify.add_layer(mapper=names[0])
bpy.ops.ed.undo_push(message="expression")
"""
STATE = """
obj = bpy.context.view_layer.objects.active
evaluated = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
state = obj.data.semantify
result = {
    "sliders": [[round(slider.value, 4) for slider in each.sliders] for each in (state, state.face, state.expression)],
    "positions": [round(number, 5) for vertex in list(evaluated.vertices)[::50] for number in vertex.co],
}
"""


def offered(window: BlenderWindow) -> list[str]:
    """What the active character may be given; the panel has one row for it below Keep Natural."""
    return window.run(OFFERED)


def play(window: BlenderWindow, out: Path, view: list[int]) -> dict[str, Any]:
    """Add a face with the panel's button, an expression, drag a slider, undo, redo; empty where none is offered."""
    window.run(NEW)
    window.redraw(4)
    seen: dict[str, Any] = {"offered": offered(window)}
    if seen["offered"] != ["expression", "face"]:
        return {}
    x, y = window.find("semantify.add_layer", across=0.25, step=5)
    window.click(x, y)
    window.run(EXPRESSION)
    seen["added"] = window.run(STATE)
    window.move(x, y)
    for _ in range(6):
        # more rows than the window holds
        window.hand("click", 5)
    window.redraw(4)
    window.drag(*window.find("face.sliders[0].value", step=5), 50)
    seen["dragged"] = window.run(STATE)
    window.key("ctrl+z", *view)
    seen["undone"] = window.run(STATE)
    window.key("ctrl+shift+z", *view)
    seen["redone"] = window.run(STATE)
    window.screenshot(out / "16-face-and-expression.png")
    return seen
