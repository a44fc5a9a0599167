"""Meshes of fits wear what the model wears by default."""

from pathlib import Path

import numpy as np

from semantify_blender.rendering.fits.mesh_files import MeshExporter
from tests.synthetic import dressed_model


def test_a_mesh_is_dressed_with_a_material_a_garment(tmp_path: Path) -> None:
    model = dressed_model()
    exporter = MeshExporter(model, "obj")
    shape = np.array([1.0, -1.0, 0.5, 0.0], np.float32)
    path = exporter.export(exporter.model.vertices(shape), tmp_path, "ann")
    lines = path.read_text().splitlines()
    assert sum(line.startswith("v ") for line in lines) == model.dressed().model.vertex_count
    assert {line.split()[1] for line in lines if line.startswith("usemtl")} >= {"skin", "top", "shorts", "hair"}
