"""The `semantify` command: one verb per step of the line, and `run` for the whole of it.

Nothing here imports torch, so that `--help`, `models` and `render` answer without it.
"""

import argparse
import importlib
import json
import shlex
import sys
from collections.abc import Callable, Sequence

from .. import __version__
from ..core.errors import SemantifyError, missing_package
from ..core.files.writing import file_trouble
from ..core.library import available
from ..core.pipes import until_pipe_closes
from ..processes.requests import WorkerRequest
from .blender import BLENDER_VERBS, hand_over
from .config_file import with_config
from .convert import add_convert
from .experiments import add_experiments
from .line import CLIP_HELP, add_clip, add_line
from .missing import add_missing
from .options import Parser, given_options
from .page import add_page
from .pictures import add_fitter
from .rules import check_rules


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb. Returns the exit status: 0, 2 for a user's error, 130 when interrupted, 141 when nobody reads."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    return until_pipe_closes(lambda: _run(words))


def _run(words: Sequence[str]) -> int:
    try:
        if words[:1] and words[0] in BLENDER_VERBS:
            return hand_over(words)
        parser = _parser()
        if not words:
            parser.print_help(sys.stderr)
            return 2
        words = with_config(words)
        options = parser.parse_args(words)
        check_rules(vars(options), given_options(parser, words))
        options.command = shlex.join(["semantify", *words])
        result = options.run(options)
        if getattr(options, "json", False) and result is not None:
            print(json.dumps(result, indent=2, ensure_ascii=False))
        return 0
    except SemantifyError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        if isinstance(error, ConnectionError):
            raise
        print(f"error: {file_trouble(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("error: interrupted; run the same command again to go on", file=sys.stderr)
        return 130


def _training(module: str, name: str) -> Callable:
    """A function of a module that needs training's packages, imported when it is needed."""
    try:
        return getattr(importlib.import_module(module, __package__), name)
    except ModuleNotFoundError as error:
        raise missing_package(error) from error


def _verb(name: str) -> Callable[[argparse.Namespace], object]:
    return lambda options: _training(".training_verbs", name)(options)


def _experiment(name: str) -> Callable[[argparse.Namespace], object]:
    return lambda options: _training(".experiment_verbs", name)(options)


def _picture_verb(name: str) -> Callable[[argparse.Namespace], object]:
    return lambda options: _training(".picture_verbs", name)(options)


def _serve(options: argparse.Namespace) -> None:
    _training("..training.scoring.worker", "serve")(options.clip, options.device, options.subject, options.offline)


def _list(kind: str) -> Callable[[argparse.Namespace], dict[str, str]]:
    def run(options: argparse.Namespace) -> dict[str, str]:
        found = {name: str(path) for name, path in available(kind).items()}
        if not options.json:
            width = max(map(len, found), default=0)
            print("\n".join(f"{name:{width}}  {path}" for name, path in found.items()) or f"no {kind} found")
        return found

    return run


def _list_scorers(options: argparse.Namespace) -> dict[str, str]:
    """`semantify scorers`: what installed packages offer for --clip."""
    from ..training.scoring.scorer import GROUP, installed_scorers

    found = {name: entry.package or entry.value for name, entry in installed_scorers().items()}
    if not options.json:
        width = max(map(len, found), default=0)
        nothing = f"no installed package has an entry point in {GROUP!r}; see docs/python.md"
        print("\n".join(f"{name:{width}}  {package}" for name, package in found.items()) or nothing)
    return found


def _parser() -> Parser:
    """The whole command line."""
    parser = Parser(
        prog="semantify", description="Shape 3D morphable models with words: render, score, select, train, evaluate."
    )
    parser.add_argument("--version", action="version", version=f"semantify {__version__}")
    verbs = parser.add_subparsers(required=True, metavar="VERB", dest="verb")
    plain = Parser(add_help=False)
    plain.add_argument("--json", action="store_true", help="print the result as JSON")
    common = Parser(add_help=False, parents=[plain])
    common.add_argument("--quiet", action="store_true", help="no progress")
    for name, (_, text) in BLENDER_VERBS.items():
        verbs.add_parser(name, help=f"{text} (semantify {name} --help lists its options)")
    add_line(verbs, common, plain, _verb)
    add_experiments(verbs, common, _experiment, add_clip)
    add_convert(verbs, plain)
    add_page(verbs, plain)
    add_fitter(verbs, common, _picture_verb, add_clip)
    add_missing(verbs, plain)
    _add_worker(verbs)
    for kind in ("models", "mappers", "fitters"):
        listing = verbs.add_parser(kind, parents=[plain], help=f"list the {kind} that can be named")
        listing.set_defaults(run=_list(kind))
    text = "list the scorers that installed packages offer for --clip"
    verbs.add_parser("scorers", parents=[plain], help=text, description=text).set_defaults(run=_list_scorers)
    return parser


def _add_worker(verbs: argparse._SubParsersAction) -> None:
    text = "keep a CLIP model loaded and answer JSON lines; Blender starts this by itself"
    parser = verbs.add_parser("worker", help=text, description=text)
    parser.set_defaults(run=_serve)
    parser.add_argument("--clip", required=True, help=CLIP_HELP)
    parser.add_argument("--device", choices=("cpu", "cuda"), help="default: cuda when present")
    parser.add_argument(
        "--subject", choices=("body", "face", "animal"), default=WorkerRequest.subject, help="which one 'small' means"
    )
    parser.add_argument("--offline", action="store_true", help="only weights that are on this machine")
