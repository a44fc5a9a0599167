"""The public names: what `import semantify_blender` costs, and that each is there, on docs/python.md, and typed."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import semantify_blender as sb

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "python.md"


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run code in a Python of its own, in the repository."""
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)


def test_the_import_costs_nothing_and_imports_nothing():
    code = (
        "import sys, time; start = time.perf_counter(); import semantify_blender as sb; "
        "print(time.perf_counter() - start); "
        "assert not {'numpy', 'torch', 'bpy', 'argparse'} & set(sys.modules), sorted(sys.modules); "
        "assert set(sb.__all__) <= set(dir(sb)); "
        "assert not [name for name in sys.modules if name.startswith('semantify_blender.')]"
    )
    seconds = []
    for _ in range(5):  # the quickest counts: others may be at work on this machine
        done = python(code)
        assert done.returncode == 0, done.stderr
        seconds.append(float(done.stdout))
    assert min(seconds) <= 0.05


def test_names_that_need_numpy_alone_import_no_torch():
    needs_torch = {"Line", "Scores", "SelectionOptions", "evaluate", "fit_mapper", "score_words", "select_descriptors"}
    light = sorted(set(sb.__all__) - needs_torch)
    code = "import sys, semantify_blender as sb; [getattr(sb, name) for name in sys.argv[1:]]; "
    code += "print('torch' in sys.modules)"
    done = python(code, *light)
    assert (done.returncode, done.stdout) == (0, "False\n"), done.stderr


@pytest.mark.parametrize("name", sb.__all__)
def test_every_name_is_there_and_on_the_page(name: str):
    pytest.importorskip("open_clip", reason="some names need torch and open_clip")
    value = getattr(sb, name)
    assert value.__name__ == name
    assert value.__doc__
    assert re.search(rf"\bsb\.{name}\b", PAGE.read_text(encoding="utf-8"))


def test_the_page_has_no_name_that_there_is_not():
    used = set(re.findall(r"\bsb\.(\w+)", PAGE.read_text(encoding="utf-8")))
    assert used == set(sb.__all__)


def test_what_a_type_checker_sees_is_what_is_imported():
    tree = ast.parse(Path(sb.__file__).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {alias.name: node.module for node in block.body for alias in node.names}
    assert seen == sb._WHERE
    assert list(sb._WHERE) == sb.__all__ == sorted(sb.__all__)


def test_another_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'absent'"):
        _ = sb.absent
    assert not hasattr(sb, "np")


def test_a_missing_package_is_the_sentence_of_the_command():
    pytest.importorskip("open_clip", reason="where more is missing, another package is the first")
    code = (
        "import sys\n"
        "class Block:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'torch': raise ModuleNotFoundError('blocked', name=name)\n"
        "sys.meta_path.insert(0, Block())\n"
        "import semantify_blender as sb\n"
        "from semantify_blender.cli.main import main\n"
        "status = main(['score', '--dataset', 'absent'])\n"
        "try: sb.score_words\n"
        "except sb.SemantifyError as error: print(status, error)\n"
    )
    done = python(code)
    sentence = "this verb needs the Python package 'torch': pip install 'semantify_blender[train]'"
    assert done.stdout == f"2 {sentence}\n", done.stderr
    assert done.stderr == f"error: {sentence}\n"


def test_an_extension_has_the_names_too(tmp_path: Path):
    """Blender imports the package as bl_ext.REPOSITORY.semantify_blender.semantify_blender."""
    package = tmp_path / "bl_ext" / "user_default" / "semantify_blender"
    package.mkdir(parents=True)
    (package / "semantify_blender").symlink_to(REPOSITORY / "semantify_blender")
    (package / "__init__.py").write_text((REPOSITORY / "__init__.py").read_text())
    code = (
        "import sys; sys.path[:0] = [sys.argv[1]]; sys.path = [p for p in sys.path if p]\n"
        "from bl_ext.user_default.semantify_blender import register, semantify_blender as sb\n"
        "print(sb.load_model('anny-body-neutral').name, sb.DatasetSpec.__module__)\n"
        "assert 'semantify_blender' not in sys.modules\n"
    )
    done = python(code, str(tmp_path))
    module = "bl_ext.user_default.semantify_blender.semantify_blender.core.dataset_spec"
    assert done.stdout == f"anny-body-neutral {module}\n", done.stderr
