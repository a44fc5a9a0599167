"""Which options of a command line are read anywhere: a walk from a verb's function along every call that gets them.

Only calls that are handed the options are followed, so that one verb reading an option says nothing for another. Below
the command line options are parameters and fields: `unused_parameters` and `attributes_read` say what becomes of those.
"""

import argparse
import ast
import importlib
import inspect
from collections.abc import Iterable, Iterator
from functools import cache
from types import FunctionType, ModuleType
from typing import Any


def verbs_of(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Name -> parser of every verb."""
    (action,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


def options_of(parser: argparse.ArgumentParser) -> set[str]:
    """Names of the attributes that its options and arguments become."""
    return {action.dest for action in parser._actions if action.dest not in ("help", argparse.SUPPRESS)}


def read_by(function: Any, called: str = "options") -> set[str]:
    """Names of the options that a function (or class) reads, or any that it hands them to.

    called: what the options are called there; "request" where they have become a dataclass.
    """
    found: set[str] = set()
    _walk(function, called, found, set())
    return found


def _walk(thing: Any, options: str, found: set[str], seen: set[Any]) -> None:
    if thing in seen:
        return
    seen.add(thing)
    tree = _tree(inspect.getmodule(thing))
    nodes = [node for node in ast.walk(tree) if getattr(node, "name", None) == thing.__name__]
    assert nodes, f"{thing} is not where it says"
    for node in nodes:
        carriers = _carriers(node, options)
        for part in ast.walk(node):
            if isinstance(part, ast.Attribute) and _is(part.value, carriers):
                found.add(part.attr)
            if not isinstance(part, ast.Call) or not any(_is(argument, carriers) for argument in _arguments(part)):
                continue
            if isinstance(part.func, ast.Name) and part.func.id in ("getattr", "vars"):
                # the names may come from a list beside it
                names = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant))
                found.update(name for name in names if isinstance(name, str))
            elif (called := _resolve(part.func, inspect.getmodule(thing), tree)) is not None:
                _walk(called, options, found, seen)


def _carriers(node: ast.AST, options: str) -> set[str]:
    """Names, and attributes of self, that hold the options inside a function or class."""
    names = {options, f"self.{options}"}
    for part in ast.walk(node):
        if isinstance(part, ast.Assign) and ast.unparse(part.value) in names:
            names.update(ast.unparse(target) for target in part.targets)
    return names


def _is(node: ast.AST, carriers: set[str]) -> bool:
    return isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) in carriers


def _arguments(call: ast.Call) -> Iterator[ast.AST]:
    for argument in call.args:
        yield argument.value if isinstance(argument, ast.Starred) else argument
    yield from (keyword.value for keyword in call.keywords)


def _resolve(called: ast.AST, module: ModuleType, tree: ast.Module) -> Any:
    """The function or class of the package that a call names; None for anything else."""
    owner, _, name = ast.unparse(called).rpartition(".")
    places: list[Any] = [module]
    for part in ast.walk(tree):  # imports inside functions as well
        if isinstance(part, ast.ImportFrom):
            base = importlib.import_module("." * part.level + (part.module or ""), module.__package__)
            for alias in part.names:
                if (alias.asname or alias.name) in (owner, name):
                    inside = getattr(base, alias.name, None) or importlib.import_module(f"{base.__name__}.{alias.name}")
                    if not owner:
                        return inside if isinstance(inside, FunctionType | type) else None
                    places.append(inside)
    for place in places[1:] if owner else places:
        inside = getattr(place, name, None)
        if isinstance(inside, FunctionType | type):
            return inside
    return None


@cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def unused_parameters(tree: ast.AST) -> set[tuple[str, str]]:
    """(function, parameter) for what a function takes and never looks at; one without a body is passed over."""
    found: set[tuple[str, str]] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef):
            continue
        body = node.body[1:] if ast.get_docstring(node) else node.body
        given = node.args
        every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
        names = {one.arg for one in every if one is not None} - {"self", "cls"}
        used = {part.id for statement in body for part in ast.walk(statement) if isinstance(part, ast.Name)}
        found |= {(node.name, name) for name in names - used if body and not name.startswith("_")}
    return found


def attributes_read(trees: Iterable[ast.AST]) -> set[str]:
    """Names of all attributes that are looked at."""
    parts = (part for tree in trees for part in ast.walk(tree))
    return {part.attr for part in parts if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Load)}
