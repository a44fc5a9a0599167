"""Rendering into a file: the one place where a path is handed to Blender's render output."""

from pathlib import Path

import bpy

from ...processes.child import held


def output_to(scene: bpy.types.Scene, path: Path) -> None:
    """Have a scene write its pictures to exactly this path.

    Since 4.5 Blender takes what is in braces for a variable of its own; other versions take two braces for two.
    """
    text = str(path.absolute())
    scene.render.filepath = "/{{}}"
    if scene.render.frame_path(frame=1).startswith("/{}"):
        text = text.replace("{", "{{").replace("}", "}}")
    scene.render.filepath = text


def render_still(scene: bpy.types.Scene, path: Path) -> None:
    """Render the picture that `output_to` asked for. An interrupt is raised when it is done.

    Raises RuntimeError or OSError when there is no picture afterwards.
    """
    path.unlink(missing_ok=True)
    with held():
        bpy.ops.render.render(write_still=True, scene=scene.name)
    if not path.is_file():
        raise RuntimeError("Blender wrote no picture")
