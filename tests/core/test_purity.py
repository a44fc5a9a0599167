"""core/ runs in Blender and in training alike, so it may import neither bpy nor torch."""

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

PROGRAM = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"bpy", "torch", "open_clip", "sklearn", "PIL", "matplotlib", "scipy"}:
            raise ImportError(name + " is blocked")
sys.meta_path.insert(0, Block())
import importlib, pkgutil
import semantify_blender.core as core
for module in pkgutil.walk_packages(core.__path__, core.__name__ + "."):
    importlib.import_module(module.name)
    print(module.name)
"""


def test_every_core_module_imports_without_bpy_and_torch() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "semantify_blender.core.mapper" in done.stdout


def test_sides_do_not_import_each_other() -> None:
    """training and add-on never meet; what runs in Blender never imports torch."""
    forbidden = {
        "training": ("..addon", "..rendering", "import bpy", "from bpy"),
        "addon": ("..training", "import torch", "import open_clip", "import PIL"),
        "shape_keys": ("..training", "..addon", "..rendering", "import torch", "import PIL"),
        "rendering": ("..training", "..addon", "import torch", "import PIL"),
    }
    for folder, words in forbidden.items():
        files = list((REPOSITORY / "semantify_blender" / folder).glob("*.py"))
        assert files
        for file in files:
            text = file.read_text(encoding="utf-8")
            for word in words:
                assert f"{word} " not in text, f"{file.name} has {word!r}"
                assert f"{word}\n" not in text, f"{file.name} has {word!r}"
                assert f"{word}." not in text, f"{file.name} has {word!r}"
