"""The order of the add-on's rooms, read from its files: no circle of imports, none upwards, and one store of state."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ADDON = Path(__file__).resolve().parents[3] / "semantify_blender" / "addon"
LAYERS = (
    {"state"},
    {"settings"},
    {"catalogue", "selection", "jobs"},
    {"character"},
    {"own_keys"},
    {"pictures"},
    {"operators"},
    {"ui"},
    {"handlers", "properties", "preferences"},
)
"""From the ground up: a room imports, at any depth of a function, from its own layer and from lower ones only."""
MUTABLE = (ast.Dict, ast.List, ast.Set, ast.DictComp, ast.ListComp, ast.SetComp)


def modules() -> dict[str, Path]:
    """Dotted name below the add-on -> file: "character.shape", and "character" for a room's own __init__."""
    files = {".".join(path.relative_to(ADDON).with_suffix("").parts): path for path in ADDON.rglob("*.py")}
    return {name.removesuffix("__init__").rstrip("."): path for name, path in files.items()}


def imports(name: str, known: dict[str, Path]) -> set[str]:
    """Modules of the add-on that one of them imports, wherever in it, also for its annotations only."""
    path = known[name]
    room = path.relative_to(ADDON).parts[:-1]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        # one dot more than the room is deep leaves the add-on
        if isinstance(node, ast.ImportFrom) and 0 < node.level <= len(room) + 1:
            base = [*room[: len(room) - node.level + 1], *(node.module.split(".") if node.module else ())]
            for alias in node.names:
                inner = ".".join([*base, alias.name])
                found.add(inner if inner in known else ".".join(base))
    return found


def test_the_add_on_has_no_circle_of_imports():
    known = modules()
    graph = {name: imports(name, known) for name in known}
    assert graph["ui.shape_panel"] >= {"selection", "character.overriding", "character.shape"}
    # raises CycleError, which names the circle
    order = list(TopologicalSorter(graph).static_order())
    assert sorted(order) == sorted(known)


def test_a_room_imports_from_below_only():
    known = modules()
    height = {room: i for i, layer in enumerate(LAYERS) for room in layer}
    assert {name.split(".")[0] for name in known} == {*height, ""}
    for name in known:
        for other in imports(name, known) if name else ():
            here, there = name.split(".")[0], other.split(".")[0]
            assert height[there] < height[here] or there == here, f"{name} imports {other}"


@pytest.mark.parametrize("name", sorted(modules()))
def test_no_module_keeps_state_of_its_own(name: str):
    tree = ast.parse(modules()[name].read_text(encoding="utf-8"))
    kept = [node.names[0] for node in ast.walk(tree) if isinstance(node, ast.Global)]
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and _changes(node.value):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            kept += [target.id for target in targets if isinstance(target, ast.Name) and not target.id.isupper()]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            kept += [node.name for made in node.decorator_list if "cache" in ast.unparse(made)]
    assert kept == [], f"{name} remembers {kept}: what the add-on remembers is in state.memory, and emptied with it"


def _changes(value: ast.expr | None) -> bool:
    """Whether a module-level value is one that is filled, or replaced, later: a container, or None."""
    if isinstance(value, ast.Call):
        return ast.unparse(value.func) in {"dict", "list", "set", "defaultdict", "OrderedDict", "deque"}
    return isinstance(value, MUTABLE) or (isinstance(value, ast.Constant) and value.value is None)
