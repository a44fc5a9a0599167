"""How long Blender waits for the add-on when it starts: importing the package, and enabling the add-on.

    python benchmarks/enabling.py [--starts 15] [--root FOLDER]

Each start is a process of its own, as nothing is imported twice. The first one compiles the files, into a folder of the
benchmark's, and does not count. Enabling is what Blender does: importing the add-on and registering it. On a machine
that does other things, too, the processor's time says more than the clock.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

START = """
import json, os, sys, time
import bpy
bpy.ops.wm.read_factory_settings(use_empty=True)
sys.path.insert(0, {root!r})
def now():
    return time.perf_counter() * 1e3, time.process_time() * 1e3
start = now()
import semantify_blender
imported = now()
semantify_blender.register()
enabled = now()
print(json.dumps([bpy.app.version_string, start, imported, enabled]))
sys.stdout.flush()
os._exit(0)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--starts", type=int, default=15, help="processes to time")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent, help="another checkout")
    arguments = parser.parse_args()
    command = [sys.executable, "-c", START.format(root=str(arguments.root.resolve()))]
    rows = []
    with tempfile.TemporaryDirectory() as compiled:
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": compiled}
        for _ in range(arguments.starts + 1):
            done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
            rows.append(json.loads(done.stdout.splitlines()[-1]))
    print(f"Blender {rows[0][0]}, {arguments.starts} starts")
    print(f"{'':28}{'median ms':>10}{'fastest':>9}{'of the processor, median':>26}")
    for name, column in (("import semantify_blender", 2), ("enabling the add-on", 3)):
        waited, worked = (np.array([[b - a for a, b in zip(row[1], row[column], strict=True)] for row in rows[1:]])).T
        print(f"{name:28}{np.median(waited):10.1f}{waited.min():9.1f}{np.median(worked):26.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
