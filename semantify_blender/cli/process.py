"""Options of a rendering process itself, whatever it renders: how it tells of it, and which processor it has."""

import argparse
from pathlib import Path

from ..core.devices import Device
from .options import whole

DEVICE_HELP = "cpu, or gpu, cuda, optix, hip, oneapi, metal, also with a number, as cuda:1 (default: the best there is)"


def add_telling(parser: argparse.ArgumentParser) -> None:
    """How it tells."""
    parser.add_argument("--progress", choices=("text", "json"), default="text", help="for people or for programs")
    parser.add_argument("--log", type=Path, help="append Blender's own messages to this file (default: thrown away)")


def add_place(parser: argparse.ArgumentParser) -> None:
    """Where it renders. The destinations are `processor` and `threads`."""
    parser.add_argument(
        "--device", dest="processor", type=device, metavar="DEVICE", help=f"what Cycles renders on: {DEVICE_HELP}"
    )
    parser.add_argument("--threads", type=whole(1, 1024), help="of the CPU (default: all)")


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """How many processes render a dataset beside one another."""
    parser.add_argument(
        "--jobs",
        type=whole(1, 256),
        help="Blender processes that render beside one another (default: one for each graphics card, or for every four "
        "cores of the CPU)",
    )
    add_devices(parser)


def add_devices(parser: argparse.ArgumentParser) -> None:
    """Which processors share the work."""
    parser.add_argument(
        "--devices",
        type=devices,
        default=(),
        metavar="DEVICE,…",
        help="which processors to share the work among, as 0,1,2 or cuda:0,cuda:1 or cpu,cpu "
        "(default: all graphics cards)",
    )


def device(text: str) -> str:
    """An argparse type: a processor's name, see `core.devices`. An error is a SemantifyError."""
    return Device.parse(text).text


def devices(text: str) -> tuple[str, ...]:
    """An argparse type: several, between commas."""
    return tuple(device(one.strip()) for one in text.split(",") if one.strip())
