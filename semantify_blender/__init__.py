"""Semantify for Blender: shape any 3D morphable model with words. `import semantify_blender as sb`: see docs/python.md.

Importable without bpy; `register` and `unregister` are what Blender calls. What `__all__` names is imported when it is
first asked for, so that the import itself costs nothing and needs neither NumPy nor torch.
"""

from importlib import import_module

TYPE_CHECKING = False  # as type checkers read it; importing typing would be nearly all that this file costs
if TYPE_CHECKING:
    from .core.dataset import Dataset
    from .core.dataset_spec import DatasetSpec
    from .core.errors import SemantifyError
    from .core.families.convert import Conversion, convert
    from .core.library import load_mapper, load_model
    from .core.mapper import Mapper
    from .core.model.morphable_model import MorphableModel
    from .core.page.page import Page, page
    from .training.described import describe
    from .training.line import Line
    from .training.mapper.recipe import Recipe
    from .training.picture_fits import fit_pictures
    from .training.rendered import render
    from .training.scoring.scorer import Rater, Scorer
    from .training.scoring.scores import Scores
    from .training.selection.selection import SelectionOptions
    from .training.verbs import evaluate, fit_mapper, score_words, select_descriptors

__version__ = "0.1.0"
__all__ = [
    "Conversion",
    "Dataset",
    "DatasetSpec",
    "Line",
    "Mapper",
    "MorphableModel",
    "Page",
    "Rater",
    "Recipe",
    "Scorer",
    "Scores",
    "SelectionOptions",
    "SemantifyError",
    "convert",
    "describe",
    "evaluate",
    "fit_mapper",
    "fit_pictures",
    "load_mapper",
    "load_model",
    "page",
    "render",
    "score_words",
    "select_descriptors",
]
_WHERE = {
    "Conversion": "core.families.convert",
    "Dataset": "core.dataset",
    "DatasetSpec": "core.dataset_spec",
    "Line": "training.line",
    "Mapper": "core.mapper",
    "MorphableModel": "core.model.morphable_model",
    "Page": "core.page.page",
    "Rater": "training.scoring.scorer",
    "Recipe": "training.mapper.recipe",
    "Scorer": "training.scoring.scorer",
    "Scores": "training.scoring.scores",
    "SelectionOptions": "training.selection.selection",
    "SemantifyError": "core.errors",
    "convert": "core.families.convert",
    "describe": "training.described",
    "evaluate": "training.verbs",
    "fit_mapper": "training.verbs",
    "fit_pictures": "training.picture_fits",
    "load_mapper": "core.library",
    "load_model": "core.library",
    "page": "core.page.page",
    "render": "training.rendered",
    "score_words": "training.verbs",
    "select_descriptors": "training.verbs",
}


def __getattr__(name: str) -> object:
    """A public name, imported now. Raises SemantifyError for a Python package that it needs and that is not there."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        value = getattr(import_module(f".{_WHERE[name]}", __name__), name)
    except ModuleNotFoundError as error:
        from .core.errors import missing_package

        raise missing_package(error) from error
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def register() -> None:
    """Register the add-on's classes, properties and handlers with Blender."""
    from . import addon

    addon.register()


def unregister() -> None:
    """Undo `register` in reverse order."""
    from . import addon

    addon.unregister()
