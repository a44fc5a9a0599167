"""core/ and processes/ run in Blender and in training alike: they load where there is neither bpy nor torch.

What their source may import is held by the contracts in pyproject.toml; this is what really happens when they load.
"""

import subprocess
import sys

from tests.import_graph import REPOSITORY, files_of, name_of

PROGRAM = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] not in {"semantify_blender", "numpy", *sys.stdlib_module_names}:
            raise ImportError(name + " is blocked")
sys.meta_path.insert(0, Block())
import importlib
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def test_every_core_module_imports_without_bpy_and_torch() -> None:
    names = [name_of(file) for file in files_of("core", "processes")]
    assert "semantify_blender.core.mapper" in names
    command = [sys.executable, "-c", PROGRAM, *names]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
