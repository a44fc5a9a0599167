"""No option of the rendering side's command line may be accepted and ignored."""

from dataclasses import fields

import pytest

from semantify_blender.cli import rendering as cli
from semantify_blender.processes.requests import DatasetRequest, FitRequest, InfluenceRequest, Request, SheetRequest
from tests.blender.tier import bpy
from tests.cli.options_read import options_of, read_by, verbs_of

VERBS = verbs_of(cli._parser())


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_of_every_verb_is_read(verb: str) -> None:
    assert bpy.app.version >= (4, 2, 0)
    read = read_by(cli._run) | read_by(VERBS[verb].get_default("run"))
    assert not options_of(VERBS[verb]) - read


@pytest.mark.parametrize("kind", [DatasetRequest, SheetRequest, InfluenceRequest, FitRequest])
def test_every_part_of_a_request_is_read(kind: type[Request]) -> None:
    """The options become a request at the border; what is behind it must not ignore one either."""
    read = read_by(VERBS[kind.verb].get_default("run"), "request")
    assert not {field.name for field in fields(kind)} - read
