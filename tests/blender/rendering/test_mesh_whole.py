"""A mesh that the disk cannot hold is one sentence, and no half of it stays behind."""

import os
from pathlib import Path

import pytest

from semantify_blender.core.errors import SemantifyError
from tests.blender.tier import bpy
from tests.synthetic import synthetic_model


@pytest.mark.skipif(os.name == "nt", reason="limits of processes")
@pytest.mark.parametrize("kind", ["obj", "ply", "glb"])
def test_half_a_mesh_is_told_and_not_left(tmp_path: Path, kind: str) -> None:
    import resource

    from semantify_blender.rendering.fits.mesh_files import MeshExporter

    model = synthetic_model()
    exporter = MeshExporter(model, kind)
    assert bpy.context.scene is not None
    whole = exporter.export(model.template, tmp_path / "whole", "shape")
    assert whole.stat().st_size > 2000
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (whole.stat().st_size - 100, hard))
    try:
        with pytest.raises(SemantifyError, match=rf"shape\.{kind}: cannot be written .*choose another --out"):
            exporter.export(model.template, tmp_path / "full", "shape")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list((tmp_path / "full").iterdir()) == []
