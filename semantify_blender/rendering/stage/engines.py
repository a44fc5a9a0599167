"""Render engines and devices by what exists on this machine."""

import os
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import bpy

from ...core.devices import KINDS, Device
from ...core.errors import SemantifyError
from ...processes import child

CYCLES_DEVICES = KINDS["gpu"]
_PROBE_SECONDS = 300
_wanted: Device | None = None
_threads: int | None = None

# run in a child: without OpenGL Blender aborts the whole process instead of raising
_PROBE = """
import bpy
from pathlib import Path
from semantify_blender.rendering.stage.still import output_to, render_still
engine, path = {engine!r}, Path({path!r})
scene = bpy.context.scene
scene.camera = bpy.data.objects.get("Camera") or bpy.data.objects.new("c", bpy.data.cameras.new("c"))
scene.render.engine = engine
scene.render.resolution_x = scene.render.resolution_y = 8
scene.render.use_file_extension = False
output_to(scene, path)
render_still(scene, path)
"""


def engine_id(engine: str) -> str:
    """Blender's identifier for "cycles", "eevee" or "workbench" in this version."""
    if engine == "eevee":
        # EEVEE was rewritten in 4.2 as BLENDER_EEVEE_NEXT and took the old name in 5.0
        return "BLENDER_EEVEE" if bpy.app.version >= (5, 0, 0) else "BLENDER_EEVEE_NEXT"
    return {"cycles": "CYCLES", "workbench": "BLENDER_WORKBENCH"}[engine]


@cache
def _opengl_failure(engine: str) -> str:
    """Why EEVEE or Workbench cannot run here, found by a trial render in a child process; empty when it can."""
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "probe.png"
        code = _PROBE.format(engine=engine_id(engine), path=str(image))
        command = child.code_command(bpy.app.binary_path or None, code)
        status: int | str
        try:
            with child.start(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as trial:
                try:
                    status = trial.wait(_PROBE_SECONDS)
                finally:
                    child.end(trial)
        except (OSError, subprocess.TimeoutExpired) as error:
            status = type(error).__name__
        # the exit status alone says little: some builds crash at exit after a good picture
        return "" if image.is_file() else f"trial render ended with {status}"


def require(engine: str) -> None:
    """Raise SemantifyError when an engine cannot run on this machine. EEVEE and Workbench need OpenGL."""
    if engine == "cycles":
        if "cycles" not in bpy.context.preferences.addons:
            raise SemantifyError("Blender's Cycles add-on is switched off: enable it, or use --engine eevee")
    elif failure := _opengl_failure(engine):
        raise SemantifyError(
            f"engine {engine!r} needs OpenGL, which does not work on this machine ({failure}): "
            "use --engine cycles, or install EGL (Debian: libegl1 libegl-mesa0)"
        )


def use_engine(scene: bpy.types.Scene, engine: str, samples: int) -> str:
    """Set a scene's engine for many small pictures.

    Returns the device in words, such as "CPU, 8 threads" or "OPTIX: NVIDIA …".
    Raises SemantifyError when the engine cannot run here.
    """
    require(engine)
    scene.render.engine = engine_id(engine)
    if engine == "cycles":
        return _use_cycles(scene, samples)
    if engine == "eevee":
        scene.eevee.taa_render_samples = samples
        return "OpenGL"
    scene.display.render_aa = next(name for count, name in _WORKBENCH_AA if samples <= count)
    shading = scene.display.shading
    shading.light, shading.color_type, shading.show_cavity = "STUDIO", "MATERIAL", True
    shading.background_type = "WORLD"
    return "OpenGL"


_WORKBENCH_AA = ((1, "OFF"), (4, "FXAA"), (5, "5"), (8, "8"), (11, "11"), (16, "16"), (2**31, "32"))


def _use_cycles(scene: bpy.types.Scene, samples: int) -> str:
    cycles = scene.cycles
    cycles.samples = samples
    cycles.use_adaptive_sampling = False
    cycles.use_denoising = False
    # only light that comes straight from the lamps: no noise from bounces, and a third of the time
    cycles.max_bounces = 0
    cycles.use_auto_tile = False
    cycles.use_light_tree = False  # one lamp needs no tree
    device = cycles_device()
    scene.render.threads_mode = "FIXED" if _threads else "AUTO"
    if _threads:
        scene.render.threads = _threads
    cycles.device = "CPU" if device.startswith("CPU") else "GPU"
    scene.render.use_persistent_data = True
    return device


def prefer(device: str | None, threads: int | None) -> None:
    """Have this process render on one processor, "cpu", "cuda:1", …, and on the CPU with so many threads.

    None leaves it to `cycles_device`. Raises SemantifyError for a device that is none.
    """
    global _wanted, _threads
    _wanted, _threads = None if device is None else Device.parse(device), threads


def cycles_device() -> str:
    """Choose and switch on the best Cycles device: OptiX, CUDA, HIP, oneAPI, Metal, else CPU. Returns it in words.

    Raises SemantifyError where the one that `prefer` was told is not there.
    """
    preferences = bpy.context.preferences.addons["cycles"].preferences
    wanted = os.environ.get("SEMANTIFY_DEVICE", "").upper()
    for kind in CYCLES_DEVICES if _wanted is None else KINDS[_wanted.kind]:
        if _wanted is None and wanted and wanted != kind:
            continue
        try:
            preferences.compute_device_type = kind
        except TypeError:
            continue  # this build does not know the kind
        preferences.refresh_devices()
        found = [device for device in preferences.devices if device.type == kind]
        if _wanted is not None and _wanted.number is not None:
            found = found[_wanted.number : _wanted.number + 1]
        if found:
            for device in preferences.devices:
                device.use = device in found
            return f"{kind}: {', '.join(device.name for device in found)}"
    if _wanted is not None and _wanted.kind != "cpu":
        raise SemantifyError(
            f"--device {_wanted.text}: Cycles finds no such device here; leave --device out, or give cpu"
        )
    preferences.compute_device_type = "NONE"
    return f"CPU, {_threads or os.cpu_count()} threads"
