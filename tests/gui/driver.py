"""Drives a real Blender window: Xvfb shows it, xdotool is the user's hand, a socket asks what happened.

Standard library only, because it runs wherever Blender is installed. Needs Xvfb, xdotool and ImageMagick's import.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


class BlenderWindow:
    """A Blender with a home of its own and one extension installed from a zip, as a user would."""

    def __init__(self, blender: str, zip_file: Path, extension_id: str, size: tuple[int, int] = (1280, 960)) -> None:
        self.size = size
        self.folder = Path(tempfile.mkdtemp(prefix="semantify-gui-"))
        self.log = self.folder / "blender.log"
        self.processes: list[subprocess.Popen] = []
        self.link: socket.socket | None = None
        self._buffer = b""
        home = self.folder / "home"
        home.mkdir()
        self.environment = {
            **os.environ,
            "HOME": str(home),
            "DISPLAY": self._start_display(),
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "SEMANTIFY_GUI_SOCKET": str(self.folder / "socket"),
        }
        self.environment.pop("WAYLAND_DISPLAY", None)
        install = [blender, "--command", "extension", "install-file", "-r", "user_default", "--enable", str(zip_file)]
        done = subprocess.run(install, env=self.environment, capture_output=True, text=True, timeout=120)
        if done.returncode:
            raise RuntimeError(f"the extension did not install:\n{done.stdout}{done.stderr}")
        server = socket.socket(socket.AF_UNIX)
        server.bind(self.environment["SEMANTIFY_GUI_SOCKET"])
        server.listen(1)
        server.settimeout(90)
        width, height = map(str, size)
        command = [blender, "--gpu-backend", "opengl", "--window-geometry", "0", "0", width, height]
        command += ["--factory-startup", "--addons", f"bl_ext.user_default.{extension_id}"]
        with open(self.log, "w") as log:
            self.processes.append(
                subprocess.Popen(
                    [*command, "--python", str(HERE / "inside.py")],
                    env=self.environment,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            )
        try:
            self.link, _ = server.accept()
        except TimeoutError:
            raise RuntimeError(f"Blender did not start:\n{self.log.read_text()[-3000:]}") from None
        self.link.settimeout(60)
        self.redraw()

    def _start_display(self) -> str:
        read, write = os.pipe()
        screen = "{}x{}x24".format(*self.size)
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", screen, "+extension", "GLX", "-nolisten", "tcp"]
        self.processes.append(subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL))
        os.close(write)
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start")
        return f":{number}"

    def __enter__(self) -> BlenderWindow:
        return self

    def __exit__(self, *exception: object) -> None:
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    # Python inside Blender

    def run(self, code: str) -> Any:
        """Execute code in Blender's main thread; returns what it stored in `result`."""
        assert self.link is not None
        self.link.sendall((json.dumps({"code": code}) + "\n").encode())
        while b"\n" not in self._buffer:
            part = self.link.recv(65536)
            if not part:
                raise RuntimeError(f"Blender closed the connection:\n{self.log.read_text()[-3000:]}")
            self._buffer += part
        line, self._buffer = self._buffer.split(b"\n", 1)
        reply = json.loads(line)
        if "error" in reply:
            raise RuntimeError(reply["error"])
        return reply["value"]

    def ask(self, expression: str) -> Any:
        """Value of an expression."""
        return self.run(f"result = {expression}")

    def wait(self, expression: str, seconds: float = 15) -> None:
        """Until the expression is true."""
        end = time.monotonic() + seconds
        while not self.ask(expression):
            if time.monotonic() > end:
                raise TimeoutError(f"waited {seconds} s for {expression}")
            time.sleep(0.05)

    def redraw(self, times: int = 2) -> None:
        """Until every region was drawn again."""
        for _ in range(times):
            before = self.run("result = draws[0]\nfor each in window().screen.areas: each.tag_redraw()")
            self.wait(f"draws[0] > {before}")

    # the sidebar

    def open_tab(self, category: str) -> None:
        """Show the sidebar and the tab; the tab can be chosen only after the sidebar was drawn once."""
        self.run("area().spaces.active.show_region_ui = True")
        self.wait("region().width > 50")
        self.redraw()
        self.run(f"region().active_panel_category = {category!r}")
        self.redraw()

    def find(self, wanted: str, across: float = 0.35, step: int = 9) -> tuple[int, int]:
        """Screen position of the button whose property path or operator name holds `wanted`, found by hovering.

        across: how far across the sidebar to look, 0..1.
        """
        x, y, width, height, total = self.run("r = region()\nresult = [r.x, r.y, r.width, r.height, window().height]")
        left, top = x + int(width * across), total - y - height
        for row in range(top + 4, top + height - 4, step):
            self.move(left, row)
            if wanted in self.hovered():
                self.move(left, row + 4)
                if wanted in self.hovered():
                    return left, row + 4
        raise LookupError(f"nothing under the mouse in the sidebar is {wanted!r}")

    def hovered(self) -> str:
        """Path of the property, or Python call of the operator, under the mouse."""
        time.sleep(0.05)
        return self.run(
            "manager = bpy.context.window_manager\n"
            "manager.clipboard = ''\n"
            "with over():\n"
            "    found = bpy.context.property\n"
            "    if not found and bpy.ops.ui.copy_python_command_button.poll():\n"
            "        bpy.ops.ui.copy_python_command_button()\n"
            "result = f'{found[0]!r}.{found[1]}' if found else manager.clipboard"
        )

    # the user's hand

    def hand(self, *arguments: object) -> None:
        """One xdotool command."""
        subprocess.run(["xdotool", *map(str, arguments)], env=self.environment, check=True)

    def move(self, x: int, y: int) -> None:
        """Put the pointer somewhere."""
        self.hand("mousemove", x, y)

    def click(self, x: int, y: int) -> None:
        """Press and let go, after the button under the pointer had time to wake up."""
        self.move(x, y)
        time.sleep(0.15)
        self.hand("click", 1)
        self.redraw()

    def key(self, combination: str, x: int, y: int) -> None:
        """Press keys while the pointer is at a place."""
        self.move(x, y)
        time.sleep(0.15)
        self.hand("key", combination)
        time.sleep(0.1)
        self.redraw()

    def drag(self, x: int, y: int, distance: int, steps: int = 8) -> None:
        """Drag sideways. The first motion only begins the drag; without any, Blender would open text editing."""
        self.move(x, y)
        time.sleep(0.15)
        self.hand("mousedown", 1)
        self.move(x + (1 if distance > 0 else -1), y)
        for i in range(1, steps + 1):
            time.sleep(0.04)
            self.move(x + distance * i // steps, y)
            self.run("pass")
        self.hand("mouseup", 1)
        self.redraw()

    def screenshot(self, path: Path) -> None:
        """What a person would see on the whole screen."""
        self.redraw()
        subprocess.run(["import", "-window", "root", str(path)], env=self.environment, check=True)
