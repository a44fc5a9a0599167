"""A warm child process with a full CLIP, driven from Blender's own process: JSON lines on its pipes, no sockets.

The child is another Python, the one that has torch and open_clip; `training/scoring/worker.py` is its side. It ends by
itself when its standard input closes, so that a Blender that was closed, killed or crashed leaves none behind.
"""

import base64
import binascii
import contextlib
import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import SemantifyError
from ..core.files.json_lines import event_of, number_of, text_of
from ..core.progress import StepProgress
from . import child as children
from .python import isolated
from .requests import WorkerRequest

START_SECONDS = 900.0
"""Time to load a model. Long, because named weights may be downloaded meanwhile."""
ANSWER_SECONDS = 300.0
"""Time for one answer of a loaded model."""

_PACKAGE = Path(__file__).resolve().parent.parent
_CHILD = (
    # never by name: inside an installed extension that Python has no package called semantify_blender
    "import sys; sys.path[:] = [{parent!r}, *filter(None, sys.path)]; from {package}.cli.main import main; "
    "sys.exit(main(sys.argv[1:]))"
)
_POLL = 0.1
_PATIENCE = 2.0
_LONGEST = 1 << 16
"""Of pictures' sides and of embeddings, far beyond any model's."""


class Worker:
    """A full CLIP in a child process; an encoder like core.fitting's: name, checksum, size, embed, text_embeddings.

    Calls from several threads wait for each other. After any failure the child is gone and `alive` is False.
    """

    def __init__(
        self,
        python: str | Path,
        clip: str,
        device: str | None = None,
        log: str | Path | None = None,
        online: bool = True,
    ) -> None:
        """Nothing is started yet.

        python: program with torch and open_clip. clip: as --clip of the command line takes it. device: "cpu", "cuda" or
        None for CUDA when present. log: file for the child's own messages, by default a new one in the temporary
        folder. online: False keeps the child off the network.
        """
        self.python, self.clip, self.device, self.online = str(python), clip, device, online
        self.log = Path(log) if log else None
        self._own_log = log is None
        self.name = self.checksum = ""
        self.size = self.dimension = 0
        self.vocabulary: tuple[str, ...] | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        self._outbox: queue.Queue[bytes | None] = queue.Queue()
        self._lock = threading.RLock()
        self._number = 0

    @property
    def clip_checksum(self) -> str:
        """As of an encoder: the CLIP whose words its embeddings are compared with, which is itself."""
        return self.checksum

    @property
    def alive(self) -> bool:
        """Whether the child runs."""
        return self._child is not None and self._child.poll() is None

    def start(self, progress: StepProgress | None = None, timeout: float = START_SECONDS) -> "Worker":
        """Start the child and wait until its model is loaded; does nothing when it is.

        progress: may raise, to cancel; the child is then ended. timeout: seconds.
        Raises SemantifyError with one sentence: no such Python, no torch or open_clip there, weights that cannot be
        had, a child that died or did not answer.
        """
        with self._lock:
            if self.alive and self.size:
                return self
            self.close()
            self._spawn()
            hello = self._ask("hello", timeout, progress)
            try:
                self.name, self.checksum = _word(hello["name"]), _word(hello["checksum"])
                words = hello["vocabulary"]
                self.vocabulary = None if words is None else tuple(map(_word, words))
                self.dimension, size = _length(hello["dimension"]), _length(hello["size"])
                self.size = size
            except (KeyError, TypeError, ValueError) as error:
                raise self._broken("said what makes no sense") from error
            return self

    def embed(self, pixels: np.ndarray, timeout: float = ANSWER_SECONDS) -> np.ndarray:
        """Embed cut pictures. pixels: (N, size, size, 3) uint8. Returns (N, D) float32, unit length.

        Starts the child when it is not running. Raises SemantifyError like `start`.
        """
        with self._lock:
            self.start()
            pixels = np.asarray(pixels, np.uint8)
            if pixels.ndim != 4 or pixels.shape[1:] != (self.size, self.size, 3):
                raise SemantifyError(
                    f"CLIP {self.name!r} takes pictures of {self.size} × {self.size} pixels in RGB, not {pixels.shape}"
                )
            text = base64.b64encode(pixels.tobytes()).decode("ascii")
            return self._array(self._ask("embed", timeout, shape=list(pixels.shape), pixels=text), len(pixels))

    def text_embeddings(
        self, words: Sequence[str], templates: Sequence[str] = ("{}",), timeout: float = ANSWER_SECONDS
    ) -> np.ndarray:
        """Embed words in their prompts. templates: text with {} for the word; several are averaged.

        Returns (n, D) float32, unit length. Raises SemantifyError like `start`, and for words the model does not know.
        """
        with self._lock:
            self.start()
            answer = self._ask("texts", timeout, words=list(words), templates=list(templates))
            return self._array(answer, len(words))

    def close(self, keep_log: bool = False) -> None:
        """End the child and wait until it is gone. May be called at any time, from any thread, more than once.

        keep_log: also a log that nobody asked for, so that the user can look into it.
        """
        child, self._child = self._child, None
        if child is None:
            return
        self.size = 0
        self._outbox.put(None)
        children.send(child, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_PATIENCE)
        # also what the child started, which may have outlived it
        children.send(child, getattr(signal, "SIGKILL", signal.SIGTERM))
        child.wait()
        if self._own_log and self.log:
            with contextlib.suppress(OSError):
                # one log is kept, that of the last failure, however often it is tried again
                if keep_log:
                    self.log = self.log.replace(_last_log())
                else:
                    self.log.unlink(missing_ok=True)
                    self.log = None

    def __enter__(self) -> "Worker":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _spawn(self) -> None:
        code = _CHILD.format(parent=str(_PACKAGE.parent), package=_PACKAGE.name)
        request = WorkerRequest(self.clip, self.device, offline=not self.online)
        command = isolated(self.python, code, request.verb, *request.words())
        try:
            if self.log is None:
                descriptor, path = tempfile.mkstemp(prefix="semantify-clip-", suffix=".log")
                self.log = Path(path)
                os.close(descriptor)
            self.log.parent.mkdir(parents=True, exist_ok=True)
            with open(self.log, "ab") as log:
                self._child = children.start(command, stdout=subprocess.PIPE, stderr=log)
        except OSError as error:
            if self._own_log and self.log:
                self.log.unlink(missing_ok=True)
                self.log = None
            raise SemantifyError(
                f"{self.python}: cannot be started ({error.strerror or error}); give the Python that has torch and "
                "open_clip"
            ) from error
        # queues of their own: threads of a former child may still be handing over what it said
        self._lines, self._outbox = queue.Queue(), queue.Queue()
        threading.Thread(target=_read, args=(self._child.stdout, self._lines), daemon=True).start()
        threading.Thread(target=_write, args=(self._child.stdin, self._outbox), daemon=True).start()

    def _ask(self, verb: str, timeout: float, progress: StepProgress | None = None, **values: Any) -> dict[str, Any]:
        """Send one request and wait for its answer. Ends the child on anything but an answer or a told error."""
        self._number += 1
        number, until, lines, child = self._number, time.monotonic() + timeout, self._lines, self._child
        self._outbox.put(json.dumps({"id": number, "verb": verb, **values}).encode() + b"\n")
        try:
            while True:
                try:
                    line = lines.get(timeout=_POLL)
                except queue.Empty:
                    if time.monotonic() > until:
                        raise self._broken(f"did not answer within {timeout:.0f} s") from None
                    if child is not None and child.poll() is None:
                        continue
                    # what it started may hold its pipe open for ever; what it said itself is here by now
                    line = lines.get(timeout=1.0) if not lines.empty() else None
                if line is None:
                    raise self._broken("ended")
                message = event_of(line)
                if message.get("event") == "progress":
                    if progress:
                        done, total = (int(number_of(message, name)) for name in ("done", "total"))
                        progress(done, total, text_of(message, "text"))
                elif message.get("event") == "fatal":
                    # the model could not be loaded: nothing more will come
                    self.close()
                    raise SemantifyError(text_of(message, "error") or "the CLIP process cannot load its model")
                elif message.get("id") == number:
                    if "error" in message:
                        raise SemantifyError(text_of(message, "error") or "the CLIP process failed")
                    return message
        except SemantifyError:
            raise
        except BaseException:
            self.close()
            raise

    def _array(self, answer: dict[str, Any], rows: int) -> np.ndarray:
        try:
            values = np.frombuffer(base64.b64decode(answer["values"], validate=True), "<f4")
            values = values.reshape(rows, self.dimension).astype(np.float32)
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            raise self._broken("answered with something that is no embedding") from error
        if not np.isfinite(values).all():
            raise self._broken("answered with numbers that are not finite")
        return values

    def _broken(self, what: str) -> SemantifyError:
        """End the child; the error that says what it did, and its own last words."""
        child = self._child
        self.close(keep_log=True)
        status = f" with status {child.returncode}" if child is not None and what == "ended" else ""
        said = _last_line(self.log)
        return SemantifyError(
            f"the CLIP process of {self.python} {what}{status}{f' ({said})' if said else ''}: see its log {self.log}"
        )


def _read(stream: Any, lines: "queue.Queue[bytes | None]") -> None:
    """Hand over the child's lines, then None when there will be no more."""
    with contextlib.suppress(OSError, ValueError), stream:
        for line in stream:
            lines.put(line)
    lines.put(None)


def _write(stream: Any, outbox: "queue.Queue[bytes | None]") -> None:
    """Write what is in the outbox. In a thread, because a child that hangs leaves a full pipe behind."""
    with contextlib.suppress(OSError, ValueError), stream:
        while (data := outbox.get()) is not None:
            stream.write(data)
            stream.flush()


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return text_of({"": value}, "")


def _length(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _LONGEST:
        raise ValueError
    return value


def _last_log() -> Path:
    """Where the log of the last failure is kept."""
    return Path(tempfile.gettempdir()) / f"semantify-clip-{getattr(os, 'getuid', int)()}-last.log"


def _last_line(log: Path | None) -> str:
    """The last line of a log that is not empty, at most 200 characters; "" when there is none."""
    if log is None:
        return ""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace")[-4000:].splitlines()
    except OSError:
        return ""
    return next((line.strip()[:200] for line in reversed(lines) if line.strip()), "")
