"""The part of the session that fits the character to a picture, undoes it, drags a crop box and drops a picture."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from driver import BlenderWindow

PICTURE = """
obj = bpy.context.view_layer.objects.active
obj.data.animation_data_clear()
for i, value in enumerate({sliders}):
    obj.data.semantify.sliders[i].value = value
scene = bpy.context.scene
scene.render.resolution_x = scene.render.resolution_y = 300
scene.render.film_transparent = True
scene.render.filepath = {path!r}
bpy.context.view_layer.update()
camera = bpy.data.objects.new("Eye", bpy.data.cameras.new("Eye"))
scene.collection.objects.link(camera)
camera.location, camera.rotation_euler = (0, -4, 0.9), (1.5708, 0, 0)
scene.camera = camera
scene.render.engine = "BLENDER_WORKBENCH"
bpy.ops.render.render(write_still=True)
bpy.data.objects.remove(camera)
bpy.ops.semantify.reset_all()
image = bpy.data.images.load({path!r})
bpy.context.window_manager.semantify.image = image.name
bpy.ops.ed.undo_push(message="picture")
result = image.name
"""
STATE = """
obj = bpy.context.view_layer.objects.active
evaluated = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
state = obj.data.semantify
result = {
    "sliders": [slider.value for slider in state.sliders],
    "offset": [item.value for item in state.offset],
    "fitted to": state.fitted_to,
    "components": state.component_count,
    "positions": sum((i % 97 + 1) * v.co.length for i, v in enumerate(evaluated.vertices)),
}
"""
SPLIT = """
with bpy.context.temp_override(window=window(), area=area()):
    bpy.ops.screen.area_split(direction="VERTICAL", factor=0.4)
views = [each for each in window().screen.areas if each.type == "VIEW_3D"]
editor = min(views, key=lambda each: each.x)
editor.type = "IMAGE_EDITOR"
editor.spaces.active.image = bpy.data.images[{image!r}]
editor.spaces.active.show_region_ui = True
"""
EDITOR = """
editor = next(each for each in window().screen.areas if each.type == "IMAGE_EDITOR")
main = next(each for each in editor.regions if each.type == "WINDOW")
side = next(each for each in editor.regions if each.type == "UI")
"""
WHOLE = """
with bpy.context.temp_override(window=window(), area=editor, region=main):
    bpy.ops.image.view_all(fit_view=True)
"""
CROP = """
with bpy.context.temp_override(window=window(), area=editor, region=main):
    bpy.ops.semantify.crop_box("INVOKE_DEFAULT")
result = [
    [main.x + x, window().height - main.y - y]
    for x, y in (main.view2d.view_to_region(u, v, clip=False) for u, v in ((0.25, 0.95), (0.75, 0.05)))
]
"""


def play(window: BlenderWindow, out: Path, view: list[int]) -> dict[str, Any]:
    """Returns the observations by name."""
    seen: dict[str, Any] = {}
    path = window.folder / "subject.png"
    image = window.run(PICTURE.format(sliders=(0.5, 0.9), path=str(path)))
    window.redraw(4)
    seen["before"] = window.run(STATE)
    window.click(*window.find("semantify.fit_image"))
    window.wait("bpy.context.view_layer.objects.active.data.semantify.fitted_to != ''", 60)
    window.redraw(4)
    seen["fitted"] = window.run(STATE)
    window.screenshot(out / "11-fitted.png")
    window.key("ctrl+z", *view)
    seen["undone"] = window.run(STATE)
    window.key("ctrl+shift+z", *view)
    seen["redone"] = window.run(STATE)

    window.run(
        "with over('WINDOW'):\n    bpy.ops.wm.drop_import_file('INVOKE_DEFAULT', "
        f"directory={str(path.parent)!r}, files=[{{'name': {path.name!r}}}])"
    )
    window.redraw(2)
    window.screenshot(out / "12-dropped.png")
    window.key("Escape", *view)

    window.run(SPLIT.format(image=image))
    window.redraw(4)
    window.run(EDITOR + "side.active_panel_category = 'Semantify'")
    window.run(EDITOR + WHOLE)
    window.redraw(4)
    (x0, y0), (x1, y1) = window.run(EDITOR + CROP)
    window.move(x0, y0)
    time.sleep(0.15)
    window.hand("mousedown", 1)
    time.sleep(0.3)
    window.run("pass")  # the press is taken where the pointer is when Blender gets to it
    for i in range(1, 7):
        window.move(x0 + (x1 - x0) * i // 6, y0 + (y1 - y0) * i // 6)
        window.run("pass")
    window.hand("mouseup", 1)
    window.redraw(4)
    seen["crop"] = window.ask(f"list(bpy.data.images[{image!r}].semantify.crop)")
    window.screenshot(out / "13-crop-box.png")
    window.run(
        EDITOR + "with bpy.context.temp_override(window=window(), area=editor, region=main):\n"
        f"    result = list(bpy.ops.semantify.fit_image(image={image!r}))"
    )
    seen["fitted to the crop"] = window.run(STATE)
    window.run(
        EDITOR + "with bpy.context.temp_override(window=window(), area=editor):\n    bpy.ops.screen.area_close()"
    )
    window.redraw(2)
    return seen
