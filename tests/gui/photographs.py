"""The part of the session with photographs: one dropped and fitted, one refused, a crop box drawn by its button."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from driver import BlenderWindow

START = """
obj = bpy.context.view_layer.objects.active
bpy.ops.semantify.reset_all()
obj.data.semantify.property_unset("fitted_to")
bpy.ops.ed.undo_push(message="photographs")
"""
DROP = """
with over("WINDOW"):
    bpy.ops.wm.drop_import_file("INVOKE_DEFAULT", directory={folder!r}, files=[{{"name": {name!r}}}])
"""
SHAPE = """
state = bpy.context.view_layer.objects.active.data.semantify
result = [round(item.value, 5) for item in (*state.sliders, *state.offset)]
"""
PREVIEW = """
import importlib, numpy
package = next(name for name in sys.modules if name.endswith(".semantify_blender.addon.state"))
memory = importlib.import_module(package).memory
preview = memory.previews[bpy.context.view_layer.objects.active.data.semantify.fit_preview]
pixels = numpy.array(preview.image_pixels_float[:]).reshape(*preview.image_size[::-1], 4)[..., :3] * 255
result = [int((abs(pixels - colour).max(2) < 40).sum()) for colour in ((255, 150, 40), (60, 190, 255), (255, 255, 255))]
"""
REFUSAL = """
package = next(name for name in sys.modules if name.endswith(".semantify_blender.addon.state"))
refusal = sys.modules[package].memory.refusal
result = refusal and refusal.text
"""
EDITOR = """
editors = [each for each in window().screen.areas if each.type == "IMAGE_EDITOR"]
result = None
if editors and editors[0].spaces.active.image is not None:
    main = next(each for each in editors[0].regions if each.type == "WINDOW")
    result = {
        "image": editors[0].spaces.active.image.name,
        "modal": [each.bl_idname for each in window().modal_operators],
        "views": sum(each.type == "VIEW_3D" for each in window().screen.areas),
        "corners": [
            [main.x + x, window().height - main.y - y]
            for x, y in (main.view2d.view_to_region(u, v, clip=False) for u, v in ((0.25, 0.95), (0.75, 0.05)))
        ],
    }
"""
CLOSE = """
with bpy.context.temp_override(window=window(), area=editors[0]):
    bpy.ops.screen.area_close()
"""


def play(window: BlenderWindow, out: Path, view: list[int], pictures: Path) -> dict[str, Any]:
    """Returns the observations by name. pictures: a folder with photograph.jpg and nobody.jpg."""
    seen: dict[str, Any] = {}
    window.run("import sys")
    window.run(START)
    seen["before"] = window.run(SHAPE)
    _drop(window, pictures / "photograph.jpg", view)
    window.wait("bpy.context.view_layer.objects.active.data.semantify.fitted_to != ''", 60)
    window.redraw(4)
    seen["fitted"] = window.run(SHAPE)
    seen["preview"] = window.run(PREVIEW)
    window.screenshot(out / "15-photograph.png")

    _drop(window, pictures / "nobody.jpg", view)
    _until(window, REFUSAL, 60)
    seen["refusal"] = window.run(REFUSAL)
    seen["after the refusal"] = window.run(SHAPE)
    window.move(*view)
    time.sleep(0.5)
    window.redraw(4)
    window.screenshot(out / "16-refused.png")
    window.key("Escape", *view)  # Blender's own message

    window.click(*window.find("semantify.open_crop"))
    _until(window, EDITOR + "result = result and 'SEMANTIFY_OT_crop_box' in result['modal']", 20)
    window.redraw(4)
    seen["editor"] = window.run(EDITOR)
    window.screenshot(out / "17-crop-button.png")
    (x0, y0), (x1, y1) = seen["editor"]["corners"]
    window.move(x0, y0)
    time.sleep(0.15)
    window.hand("mousedown", 1)
    time.sleep(0.3)
    window.run("pass")
    for i in range(1, 7):
        window.move(x0 + (x1 - x0) * i // 6, y0 + (y1 - y0) * i // 6)
        window.run("pass")
    window.hand("mouseup", 1)
    window.redraw(4)
    seen["box"] = window.ask("list(bpy.data.images['nobody.jpg'].semantify.crop)")
    window.screenshot(out / "18-crop-drawn.png")
    window.run(EDITOR + CLOSE)
    window.redraw(2)

    anyway = window.find("force=True")
    window.click(*anyway)
    window.wait("bpy.context.view_layer.objects.active.data.semantify.fitted_to == 'nobody.jpg'", 60)
    seen["refusal after fitting anyway"] = window.run(REFUSAL)
    window.screenshot(out / "19-fitted-anyway.png")
    return seen


def _drop(window: BlenderWindow, path: Path, view: list[int]) -> None:
    """Drop a picture onto the viewport, and choose Fit to Image by its letter in the menu that opens."""
    window.move(*view)
    time.sleep(0.15)
    window.run(DROP.format(folder=str(path.parent), name=path.name))
    window.redraw(2)
    window.key("f", *view)


def _until(window: BlenderWindow, code: str, seconds: float) -> None:
    """Until the code's result is true."""
    end = time.monotonic() + seconds
    while not window.run(code):
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s for {code}")
        time.sleep(0.05)
