"""Where rendering processes of one machine sit: how many there are, and which processor each of them has."""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..core.devices import Device
from .python import no_window

CORES_EACH = 4
"""Of a process on the CPU, where nobody says how many processes there are to be."""
_CARDS = Path("/proc/driver/nvidia/gpus")


@dataclass(frozen=True)
class Seat:
    """One process's processor. device: as `core.devices` names it, None for the best. threads: of the CPU, or all."""

    device: str | None = None
    threads: int | None = None

    @classmethod
    def on(cls, device: str | None) -> "Seat":
        """On a device, as people name it. Raises SemantifyError for one that is none."""
        return cls(None if device is None else Device.parse(device).text)

    def words(self) -> list[str]:
        """Options of the rendering command line."""
        device = [] if self.device is None else ["--device", self.device]
        return [*device, *([] if self.threads is None else ["--threads", str(self.threads)])]

    def environment(self) -> dict[str, str]:
        """Variables for its arithmetic, which would take all cores for every process."""
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        return {} if self.threads is None else dict.fromkeys(names, str(self.threads))

    def __str__(self) -> str:
        """In words."""
        cores = "" if self.threads is None else f", {self.threads} thread{'s' * (self.threads > 1)}"
        return f"{self.device or 'the best processor'}{cores}"


ANYWHERE = Seat()


def seats_for(
    engine: str,
    shards: int,
    jobs: int | None = None,
    devices: Sequence[str] = (),
    device: str | None = None,
) -> list[Seat]:
    """The seats of the processes that render a dataset on this machine: one at least.

    engine: of the dataset. shards: that are missing, there is no use for more processes. jobs, devices, device: what
    the user says; devices are taken in turn. Where nothing is said it is one process for each graphics card, or for
    every `CORES_EACH` cores of the CPU.
    """
    cards = graphics_cards()
    if not devices and device in (None, "gpu", "cuda", "optix") and engine == "cycles" and cards > 1:
        devices = [f"{device or 'gpu'}:{number}" for number in range(cards)]
    on_cpu = device == "cpu" or (device is None and not _has_graphics())
    count = jobs or len(devices) or (max(1, cores() // CORES_EACH) if on_cpu else 1)
    count = max(1, min(count, shards))
    named = [devices[i % len(devices)] if devices else device for i in range(count)]
    together = sum(name in (None, "cpu") for name in named)
    threads = max(1, cores() // together) if together > 1 else None
    return [Seat(name, threads if name in (None, "cpu") else None) for name in named]


def cores() -> int:
    """Processor cores that this process may use: less than the machine has in a container or a batch job."""
    has_affinity = hasattr(os, "sched_getaffinity")
    count = len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1
    return max(1, min(count, int(_quota() or count)))


def graphics_cards() -> int:
    """NVIDIA cards that this process may use. Others are used, too, but all of them by one process."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return len([name for name in visible.split(",") if name.strip() not in ("", "-1")])
    with suppress(OSError):
        return len(list(_CARDS.iterdir()))
    if os.name != "nt":
        return 0
    with suppress(OSError, subprocess.SubprocessError):
        asked = subprocess.run(
            ["nvidia-smi", "-L"], capture_output=True, text=True, timeout=20, check=False, **no_window()
        )
        return sum(line.startswith("GPU ") for line in asked.stdout.splitlines())
    return 0


def _has_graphics() -> bool:
    """Whether there may be a card that Cycles would use: others than NVIDIA's cannot be counted from here."""
    return graphics_cards() > 0 or sys.platform == "darwin" or os.name == "nt" or Path("/dev/kfd").exists()


def _quota(root: Path = Path("/sys/fs/cgroup"), of_process: Path = Path("/proc/self/cgroup")) -> float | None:
    """Cores that the control group allows, the least of all groups above this process; None for no limit."""
    found: list[float] = []
    with suppress(OSError):
        for line in of_process.read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            below = root if not controllers else root / "cpu"
            for folder in {below, *(below / path.lstrip("/")).parents, below / path.lstrip("/")}:
                if folder.is_relative_to(below) and ("cpu" in controllers.split(",") or not controllers):
                    found += _limit_of(folder)
    return min(found, default=None)


def _limit_of(group: Path) -> list[float]:
    with suppress(OSError, ValueError):
        quota, period = (group / "cpu.max").read_text().split()
        return [int(quota) / int(period)]
    with suppress(OSError, ValueError):
        quota, period = ((group / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
        return [int(quota) / int(period)] if int(quota) > 0 else []
    return []
