"""How well the small CLIPs tell words, from their cards."""

from pathlib import Path

from scripts.figures.measured import Measured
from scripts.figures.pages import table
from semantify_blender.core.clip_names import SMALL_NAMES
from semantify_blender.core.files.json_text import read_json
from semantify_blender.core.mapper import SUFFIX, Mapper

WEAKEST = 3
"""How many words are named at the lower end."""


def small_clips(measured: Measured) -> str:
    """One row a CLIP: AUC of the mean of two views, over all words, the sliders' words, the weakest."""
    rows = []
    for subject, name in SMALL_NAMES.items():
        words = {word for model in measured.models(subject) for word in _sliders(measured.data, model)}
        rows.append(_row(name, measured.data / "clip" / name / "card.json", words))
    return table(["", "words", "tested on, unseen", "mean AUC", "words of sliders", "weakest"], rows)


def _row(name: str, card: Path, sliders: set[str]) -> list[str]:
    told = read_json(card, "train it again: scripts/small_clip/train.py")
    auc = {word: figures["auc"] for word, figures in told["figures"].items()}
    # a slider's word need not be one that this card was judged on
    known = sorted((auc[word], word) for word in sliders if word in auc)
    tested = "; ".join(one.removesuffix(", unseen") for one in told["tested on"])
    ends = [f"{known[0][0]:.3f} ({known[0][1]}) to {known[-1][0]:.3f} ({known[-1][1]})"] if known else [""]
    weakest = ", ".join(f"{word} {value:.3f}" for value, word in sorted((v, w) for w, v in auc.items())[:WEAKEST])
    return [f"`{name}`", str(len(auc)), tested, f"{told['mean auc, two views']:.3f}", *ends, weakest]


def _sliders(data: Path, model: str) -> tuple[str, ...]:
    return Mapper.load(data / "mappers" / f"{model}{SUFFIX}").descriptors
