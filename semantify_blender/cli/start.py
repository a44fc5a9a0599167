"""Where the `semantify` command begins: Ctrl-C while the command line is being imported ends it without a word."""

import signal


def main() -> int:
    """Run one verb. Returns the exit status of `cli.main.main`."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from .main import main

    signal.signal(signal.SIGINT, signal.default_int_handler)
    return main()
