"""core/ runs in Blender and in training alike, so it may import neither bpy nor torch."""

import subprocess
import sys

import pytest

from tests.import_graph import REPOSITORY, files_of, imported

HEAVY = {"torch", "open_clip", "sklearn", "scipy", "PIL", "matplotlib"}
FORBIDDEN = {
    "core": {"bpy", "processes", "blender", "addon", "rendering", "training", "cli", *HEAVY},
    "processes": {"bpy", "blender", "addon", "rendering", "training", "cli", *HEAVY},
    "blender": {"addon", "rendering", "training", "cli", *HEAVY},
    "addon": {"rendering", "training", "cli", *HEAVY},
    "rendering": {"addon", "training", "cli", *HEAVY},
    "training": {"bpy", "blender", "addon", "rendering", "cli"},
}
"""Room -> what nothing in it may import, at any depth: training and add-on never meet, Blender never imports torch."""

PROGRAM = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"bpy", "torch", "open_clip", "sklearn", "PIL", "matplotlib", "scipy"}:
            raise ImportError(name + " is blocked")
sys.meta_path.insert(0, Block())
import importlib, pkgutil
for room in ("core", "processes"):
    package = importlib.import_module("semantify_blender." + room)
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
        print(module.name)
"""


def test_every_core_module_imports_without_bpy_and_torch() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "semantify_blender.core.mapper" in done.stdout


@pytest.mark.parametrize("room", sorted(FORBIDDEN))
def test_sides_do_not_import_each_other(room: str) -> None:
    # __main__ is a door of the house: `python -m semantify_blender.rendering` hands over to the command line
    files = [file for file in files_of(room) if file.name != "__main__.py"]
    assert files
    for file in files:
        for name in imported(file):
            top = name.removeprefix("semantify_blender.").split(".")[0]
            assert top not in FORBIDDEN[room], f"{file.relative_to(REPOSITORY)} imports {name}"
