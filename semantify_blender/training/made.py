"""By what a result was made: this version, the packages, the machine; kept beside it, so that it can be made again."""

import platform
import sys
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

_PACKAGES = ("numpy", "torch", "open_clip_torch", "timm", "scikit-learn", "scipy", "bpy")


def made() -> dict[str, Any]:
    """Plain JSON values. Nothing in it names whose machine it was."""
    # the package above has been imported, and training may not import what it has for Blender
    whole = sys.modules[__name__.rpartition(".training.")[0]]
    return {"semantify": whole.__version__, "date": datetime.now(UTC).date().isoformat(), **_machine()}


@cache
def _machine() -> dict[str, Any]:
    packages = {}
    for name in _PACKAGES:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            continue
    return {
        "python": platform.python_version(),
        "packages": packages,
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "threads": torch.get_num_threads(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
