"""The part of the session that drags a slider over several characters, and applies the shape keys of one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from driver import BlenderWindow

CAST = """
first = bpy.context.view_layer.objects.active
bpy.ops.semantify.reset_all()
others = []
for mapper in (first.data.semantify.mapper_name, "quadruped"):
    bpy.ops.semantify.add_character(mapper=mapper)
    others.append(bpy.context.object)
for other in others:
    other.location.x += 1.5 * (1 + others.index(other))
    other.select_set(True)
    other.data.semantify.sliders[1].value = 0.2
first.select_set(True)
bpy.context.view_layer.objects.active = first
bpy.ops.ed.undo_push(message="cast")
"""
SLIDERS = """
result = [[round(slider.value, 4) for slider in each.data.semantify.sliders] for each in (first, *others)]
"""
SHIFTED = """
shifted = None
if first.data.semantify.mapper_name == "anny-body-neutral":
    bpy.ops.semantify.add_character(mapper="anny-body-male")
    shifted = bpy.context.object
    shifted.location.y += 2
    for other in others:
        other.select_set(False)
    first.select_set(True)
    bpy.context.view_layer.objects.active = first
    bpy.ops.ed.undo_push(message="shifted")
result = shifted is not None
"""
BY_WORD = """
result = [{slider.name: round(slider.value, 4) for slider in each.data.semantify.sliders} for each in (first, shifted)]
"""
NO_SHIFTED = """
bpy.data.objects.remove(shifted)
for other in others:
    other.select_set(True)
bpy.ops.ed.undo_push(message="as before")
"""
VERTICES = """
evaluated = first.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
result = [round(number, 5) for vertex in list(evaluated.vertices)[::50] for number in vertex.co]
"""
APPLY = """
for other in others:
    bpy.data.objects.remove(other)
with over("WINDOW"):
    bpy.ops.object.shape_key_remove(all=True, apply_mix=True)
bpy.ops.ed.undo_push(message="applied")
"""


def play(window: BlenderWindow, out: Path) -> dict[str, Any]:
    """Alt-drag over a character of the same words and one of others, apply all keys, rebuild them."""
    seen: dict[str, Any] = {}
    window.run(CAST)
    window.redraw(4)
    seen["before"] = window.run(SLIDERS)
    slider = window.find("sliders[1].value")
    window.hand("keydown", "alt")
    window.drag(*slider, 60)
    window.hand("keyup", "alt")
    window.redraw(2)
    seen["dragged"] = window.run(SLIDERS)
    if window.run(SHIFTED):
        window.redraw(4)
        seen["by word"] = [window.run(BY_WORD)]
        slider = window.find("sliders[4].value")
        window.hand("keydown", "alt")
        window.drag(*slider, 60)
        window.hand("keyup", "alt")
        window.redraw(2)
        seen["by word"].append(window.run(BY_WORD))
        window.run(NO_SHIFTED)
        window.redraw(2)
    seen["shape"] = window.run(VERTICES)
    window.run(APPLY)
    window.redraw(4)
    window.screenshot(out / "14-lost-keys.png")
    seen["applied"] = window.run(VERTICES)
    window.click(*window.find("semantify.rebuild_keys"))
    seen["rebuilt"] = window.run(VERTICES)
    slider = window.find("sliders[1].value")
    window.drag(*slider, -60)
    seen["moved"] = window.run(VERTICES)
    return seen
