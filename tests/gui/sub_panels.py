"""Opening the sub-panels of Shape by clicking their headers."""

from __future__ import annotations

from driver import BlenderWindow

FIRST, EACH, OFFERS = 31, 26, 26
"""Pixels from Keep Natural down to the middle of the first header, from header to header while all are closed, and more
where a row between them offers a face or an expression."""
SHOWN = """
import importlib, sys
package = next(name for name in sys.modules if name.endswith(".semantify_blender.semantify_blender"))
panels = importlib.import_module(package + ".addon.ui").CLASSES
mine = [one for one in panels if getattr(one, "bl_parent_id", "") == "SEMANTIFY_PT_shape"]
with over():
    result = [one.__name__ for one in mine if not hasattr(one, "poll") or one.poll(bpy.context)]
"""


def press_header(window: BlenderWindow, panel: str, offers: bool) -> None:
    """Click the header of a sub-panel, by its class's name; those above it are closed. offers: is that row there."""
    x, y = window.find("keep_natural", step=5)
    down = FIRST + (OFFERS if offers else 0) + EACH * window.run(SHOWN).index(panel)
    low = window.run("r = region()\nresult = window().height - r.y")
    for _ in range(10):
        if y + down < low - 20:
            break
        # what is below the window comes up with the wheel
        window.move(x, y)
        window.hand("click", 5)
        window.redraw()
        x, y = window.find("keep_natural", step=5)
    window.click(x, y + down)
    window.redraw(2)
