"""Words of one's own, trained in the real Blender's window: written, begun, cancelled, gone on with, shown and used.

python3 tests/gui/own_words.py --blender blender --zip semantify_blender-0.1.0.zip --python PYTHON --out out/own_words

where PYTHON has torch and open_clip.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from driver import BlenderWindow

PATIENCE = 600
"""Seconds for the training, on a machine that has other things to do."""
BEGIN = """
import importlib, sys
addon = next(name for name in sys.modules if name.endswith(".semantify_blender.semantify_blender")).rpartition(".")[0]
bpy.ops.preferences.addon_enable(module=addon)  # an add-on that the command line enables has no preferences
for other in list(bpy.data.objects):
    bpy.data.objects.remove(other)
package = next(name for name in sys.modules if name.endswith(".semantify_blender.semantify_blender"))
memory = importlib.import_module(package + ".addon.state").memory
jobs = importlib.import_module(package + ".addon.jobs")
panel = importlib.import_module(package + ".addon.ui.own_words_panel").SEMANTIFY_PT_own_words
bpy.utils.unregister_class(panel)
panel.bl_options = set()  # drawn open
bpy.utils.register_class(panel)
bpy.context.preferences.addons[addon].preferences.python = PYTHON
session = bpy.context.window_manager.semantify
"""
LOOK = """
with over("WINDOW"):
    bpy.ops.view3d.view_axis(type="FRONT")
    bpy.ops.view3d.view_all()
area().spaces.active.show_gizmo = False
"""
JOB = """
job = memory.job
result = {"text": job.text, "fraction": round(job.fraction, 3), "running": jobs.running(), "error": job.error,
          "cancelled": job.cancelled} if job else {}
"""
STATE = """
obj = bpy.context.view_layer.objects.active
result = {"sliders": {slider.name: round(slider.value, 3) for slider in obj.data.semantify.sliders},
          "mapper": obj.data.semantify.mapper_path,
          "positions": round(sum((i % 97 + 1) * v.co.length for i, v in enumerate(
              obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).data.vertices)), 2)}
"""
TITLES = """
titles = importlib.import_module(package + ".addon.catalogue")
result = list(titles.mappers())
"""


def play(window: BlenderWindow, python: str, out: Path) -> dict[str, Any]:
    """All of it. Returns what was seen by name."""
    window.run(BEGIN.replace("PYTHON", repr(python)))
    window.open_tab("Semantify")
    window.run("session.own_samples = 16\nsession.own_name = 'mine'")
    window.click(*window.find("semantify.add_character"))
    window.run(LOOK)
    window.redraw(3)
    seen: dict[str, Any] = {"before": window.run(STATE)}
    window.run("bpy.ops.semantify.add_word(word='slim, stocky')\nresult = None")
    window.redraw(3)
    _scroll(window, 5, 40)
    seen["words"] = window.ask("[item.name for item in session.own_words]")
    window.screenshot(out / "1-words.png")

    began = time.monotonic()
    window.click(*_found(window, "semantify.train_mapper"))
    _until(window, lambda job: job["running"] and job["fraction"] > 0.12)
    window.redraw(3)
    seen["running"] = window.run(JOB)
    window.screenshot(out / "2-running.png")
    window.key("Escape", *window.run("r = region('WINDOW')\nresult = [r.x + 200, window().height - r.y - 200]"))
    _until(window, lambda job: not job["running"])
    time.sleep(0.5)
    window.redraw(3)
    seen["cancelled"] = window.run(JOB)
    seen["kept"] = window.run("result = sorted((memory.unfinished or {}).values())")
    _scroll(window, 5, 20)
    window.screenshot(out / "3-cancelled.png")

    window.click(*_found(window, "semantify.train_mapper(folder="))
    _until(window, lambda job: job["running"], ended=True)
    seen["fractions"] = _until(window, lambda job: not job["running"])
    seen["seconds"] = round(time.monotonic() - began)
    seen["ended"] = window.run(JOB)
    seen["trained"] = window.run("result = memory.trained")
    seen["mappers"] = window.run(TITLES)
    _use(window, seen, out)
    seen["errors"] = [line for line in window.log.read_text().splitlines() if "Traceback" in line or "Error:" in line]
    return seen


def _use(window: BlenderWindow, seen: dict[str, Any], out: Path) -> None:
    """The popover that opens by itself is sent away, opened again, and used; then one of its sliders is dragged."""
    time.sleep(1.0)
    window.redraw(3)
    window.hand("key", "Escape")
    _scroll(window, 5, 20)
    x, y = _found(window, "semantify.training_result")
    window.screenshot(out / "closed.png")
    window.click(x, y)
    time.sleep(0.5)
    window.screenshot(out / "4-result.png")
    left, top, width, height = seen["popover"] = _changed(window, out / "closed.png", out / "4-result.png")
    (out / "closed.png").unlink()
    # Use on This Character is its last row
    window.click(left + width // 2, top + height - 16)
    time.sleep(0.5)
    window.redraw(3)
    seen["used"] = window.run(STATE)
    # it stays open as long as the pointer is over it
    window.hand("key", "Escape")
    window.move(window.size[0] // 3, 200)
    window.redraw(2)
    _scroll(window, 4, 60)
    window.drag(*window.find("sliders[0].value"), 60)
    seen["dragged"] = window.run(STATE)
    window.redraw(3)
    window.screenshot(out / "5-used.png")


def _changed(window: BlenderWindow, before: Path, after: Path) -> list[int]:
    """Left, top, width and height of the part of the window that changed, from the sidebar to the right."""
    first = window.run("result = region().x")
    right = f"{window.size[0] - first}x{window.size[1]}+{first}+0"
    command = ["convert", str(before), str(after), "-crop", right, "+repage", "-compose", "difference", "-composite"]
    command += ["-colorspace", "gray", "-threshold", "4%", "-format", "%@", "info:"]
    box = subprocess.run(command, check=True, capture_output=True, text=True, env=window.environment).stdout
    width, height, left, top = (int(part) for part in box.replace("x", "+").split("+"))
    return [first + left, top, width, height]


def _found(window: BlenderWindow, wanted: str, across: float = 0.5) -> tuple[int, int]:
    """Like `find`, from the bottom of the sidebar up: what is looked for is in the last open panel."""
    x, y, width, height, total = window.run("r = region()\nresult = [r.x, r.y, r.width, r.height, window().height]")
    left = x + int(width * across)
    for row in range(total - y - 6, total - y - height, -9):
        window.move(left, row)
        if wanted in window.hovered():
            return left, row - 3
    raise LookupError(f"nothing under the mouse in the sidebar is {wanted!r}")


def _scroll(window: BlenderWindow, button: int, times: int) -> None:
    """Turn the wheel over the sidebar. button: 4 is up, 5 down."""
    x, y, width, height, total = window.run("r = region()\nresult = [r.x, r.y, r.width, r.height, window().height]")
    window.move(x + width // 2, total - y - height // 2)
    for _ in range(times):
        window.hand("click", button)
    window.redraw(2)


def _until(window: BlenderWindow, done: Any, ended: bool = False) -> list[float]:
    """Wait for the job to be as asked. ended: one from before is no failure. Returns its fractions, each once."""
    end, fractions = time.monotonic() + PATIENCE, []
    while True:
        job = window.run(JOB)
        if job and job["fraction"] not in fractions:
            fractions.append(job["fraction"])
        if job and done(job):
            return fractions
        if job and not job["running"] and not ended:
            raise RuntimeError(f"the training ended: {job}")
        if time.monotonic() > end:
            raise TimeoutError(f"waited {PATIENCE} s: {job}")
        time.sleep(0.1)


def main() -> int:
    """Play, print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--blender", default="blender")
    parser.add_argument("--zip", type=Path, required=True)
    parser.add_argument("--python", required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with BlenderWindow(options.blender, options.zip, "semantify_blender", (1600, 1080)) as window:
        found = play(window, options.python, options.out)
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
