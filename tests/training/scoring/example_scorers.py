"""Installs the example package of scorers, docs/examples/silhouette_scorer, as pip would, into a folder."""

import shutil
import sys
import tomllib
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "silhouette_scorer"


def install(package: Path, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package of plain modules: its files, and the metadata that pip makes of its pyproject.toml."""
    project = tomllib.loads((package / "pyproject.toml").read_text(encoding="utf-8"))
    about, modules = project["project"], project["tool"]["setuptools"]["py-modules"]
    for module in modules:
        shutil.copy(package / f"{module}.py", site)
        monkeypatch.delitem(sys.modules, module, raising=False)
    metadata = site / f"{about['name'].replace('-', '_')}-{about['version']}.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {about['name']}\nVersion: {about['version']}\n")
    lines = []
    for group, points in about["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {value}" for name, value in points.items())]
    (metadata / "entry_points.txt").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(str(site))
