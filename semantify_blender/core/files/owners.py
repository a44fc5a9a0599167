"""Which process on which machine a file belongs to, so that what killed ones left behind can be told and removed."""

import hashlib
import os
import platform
from contextlib import suppress
from functools import cache
from pathlib import Path


@cache
def this_node() -> str:
    """Eight letters for this machine since it was started, or this container on it: a process number means one there.

    Of a shared file system's other machines nothing can be asked but how old their files are.
    """
    parts = [platform.node()]
    # containers may share a name and count processes of their own; a machine that was started again has none of before
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text())
    with suppress(OSError):
        parts.append(os.readlink("/proc/self/ns/pid"))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]


def process_is_alive(process: int) -> bool:
    """Whether another process with this number runs on this machine."""
    if process == os.getpid():
        return False  # our own number on something we did not make: it was somebody's before us
    if os.name == "nt":
        return False  # there os.kill(pid, 0) would end the process, and an open file cannot be deleted anyway
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
