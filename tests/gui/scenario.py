"""One user's session with the installed extension, played with real mouse and keys.

Prints a JSON of what was observed and saves screenshots; tests/gui/test_gui.py judges both. Run it alone with

    python3 tests/gui/scenario.py --blender blender --zip semantify_blender-0.1.0.zip --pictures FOLDER --out out/gui

where the folder holds photograph.jpg, of a person, and nobody.jpg.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
import copies_and_losses
import desk
import fit_image
import own_keys
import people
import photographs
import sub_panels
from driver import BlenderWindow

CHARACTER = "bpy.context.view_layer.objects.active"
MESH_STATE = f"""
obj = {CHARACTER}
graph = bpy.context.evaluated_depsgraph_get()
evaluated = obj.evaluated_get(graph).data
result = {{
    "sliders": [slider.value for slider in obj.data.semantify.sliders],
    "keys": [(key.name, key.value) for key in obj.data.shape_keys.key_blocks],
    "positions": sum((i % 97 + 1) * v.co.length for i, v in enumerate(evaluated.vertices)),
    "frame": bpy.context.scene.frame_current,
}}
"""
ABOUT = f"""
obj = {CHARACTER}
heights = [vertex.co.z for vertex in obj.data.vertices]
words = [slider.name for slider in obj.data.semantify.sliders]
result = {{"selected": obj.select_get(), "words": words, "lowest": min(heights), "vertices": len(heights)}}
"""


def play(window: BlenderWindow, out: Path, pictures: Path) -> dict[str, Any]:
    """The session; returns the observations by name."""
    seen: dict[str, Any] = {"version": window.ask("bpy.app.version_string")}
    window.run("bpy.ops.object.select_all(action='SELECT'); bpy.ops.object.delete()")
    window.open_tab("Semantify")
    seen["tab"] = window.ask("region().active_panel_category")
    window.screenshot(out / "1-empty.png")

    window.click(*window.find("semantify.add_character"))
    window.wait(f"{CHARACTER} is not None")
    seen["character"] = window.run(ABOUT)
    window.run(
        "with over('WINDOW'):\n"
        "    bpy.ops.view3d.view_axis(type='FRONT')\n"
        "    bpy.ops.view3d.view_orbit(angle=0.5, type='ORBITRIGHT')\n"
        "    bpy.ops.view3d.view_selected()\n"
        "view = area().spaces.active\n"
        "view.show_gizmo = False\nview.region_3d.view_distance *= 1.05"
    )
    window.redraw(4)
    window.screenshot(out / "2-added.png")
    seen["added"] = window.run(MESH_STATE)

    slider = window.find("sliders[1].value")
    window.drag(*slider, 60)
    seen["dragged"] = window.run(MESH_STATE)
    window.screenshot(out / "3-dragged.png")
    view = window.run("r = region('WINDOW')\nresult = [r.x + r.width // 3, window().height - r.y - r.height // 2]")
    window.key("ctrl+z", *view)
    seen["undone"] = window.run(MESH_STATE)
    window.key("ctrl+shift+z", *view)
    seen["redone"] = window.run(MESH_STATE)

    window.run("bpy.context.scene.frame_set(1)")
    window.key("i", *slider)
    window.run("bpy.context.scene.frame_set(11)")
    window.drag(*slider, -90)
    seen["second pose"] = window.run(MESH_STATE)
    window.key("i", *slider)
    scrubbed = []
    for frame in (1, 6, 11):
        window.run(f"bpy.context.scene.frame_set({frame})")
        window.redraw()
        scrubbed.append(window.run(MESH_STATE))
    seen["scrubbed"] = scrubbed
    window.screenshot(out / "4-keyed.png")

    window.click(*window.find("semantify.randomize", across=0.7))
    seen["randomized"] = window.run(MESH_STATE)
    window.screenshot(out / "5-randomized.png")
    window.key("ctrl+z", *view)
    seen["randomize undone"] = window.run(MESH_STATE)

    window.key("Tab", *view)
    seen["mode"] = window.ask("bpy.context.mode")
    window.screenshot(out / "6-edit-mode.png")
    window.key("Tab", *view)
    seen["after edit mode"] = window.run(MESH_STATE)
    seen["baked"] = bake_and_look(window, out, view)
    seen["fit"] = fit_image.play(window, out, view)
    seen["photographs"] = photographs.play(window, out, view, pictures)
    seen["copies and losses"] = copies_and_losses.play(window, out)
    seen["own keys"] = own_keys.play(window, out, view)
    seen["people"] = people.play(window, out, view)
    seen["desk"] = desk.play(window, out, view)
    seen["errors"] = [line for line in window.log.read_text().splitlines() if "Traceback" in line or "Error:" in line]
    return seen


def bake_and_look(window: BlenderWindow, out: Path, view: list[int]) -> dict[str, Any]:
    """Open the sub-panels by clicking their headers, look at the details, bake and free."""
    offers = bool(people.offered(window))
    x, y = window.find("keep_natural", step=5)
    sub_panels.press_header(window, "SEMANTIFY_PT_details", offers)
    sub_panels.press_header(window, "SEMANTIFY_PT_animation", offers)
    window.redraw(4)
    window.screenshot(out / "7-details.png")
    for _ in range(6):
        # more rows than the window holds
        window.hand("click", 5)
    window.redraw()
    bake = window.find("semantify.bake", step=5)
    window.click(*bake)
    time.sleep(0.5)
    window.key("Return", *bake)
    window.redraw(4)
    baked = window.ask(f"{CHARACTER}.data.semantify.baked")
    window.screenshot(out / "8-baked.png")
    window.key("ctrl+z", *view)
    for _ in range(30):
        window.move(x, y)
        window.hand("click", 4)
    window.redraw()
    return {"after bake": baked, "after undo": window.ask(f"{CHARACTER}.data.semantify.baked")}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--blender", required=True)
    parser.add_argument("--zip", type=Path, required=True)
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    with BlenderWindow(arguments.blender, arguments.zip, "semantify_blender") as window:
        print(json.dumps(play(window, arguments.out, arguments.pictures)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
