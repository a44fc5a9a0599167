"""What is asked of a child process is what it reads: requests written as words and parsed again, at random."""

import argparse
import random
import types
import typing
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from semantify_blender.cli import fit as fit_cli
from semantify_blender.cli import main as main_cli
from semantify_blender.cli import rendering as cli
from semantify_blender.cli.dataset import dataset_request
from semantify_blender.cli.sheets import influence_request, sheet_request
from semantify_blender.core.dataset_spec import ENGINES, IMAGE_FORMATS, LOOKS
from semantify_blender.core.fitting.known import SEXES
from semantify_blender.core.model.sampling import SAMPLERS
from semantify_blender.processes.requests import (
    FORMATS,
    DatasetRequest,
    FitRequest,
    InfluenceRequest,
    Request,
    SheetRequest,
    WorkerRequest,
)
from tests.blender.tier import bpy
from tests.cli.options_read import options_of, verbs_of

READ = {
    DatasetRequest: dataset_request,
    SheetRequest: sheet_request,
    InfluenceRequest: influence_request,
    FitRequest: fit_cli.fit_request,
    WorkerRequest: lambda options: WorkerRequest(options.clip, options.device, options.subject, options.offline),
}
TEXTS = ("plain", "with blank", "-dash", "--out", "a=b", "体型", 'it\'s "quoted"', "C:\\x", "%s", "\udcff")
CHOICES = {
    "sampler": SAMPLERS,
    "engine": ENGINES,
    "look": LOOKS,
    "mesh": fit_cli.MESHES,
    "device": ("cpu", "cuda"),
    "sex": tuple(SEXES),
    "subject": ("body", "face", "animal"),
    "views": ("front", "side", "az:-30.5"),
}
WIDTHS = {"width": (64, 16_384), "engine_samples": (1, 65_536), "steps": (2, 101), "components": (1, 1000)}


def value(kind: object, name: str, rng: random.Random) -> object:
    """A random value of a field's type, in its limits."""
    if name == "format":
        return rng.choice(IMAGE_FORMATS) if kind == str | None else tuple(rng.sample(FORMATS, rng.randint(1, 2)))
    if name == "views":
        return tuple(rng.sample(CHOICES[name], rng.randint(1, 3)))
    if name in CHOICES:
        return rng.choice(CHOICES[name])
    if isinstance(kind, types.UnionType):
        return value(rng.choice(kind.__args__), name, rng)
    if typing.get_origin(kind) is tuple:
        inner = typing.get_args(kind)
        if inner[-1] is not Ellipsis:
            left, top = rng.uniform(-9, 999), rng.uniform(-9, 999)
            box = (left, top, left + rng.uniform(2, 999), top + 2.5)
            return box if len(inner) == 4 else (rng.choice(TEXTS), rng.uniform(-1, 1))
        least = 1 if name == "images" else 0
        return tuple(value(inner[0], name, rng) for _ in range(rng.randint(least, 3)))
    if kind is types.NoneType:
        return None
    if kind is bool:
        return rng.random() < 0.5
    if kind is int:
        return rng.randint(*WIDTHS.get(name, (1, 10**6)))
    if kind is float:
        return rng.uniform(0.001, 98.0)
    assert kind in (str, Path)
    return kind(rng.choice(TEXTS))


def random_request(kind: type[Request], rng: random.Random) -> Request:
    """Each option with its default, if it has one, half of the time."""
    types_of = typing.get_type_hints(kind)
    wanted = [field for field in fields(kind) if field.default is MISSING or rng.random() < 0.5]
    return kind(**{field.name: value(types_of[field.name], field.name, rng) for field in wanted})


def parser_of(kind: type[Request]) -> argparse.ArgumentParser:
    """The command line that has its verb."""
    return main_cli._parser() if kind is WorkerRequest else cli._parser()


@pytest.mark.parametrize("kind", READ)
def test_what_is_asked_is_what_is_read(kind: type[Request]) -> None:
    assert bpy.app.version >= (4, 2, 0)
    rng = random.Random(11)
    parser = parser_of(kind)
    seen: dict[str, set[object]] = {field.name: set() for field in fields(kind)}
    for _ in range(400):
        request = random_request(kind, rng)
        words = [kind.verb, *request.words()]
        assert READ[kind](parser.parse_args(words)) == request, words
        for name in seen:
            seen[name].add(getattr(request, name))
    assert all(len(values) > 1 for values in seen.values()), "an option never had but one value"


@pytest.mark.parametrize("kind", READ)
def test_every_option_of_a_verb_can_be_asked_for(kind: type[Request]) -> None:
    options = options_of(verbs_of(parser_of(kind))[kind.verb])
    asked = {field.name for field in fields(kind)}
    # what is not asked belongs to the process: how it tells, where Blender's chatter goes, when it ends, its processor
    of_process = {"end_with_stdin"} if kind is FitRequest else set()
    of_process |= set() if kind is WorkerRequest else {"progress", "log"}
    of_process |= set() if kind in (WorkerRequest, FitRequest) else {"processor", "threads"}
    assert options - asked == of_process
    assert asked <= options


def test_what_has_its_default_is_not_said() -> None:
    assert DatasetRequest("m", Path("o")).words() == ["--model", "m", "--out", "o"]
    request = FitRequest((Path("-a.png"),), "m", Path("o"), lock=(("-x", 0.5),), crop=(None, (1, 2, 30.5, 40)))
    words = ["./-a.png", "--mapper", "m", "--out", "o", "--lock=-x=0.5", "--crop", "whole", "--crop", "1,2,30.5,40"]
    assert request.words() == words
