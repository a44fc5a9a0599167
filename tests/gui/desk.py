"""The part of the session at the artist's desk: a description, a preset, what a word does, a rig that follows."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import people
import sub_panels
from driver import BlenderWindow

NEW = """
for other in bpy.context.scene.objects:
    other.hide_set(True)
bpy.ops.semantify.add_character()
with over("WINDOW"):
    bpy.ops.view3d.view_axis(type="FRONT")
    bpy.ops.view3d.view_selected()
bpy.ops.ed.undo_push(message="new")
"""
STATE = """
obj = bpy.context.view_layer.objects.active
obj = obj if obj.type == "MESH" else obj.children[0]
rig = obj.parent
bones = [round(number, 4) for bone in rig.data.bones for number in bone.head_local] if rig else []
result = {
    "sliders": {slider.name: round(slider.value, 3) for slider in obj.data.semantify.sliders},
    "outfit": obj.data.semantify.outfit,
    "bones": bones,
    "turned": round(rig.pose.bones["upperarm_l"].matrix_basis.to_quaternion().angle, 4) if rig else 0.0,
}
"""


def play(window: BlenderWindow, out: Path, view: list[int]) -> dict[str, Any]:
    """Empty where the models that come with the add-on are not there."""
    if "anny-body-neutral" not in str(window.ask("bpy.context.window_manager.semantify.mapper")):
        return {}
    window.run(NEW)
    window.redraw(4)
    seen: dict[str, Any] = {"new": window.run(STATE)}
    _describe(window, seen, out, view)
    _word(window, seen, out, view)
    _rig(window, seen, out, view)
    window.run("bpy.ops.semantify.load_preset(preset='Basketballer')\nbpy.ops.ed.undo_push(message='preset')")
    window.redraw(3)
    seen["preset"] = window.run(STATE)
    window.screenshot(out / "20-preset.png")
    window.key("ctrl+z", *view)
    seen["preset undone"] = window.run(STATE)
    return seen


def _describe(window: BlenderWindow, seen: dict[str, Any], out: Path, view: list[int]) -> None:
    """Type into the field, Enter, undo, redo."""
    x, y = window.find("semantify.describe", across=0.4, step=5)
    window.click(x, y)
    time.sleep(0.3)
    window.hand("type", "--delay", "30", "tall, not fat, very muscular")
    window.hand("key", "Return")
    time.sleep(0.3)
    window.redraw(4)
    seen["described"] = window.run(STATE)
    window.screenshot(out / "17-described.png")
    window.key("ctrl+z", *view)
    seen["description undone"] = window.run(STATE)
    window.key("ctrl+shift+z", *view)
    seen["description redone"] = window.run(STATE)


def _word(window: BlenderWindow, seen: dict[str, Any], out: Path, view: list[int]) -> None:
    """The eye beside a slider: a heat-map over the figure, and pictures in a popover; both go away."""
    before = _pixels(window, out / "before.ppm", view)
    x, y = window.find("sliders[1].value", step=5)
    left, width = window.run("r = region()\nresult = [r.x, r.width]")
    for share in (0.70, 0.72, 0.74, 0.76, 0.78, 0.80, 0.82):
        # how wide the buttons beside a slider are depends on the theme's font
        x = left + int(width * share)
        window.move(x, y)
        if "show_word" in window.hovered():
            break
    window.click(x, y)
    time.sleep(1.0)
    window.redraw(3)
    window.screenshot(out / "18-word.png")
    seen["heat"] = _different(before, _pixels(window, out / "heat.ppm", view))
    window.key("Escape", *view)
    time.sleep(6.5)
    window.redraw(3)
    seen["heat left"] = _different(before, _pixels(window, out / "after.ppm", view))


def _rig(window: BlenderWindow, seen: dict[str, Any], out: Path, view: list[int]) -> None:
    """Add Rig from its sub-panel, hold it relaxed, drag a slider, undo, redo."""
    sub_panels.press_header(window, "SEMANTIFY_PT_rig", bool(people.offered(window)))
    x, y = window.find("semantify.add_rig", step=5)
    window.click(x, y)
    seen["rigged"] = window.run(STATE)
    window.run("bpy.ops.semantify.pose_rig(pose='RELAXED')\nbpy.ops.ed.undo_push(message='pose')")
    window.redraw(3)
    seen["posed"] = window.run(STATE)
    window.drag(*window.find("sliders[0].value", step=5), -60)
    seen["dragged"] = window.run(STATE)
    window.screenshot(out / "19-rig.png")
    window.key("ctrl+z", *view)
    seen["drag undone"] = window.run(STATE)
    window.key("ctrl+shift+z", *view)
    seen["drag redone"] = window.run(STATE)


def _pixels(window: BlenderWindow, path: Path, view: list[int]) -> bytes:
    """A piece of the viewport around where the character stands, as raw bytes."""
    window.screenshot(path.with_suffix(".png"))
    crop = f"120x300+{view[0] + 20}+{view[1] - 150}"
    subprocess.run(
        ["convert", str(path.with_suffix(".png")), "-crop", crop, "-depth", "8", f"rgb:{path}"], check=True,
        env=window.environment,
    )  # fmt: skip
    found = path.read_bytes()
    path.unlink()
    path.with_suffix(".png").unlink()
    return found


def _different(one: bytes, other: bytes) -> float:
    """Share of bytes that differ by more than a little."""
    return sum(abs(a - b) > 12 for a, b in zip(one, other, strict=True)) / max(len(one), 1)
