"""The imports among the package's own modules, read from their source: what is loaded by whom, wherever in a file."""

import ast
from collections.abc import Iterable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = "semantify_blender"


def files_of(*rooms: str) -> list[Path]:
    """All modules below rooms of the package, such as "core" or "addon/character"; a package's `__init__` is one."""
    return sorted(file for room in rooms for file in (REPOSITORY / PACKAGE / room).rglob("*.py"))


def name_of(file: Path) -> str:
    """Dotted name of a module: "semantify_blender.core.colour"; of an `__init__` that of its package."""
    return ".".join(part for part in file.relative_to(REPOSITORY).with_suffix("").parts if part != "__init__")


def imported(file: Path) -> set[str]:
    """Dotted names of all that a file imports, in functions and under TYPE_CHECKING too, from the package's root on.

    `from ..files import bounds` gives both "semantify_blender.core.files" and "semantify_blender.core.files.bounds".
    """
    package = file.relative_to(REPOSITORY).parts[:-1]
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            start = ".".join([*base, *([node.module] if node.module else [])])
            names |= {start, *(f"{start}.{alias.name}" for alias in node.names)}
    return names


def graph(files: Iterable[Path]) -> dict[str, set[str]]:
    """Module -> those of the same files that it imports.

    A package that is only named on the way to one of its modules is no import of its `__init__`: `from . import colour`
    leads to colour alone. What else is taken from a package is.
    """
    modules = {name_of(file): file for file in files}
    edges: dict[str, set[str]] = {}
    for name, file in modules.items():
        found = {target for target in imported(file) if target in modules and target != name}
        edges[name] = {target for target in found if not _is_way(target, file, modules)}
    return edges


def _is_way(target: str, file: Path, modules: dict[str, Path]) -> bool:
    """Whether a package is named in a file only as the way to modules of its own."""
    if modules[target].name != "__init__.py":
        return False
    taken = {name for name in imported(file) if name.rpartition(".")[0] == target}
    return bool(taken) and all(name in modules for name in taken)


def circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules that reach one another by their imports (strongly connected components of two and more)."""
    reached = {name: _reached(name, edges) for name in edges}
    groups = {tuple(sorted(other for other in reached[name] if name in reached[other])) for name in edges}
    return sorted(list(group) for group in groups if len(group) > 1)


def _reached(start: str, edges: dict[str, set[str]]) -> set[str]:
    """All modules that imports lead to from one; itself only where a way leads back."""
    found: set[str] = set()
    waiting = list(edges[start])
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += edges[name]
    return found
