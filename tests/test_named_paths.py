"""What the documentation, docstrings and comments name is there: files, folders, modules and what modules define."""

import ast
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = REPOSITORY / "semantify_blender"
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
CODE = [
    file
    for folder in ("semantify_blender", "scripts", "tests", "benchmarks", "headless")
    for file in sorted((REPOSITORY / folder).rglob("*.py"))
    if file != Path(__file__)
]
ROOMS = sorted(folder.name for folder in PACKAGE.iterdir() if (folder / "__init__.py").is_file())
TOPS = ["semantify_blender", "scripts", "tests", "docs", "benchmarks", "headless", *ROOMS]

LINK = re.compile(r"""\]\(([^)#:\s]+)(?:#[^)]*)?\)|src="([^":]+)\"""")
# a path of which the repository or the package has the first folder; not the end of a longer path or of an address
PATH = re.compile(rf"(?<![\w./~<$-])(?:{'|'.join(TOPS)})/[\w.*/-]*[\w*]")
SCRIPT = re.compile(r"(?<![\w./~<$*-])[\w-]+\.(?:py|sh)\b")
DOTTED = re.compile(r"(?<![\w./-])semantify_blender(?:\.[A-Za-z_]\w*)+")


def there(path: str, beside: Path) -> bool:
    """Whether the path, which may hold *, is one from the repository, from the package or from the page's folder."""
    return any(next(start.glob(path), None) is not None for start in (REPOSITORY, PACKAGE, beside))


def defined(file: Path) -> set[str]:
    """What a module defines, imports or sets at its top."""
    names = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def known(dotted: str) -> bool:
    """Whether a dotted name is a package, a module, or something that one of them defines."""
    place, (first, *rest) = REPOSITORY, dotted.split(".")
    while (place / first).is_dir() and rest:
        place, (first, *rest) = place / first, rest
    if (place / first).is_dir():
        return True
    if (place / f"{first}.py").is_file():
        return not rest or rest[0] in defined(place / f"{first}.py")
    return first in defined(place / "__init__.py")


def lost(text: str, folder: Path) -> list[str]:
    """All that a page in `folder` names and that is not there."""
    found = [path for path in PATH.findall(text) if not there(path, folder)]
    found += [path for groups in LINK.findall(text) for path in groups if path and not (folder / path).exists()]
    # a script without its folder is found by nobody
    found += [name for name in SCRIPT.findall(text) if not (REPOSITORY / name).exists()]
    return found + [name for name in DOTTED.findall(text) if not known(name)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_names_is_there(page: Path) -> None:
    assert lost(page.read_text(encoding="utf-8"), page.parent) == []


def test_files_that_the_code_names_are_there() -> None:
    named = {
        f"{file.relative_to(REPOSITORY)}: {path}"
        for file in CODE
        for path in PATH.findall(file.read_text(encoding="utf-8"))
        if path.endswith((".py", ".sh", ".md")) and not there(path, file.parent)
    }
    assert named == set()


@pytest.mark.parametrize(
    "text",
    [
        "`core/nothing.py`", "semantify_blender/attic", "scripts/anny/*.sh", "[a page](nothing.md)",
        'an <img src="images/nothing.png">', "run `nothing.py`", "semantify_blender.core.nothing",
        "semantify_blender.core.mapper.Nothing", "(training/mapper/nothing.py)",
    ],
)  # fmt: skip
def test_what_is_not_there_is_noticed(text: str) -> None:
    assert len(lost(text, REPOSITORY / "docs")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "`core/mapper.py`, core/files.", "semantify_blender/data/clip/*/card.json", "[a page](files.md#mapper)",
        "https://example.org/core/nothing.py", "~/data/core/nothing", "semantify_blender.core.mapper.Mapper", "core/",
    ],
)  # fmt: skip
def test_what_is_there_or_elsewhere_is_let_be(text: str) -> None:
    assert lost(text, REPOSITORY / "docs") == []
