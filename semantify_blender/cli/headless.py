"""What the scripts in headless/ share: the user's arguments stand behind "--", where Blender leaves them alone."""

import os
import sys
from pathlib import Path


def run(verb: str, script: str, example: str) -> None:
    """Run a verb of the rendering command line with what stands behind "--", and end the process.

    script: its file. example: arguments to show to a user who forgot the two dashes; the process then ends with 2.
    """
    if "--" not in sys.argv:
        usage = f"blender -b --python-exit-code 1 -P headless/{Path(script).name} -- {example}"
        print(f'error: no "--" before the arguments, so they never got here: {usage}', file=sys.stderr, flush=True)
        os._exit(2)
    from .rendering import leave, main

    leave(main([verb, *sys.argv[sys.argv.index("--") + 1 :]]))
