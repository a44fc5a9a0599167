"""The tour of docs/tour.md, played in a real Blender; its pictures are the screenshots of this.

python3 tests/gui/tour.py --blender blender --zip semantify_blender-0.1.0.zip --picture ann.jpg --out out/tour
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from driver import BlenderWindow

BEGIN = """
for other in list(bpy.data.objects):
    bpy.data.objects.remove(other)
"""
LOOK = """
with over("WINDOW"):
    bpy.ops.view3d.view_axis(type="FRONT")
    bpy.ops.view3d.view_orbit(angle=0.35, type="ORBITRIGHT")
    bpy.ops.view3d.view_all()
view = area().spaces.active
view.show_gizmo = False
view.overlay.show_relationship_lines = False
"""
WALK = """
import importlib, sys
import numpy as np
from mathutils import Matrix
package = next(name for name in sys.modules if name.endswith(".semantify_blender.semantify_blender"))
poses = importlib.import_module(package + ".core.model.random_poses")
posing = importlib.import_module(package + ".core.model.posing")
chains = importlib.import_module(package + ".core.model.chains")
rig = bpy.data.objects["Person Rig"]
names = [bone.name for bone in rig.pose.bones]
for number, frame in enumerate((1, 13, 25)):
    side = -1.0 if number == 1 else 1.0
    arms = {"upperarm.L": (-22.0 * side, -32.0, 0), "upperarm.R": (22.0 * side, -32.0, 0)}
    legs = {"thigh.L": (28.0 * side, 0, 0), "thigh.R": (-20.0 * side, 0, 0)}
    knees = {"shin.L": (-8.0 - 8 * side, 0, 0), "shin.R": (-14.0 + 10 * side, 0, 0)}
    found = posing.turns_of(len(names), chains.chains_of(names), poses.rotations_of(arms | legs | knees))
    for bone, turn in zip(rig.pose.bones, found):
        rest = bone.bone.matrix_local.to_3x3()
        bone.matrix_basis = (rest.inverted() @ Matrix(turn.tolist()) @ rest).to_4x4()
        bone.rotation_mode = "QUATERNION"
        bone.keyframe_insert("rotation_quaternion", frame=frame)
bpy.context.scene.frame_end = 25
bpy.context.scene.frame_set(1)
"""
BACK = """
for other in list(bpy.data.objects):
    bpy.data.objects.remove(other)
bpy.ops.import_scene.gltf(filepath=PATH)
result = [sorted(one.type for one in bpy.data.objects if one.type in ("MESH", "ARMATURE")),
          [action.name for action in bpy.data.actions], len(bpy.data.armatures[0].bones)]
"""


def play(window: BlenderWindow, picture: Path, out: Path) -> dict[str, object]:
    """Every step of the page. Returns what came back from the exported file."""

    def shot(name: str) -> None:
        window.redraw(4)
        window.screenshot(out / f"{name}.png")

    window.run(BEGIN)
    window.open_tab("Semantify")
    window.click(*window.find("semantify.add_character"))
    window.run(LOOK)
    x, y = window.find("semantify.describe", across=0.4, step=5)
    window.click(x, y)
    time.sleep(0.3)
    window.hand("type", "--delay", "20", "a tall, heavily muscular woman with long legs")
    window.hand("key", "Return")
    time.sleep(0.5)
    shot("describe")
    window.run("bpy.ops.semantify.change_clothes(outfit='casual')\nbpy.ops.semantify.skin_tone(step=6)")
    window.run("bpy.context.object.data.semantify.regions['top'].colour = (0.35, 0.03, 0.05)")
    window.run("bpy.ops.semantify.add_rig()")
    window.run(WALK)
    shot("walk")
    window.run("bpy.context.view_layer.objects.active = bpy.data.objects['Person']")
    window.drag(*window.find("sliders[1].value", step=5), 60)
    shot("drag")
    window.run("bpy.ops.object.select_all(action='DESELECT')\nbpy.context.view_layer.objects.active = None")
    window.run(f"bpy.ops.semantify.fit_image(filepath={str(picture)!r}, height_known=True, height=1.7)")
    window.run("bpy.context.object.location.x = 1.3")
    window.run(LOOK)
    shot("fitted")
    path = str(out / "people.glb")
    window.run(
        "bpy.ops.object.select_all(action='SELECT')\n"
        "bpy.context.view_layer.objects.active = bpy.data.objects['Person']\n"
        f"bpy.ops.semantify.export_glb(filepath={path!r})"
    )
    types, actions, bones = window.run(BACK.replace("PATH", repr(path)))
    return {"bytes": Path(path).stat().st_size, "objects": types, "actions": actions, "bones": bones}


def main() -> int:
    """Play, print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--blender", default="blender")
    parser.add_argument("--zip", type=Path, required=True)
    parser.add_argument("--picture", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with BlenderWindow(options.blender, options.zip, "semantify_blender") as window:
        found = play(window, options.picture, options.out)
    print(json.dumps({**found, "seconds": round(time.monotonic() - began)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
