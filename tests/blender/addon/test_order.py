"""The order of the add-on's rooms, read from its files: no import leads upwards, and one module stores what changes."""

import ast

import pytest

from tests.import_graph import PACKAGE, files_of, graph, name_of

ADDON = f"{PACKAGE}.addon"
LAYERS = (
    {"state"},
    {"settings"},
    {"catalogue", "known", "selection", "jobs"},
    {"character"},
    {"own_keys", "pictures", "presets"},
    {"figures", "own_words"},
    {"operators"},
    {"ui"},
    {"handlers", "properties", "preferences"},
)
"""From the ground up: a room imports from itself and from lower layers only, at any depth of a function."""
MUTABLE = (ast.Dict, ast.List, ast.Set, ast.DictComp, ast.ListComp, ast.SetComp)
MODULES = {name_of(file).removeprefix(ADDON).lstrip("."): file for file in files_of("addon")}
"""Dotted name below the add-on -> file: "character.shape"; that of the add-on itself is empty."""


def test_a_room_imports_from_below_only() -> None:
    height = {room: i for i, layer in enumerate(LAYERS) for room in layer}
    edges = graph(files_of("addon"))
    assert {name.split(".")[0] for name in MODULES} == {*height, ""}
    assert edges[f"{ADDON}.ui.shape_panel"] >= {f"{ADDON}.{name}" for name in ("selection", "character.condition")}
    for module, found in edges.items():
        for other in found if module != ADDON else ():
            here, there = (name.removeprefix(f"{ADDON}.").split(".")[0] for name in (module, other))
            assert there == here or height[there] < height[here], f"{module} imports {other}"


@pytest.mark.parametrize("name", sorted(MODULES))
def test_no_module_keeps_state_of_its_own(name: str) -> None:
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
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
