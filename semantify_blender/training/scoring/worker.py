"""`semantify worker`: a full CLIP that stays loaded and answers JSON lines on its pipes; `clip_worker` asks.

Asked {"id", "verb": "hello" | "embed" | "texts", …}, it answers {"id", …} or {"id", "error": one sentence}; while it
loads it tells {"event": "progress", …}. It ends at once when its standard input closes: whoever started it is gone.
"""

import base64
import binascii
import contextlib
import json
import logging
import os
import queue
import sys
import threading
import traceback
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.errors import SemantifyError
from ...core.files.json_lines import object_of

if TYPE_CHECKING:
    from .clip import Clip

_STEPS = ("importing torch and open_clip", "loading the model", "trying it out")


class Answers:
    """The real standard output, one JSON object a line; everything else that prints goes to standard error."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._out = os.fdopen(os.dup(1), "wb")
        # libraries, also those written in C, must not write between the lines
        os.dup2(2, 1)
        self._lock = threading.Lock()

    def say(self, **message: Any) -> None:
        """Write one object. A closed pipe ends the process: nobody listens any more."""
        data = json.dumps(message, ensure_ascii=False).encode() + b"\n"
        with self._lock:
            try:
                self._out.write(data)
                self._out.flush()
            except OSError:
                os._exit(0)


def serve(spec: str, device: str | None = None, subject: str = "body", offline: bool = False) -> None:
    """Load the model and answer until standard input closes. Raises SemantifyError when the model cannot be loaded.

    spec, device, subject: as `load_clip` takes them. offline: only weights that are on this machine.
    """
    requests: queue.Queue[bytes] = queue.Queue()
    answers = Answers()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    if offline:
        _stay_offline()
    try:
        clip = _load(spec, device, subject, answers)
    except SemantifyError as error:
        answers.say(event="fatal", error=str(error))
        raise
    except Exception as error:
        traceback.print_exc()
        text = f"CLIP {spec!r} cannot be loaded ({type(error).__name__}: {error}); give another --clip"
        answers.say(event="fatal", error=text)
        raise SemantifyError(text) from error
    while True:
        _answer(clip, requests.get(), answers)


def _listen(requests: "queue.Queue[bytes]") -> None:
    """Pass requests on. At the end of the input the process ends, whatever else it is doing."""
    with contextlib.suppress(OSError, ValueError):
        for line in sys.stdin.buffer:
            if line.strip():
                requests.put(line)
    os._exit(0)


def _stay_offline() -> None:
    """Use cached weights only: no library may open a connection."""
    os.environ["HF_HUB_OFFLINE"] = "1"

    def refuse(event: str, arguments: tuple) -> None:
        # a local socket is not the network
        if event in ("socket.connect", "socket.getaddrinfo") and not isinstance(arguments[-1], str | bytes):
            raise OSError("network access is switched off")

    sys.addaudithook(refuse)


def _load(spec: str, device: str | None, subject: str, answers: Answers) -> "Clip":
    def step(done: int) -> None:
        answers.say(event="progress", done=done, total=len(_STEPS), text=_STEPS[done])

    step(0)
    try:
        import torch

        from .clip import load_clip
    except ImportError as error:
        raise SemantifyError(
            f"{sys.executable}: has no {error.name or error}; "
            f"run: {sys.executable} -m pip install torch torchvision open_clip_torch"
        ) from error
    logging.captureWarnings(True)
    step(1)
    with quick_loading(spec):
        clip = load_clip(spec, device, subject)
    if clip.remark:
        print(clip.remark, file=sys.stderr, flush=True)
    step(2)
    # the first pass prepares kernels and buffers: better now than at the user's first picture
    clip.encode_pixels(torch.zeros((1, 3, *image_size(clip)), dtype=torch.uint8))
    return clip


@contextlib.contextmanager
def quick_loading(spec: str) -> Iterator[None]:
    """Within it models are built without drawing the random weights that a local file is about to replace.

    spec: as --clip takes it. For anything but NAME:FILE nothing is changed, for there a model may lack some weights;
    a local file is loaded strictly, so that each weight is in it. The file is mapped, not copied, where torch can.
    """
    import torch

    try:
        from torch.utils.serialization import config

        loading: Any = config.load
    except ImportError:  # before torch 2.6
        loading = None
    path = Path(spec.partition(":")[2])
    if not path.is_file() or spec.startswith("local-dir:"):
        yield
        return
    names = [name for name in ("normal_", "uniform_", "trunc_normal_", "kaiming_uniform_", "kaiming_normal_",
                               "xavier_uniform_", "xavier_normal_") if hasattr(torch.nn.init, name)]  # fmt: skip
    kept = {name: getattr(torch.nn.init, name) for name in names}
    mapped = getattr(loading, "mmap", None)
    try:
        for name in names:
            setattr(torch.nn.init, name, lambda tensor, *_, **__: tensor)
        if mapped is not None and zipfile.is_zipfile(path):
            loading.mmap = True
        yield
    finally:
        for name, function in kept.items():
            setattr(torch.nn.init, name, function)
        if mapped is not None:
            loading.mmap = mapped


def image_size(clip: "Clip") -> tuple[int, int]:
    """Height and width in pixels that a model's image tower takes."""
    visual: Any = clip.model.visual
    size = visual.image_size
    return (int(size), int(size)) if isinstance(size, int) else (int(size[0]), int(size[1]))


def _answer(clip: "Clip", line: bytes, answers: Answers) -> None:
    number: Any = None
    try:
        request = object_of(line)
        number = request["id"]
        answers.say(id=number, **_reply(clip, request))
    except SemantifyError as error:
        answers.say(id=number, error=str(error))
    except (ValueError, KeyError, TypeError) as error:
        answers.say(id=number, error=f"the CLIP process cannot read request {number} ({type(error).__name__}: {error})")
    except Exception as error:
        # out of memory and the like: told, and the next request may succeed
        traceback.print_exc()
        answers.say(id=number, error=f"CLIP {clip.name!r} failed ({type(error).__name__}: {error}); see its log")


def _reply(clip: "Clip", request: dict[str, Any]) -> dict[str, Any]:
    match request["verb"]:
        case "hello":
            height, width = image_size(clip)
            if height != width:
                raise SemantifyError(f"CLIP {clip.name!r} takes pictures of {width} × {height} pixels, not squares")
            words = None if clip.vocabulary is None else list(clip.vocabulary)
            known = {"name": clip.name, "checksum": clip.checksum, "size": height, "dimension": clip.dimension}
            return {**known, "device": str(clip.device), "vocabulary": words}
        case "embed":
            return _packed(embed(clip, _pixels(request)))
        case "texts":
            from .scores import encode_words

            return _packed(encode_words(clip, request["words"], request.get("templates") or ["{}"]))
        case verb:
            raise SemantifyError(f"the CLIP process knows hello, embed and texts, not {verb!r}")


def embed(clip: "Clip", pixels: np.ndarray) -> np.ndarray:
    """Embed pictures already cut to the model's size.

    pixels: (N, S, S, 3) uint8. Returns (N, D) float32, unit length.
    """
    import torch

    parts = [np.zeros((0, clip.dimension), np.float32)]
    for start in range(0, len(pixels), clip.batch):
        batch = torch.from_numpy(np.ascontiguousarray(pixels[start : start + clip.batch].transpose(0, 3, 1, 2)))
        parts.append(clip.encode_pixels(batch).float().cpu().numpy())
    values = np.concatenate(parts)
    return values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-12)


def _pixels(request: dict[str, Any]) -> np.ndarray:
    try:
        data = base64.b64decode(request["pixels"], validate=True)
    except binascii.Error as error:
        raise ValueError(f"pixels: {error}") from error
    return np.frombuffer(data, np.uint8).reshape(request["shape"])


def _packed(values: np.ndarray) -> dict[str, Any]:
    """(n, D) as it travels: little-endian float32 in base64."""
    return {
        "shape": list(values.shape),
        "values": base64.b64encode(values.astype("<f4").tobytes()).decode("ascii"),
    }
