"""Runs inside the Blender under test: executes Python that the driver sends over a local socket.

One JSON line each way: {"code": …} in, {"value": …} or {"error": …} out. The value is what the code stored in
`result`. Names live on between requests; `window()`, `area()`, `region(kind)` and `over(kind)` are at hand.
"""

import contextlib
import json
import os
import socket
import traceback

import bpy

link = socket.socket(socket.AF_UNIX)
link.connect(os.environ["SEMANTIFY_GUI_SOCKET"])
link.setblocking(False)
received = bytearray()

preferences = bpy.context.preferences
preferences.view.show_splash = False
preferences.view.show_tooltips = False  # they would cover screenshots
preferences.use_preferences_save = False
preferences.inputs.use_mouse_continuous = False  # a warped pointer makes simulated drags jump


def window():
    return bpy.context.window_manager.windows[0]


def area():
    views = [area for area in window().screen.areas if area.type == "VIEW_3D"]
    return max(views, key=lambda area: area.width * area.height)


def region(kind="UI"):
    return next(region for region in area().regions if region.type == kind)


def over(kind="UI"):
    return bpy.context.temp_override(window=window(), area=area(), region=region(kind))


draws = [0]
bpy.types.SpaceView3D.draw_handler_add(lambda: draws.__setitem__(0, draws[0] + 1), (), "WINDOW", "POST_PIXEL")
names = {"bpy": bpy, "window": window, "area": area, "region": region, "over": over, "draws": draws}


def answer(code: str) -> dict[str, object]:
    names["result"] = None
    try:
        exec(code, names)
        return {"value": json.loads(json.dumps(names["result"]))}
    except Exception:
        return {"error": traceback.format_exc()}


def poll() -> float:
    with contextlib.suppress(BlockingIOError):
        while part := link.recv(65536):
            received.extend(part)
    while (end := received.find(b"\n")) >= 0:
        line = bytes(received[:end])
        del received[: end + 1]
        reply = json.dumps(answer(json.loads(line)["code"])) + "\n"
        link.setblocking(True)
        link.sendall(reply.encode())
        link.setblocking(False)
    return 0.02


bpy.app.timers.register(poll, first_interval=0.3, persistent=True)
