"""Train the tower that looks at pictures for the fit: a small CLIP's, made robust to looks, views and poses.

    python scripts/small_clip/train_image_encoder.py body --wild data/wild-0 data/wild-1 --plain out/neutral/dataset \
        [--epochs 10]

WILD are datasets of look "wild" (semantify render --look wild --shapes …), with targets.npz beside dataset.json
(scripts/anny/sample_figures.py) unless their coefficients are the target; PLAIN is one encoded dataset of each of the
subject's mappers (semantify run makes it), for the scores that the tower should give.

It learns at once the coefficients of the subject's models, their traits (sex, fat, muscle), the view, and the scores
that the small CLIP gives the same shape in the plain look of the mappers' training pictures: so that a picture can go
the paper's way, too. Where the figure can be told from its backdrop the backdrop is grey; one picture in four keeps a
busy one.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import Ridge
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.repository import DATA
from scripts.small_clip.kept import Kept, digest
from semantify_blender.core.dataset import Dataset
from semantify_blender.core.fitting.image_encoder import SUFFIX, Convolution, ImageEncoder
from semantify_blender.core.library import load_model
from semantify_blender.core.model.measurements import quadratic_terms
from semantify_blender.core.pictures.crop import GREY
from semantify_blender.training.fitter.variation import Variation, Varied
from semantify_blender.training.fitter.wild_pictures import cut_dataset, view_angles
from semantify_blender.training.scoring.clip import load_clip
from semantify_blender.training.scoring.embeddings import embed_dataset
from semantify_blender.training.scoring.small_clip import Residual, SmallTower


@dataclass(frozen=True)
class Taught:
    """models: whose coefficients are learnt. clip: the small CLIP it starts from and whose scores it keeps."""

    clip: str
    models: tuple[str, ...]


SUBJECTS = {
    "body": Taught("small", ("anny-body-neutral",)),
    "face": Taught("small-face", ("anny-face-shape", "anny-face-expression")),
    "animal": Taught("small-animal", ("quadruped",)),
}

SIZE = 128
DEEPER = (2, 6, 10)
"""Stages of the small CLIP's tower after which the encoder has one more residual convolution: 32, 16 and 8 pixels."""
_FAINT = 0.1
"""What a new convolution adds at first, so that training begins near the small CLIP's own embeddings."""


def load(subject: Taught, folders: list[Path]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cuts (N, S, S, 4) uint8, coefficients of all models side by side (N, ΣK), angles (N, 2) degrees."""
    cuts, coefficients, angles = [], [], []
    for folder in folders:
        dataset = Dataset.open(folder)
        cuts.append(cut_dataset(dataset, SIZE))
        targets = folder / "targets.npz"
        if targets.is_file():
            with np.load(targets, allow_pickle=False) as stored:
                rows = np.concatenate([stored[name][: len(dataset)] for name in subject.models], 1)
        else:
            rows = dataset.coefficients()
        coefficients.append(rows.repeat(len(dataset.spec.views), 0))
        angles.append(view_angles(dataset))
        print(f"{folder.name}: {len(cuts[-1])} pictures", flush=True)
    return np.concatenate(cuts), np.concatenate(coefficients), np.concatenate(angles)


def plain_scores(clip, plain: list[Path], subject: Taught) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """For each model: a quadratic (terms, W) from its coefficients to the words' scores in plain pictures, mean, sd."""
    texts = clip.encode_texts(list(clip.vocabulary))
    found = []
    for name, folder in zip(subject.models, plain, strict=True):
        dataset = Dataset.open(folder)
        stored, _ = embed_dataset(dataset, clip)
        scores = 100 * stored.values.astype(np.float32).mean(1) @ texts.T
        terms = quadratic_terms(dataset.coefficients())
        weights = Ridge(1e-3 * len(terms), fit_intercept=False, solver="cholesky").fit(terms, scores).coef_.T
        explained = 1 - ((scores - terms @ weights) ** 2).mean(0) / scores.var(0)
        print(f"{name}: plain scores from coefficients, mean R² {explained.mean():.3f}", flush=True)
        found.append((weights, scores.mean(0), scores.std(0)))
    return found


def traits_of(subject: Taught, coefficients: np.ndarray) -> np.ndarray:
    """(N, T) float32 traits of the shapes as the subject's models tell them, of mean 0 and deviation 1."""
    found, start = [np.zeros((len(coefficients), 0))], 0
    for name in subject.models:
        model = load_model(name)
        terms = quadratic_terms(np.clip(coefficients[:, start : start + model.component_count], -4, 4))
        start += model.component_count
        traits = [terms @ w.astype(np.float64) for key, w in model.extra.items() if key.startswith("trait/")]
        found += [np.stack(traits, 1)] if traits else []
    values = np.concatenate(found, 1)
    return ((values - values.mean(0)) / values.std(0)).astype(np.float32)


def deeper(tower: SmallTower) -> SmallTower:
    """The tower with more convolutions at the same resolutions."""
    stages: list[nn.Module] = []
    for number, stage in enumerate(tower.stages):
        stages.append(stage)
        if number in DEEPER:
            before: Any = stage.body[1] if isinstance(stage, Residual) else stages[-2]
            more = Residual(before.num_features)
            norm: Any = more.body[1]
            nn.init.constant_(norm.weight, _FAINT)
            stages.append(more)
    tower.stages = nn.Sequential(*stages)
    return tower


def ahead(vary: Variation, cuts: np.ndarray, batches: list[np.ndarray]) -> Iterator[tuple[np.ndarray, Varied]]:
    """Batches with their variations, the next one made while the last one is learnt from."""
    with ThreadPoolExecutor(1) as pool:
        waiting = [pool.submit(vary, cuts[rows]) for rows in batches[:2]]
        for number, rows in enumerate(batches):
            varied = waiting.pop(0).result()
            if number + 2 < len(batches):
                waiting.append(pool.submit(vary, cuts[batches[number + 2]]))
            yield rows, varied


class Heads(nn.Module):
    """What is learnt beside the embedding: coefficients, traits and the view, from the embedding itself."""

    def __init__(self, coefficients: int, traits: int = 0) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(128, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU())
        self.out = nn.Linear(256, coefficients + 3 + traits)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: (N, 128) of unit length. Returns (N, coefficients + 3 + traits)."""
        return self.out(self.body(x * 128**0.5))


def main() -> None:
    """Load, train, print the held-out errors after each epoch, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("subject", choices=list(SUBJECTS))
    parser.add_argument("--wild", type=Path, nargs="+", required=True, help="datasets to train on")
    parser.add_argument("--plain", type=Path, nargs="+", required=True, help="one encoded dataset of each model")
    parser.add_argument("--test", type=Path, nargs="+", default=[], help="datasets of look wild or unseen")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bfloat16", action="store_true", help="twice as quick where the processor knows it")
    parser.add_argument("--state", type=Path, help="keep the state here after each epoch, and go on from it")
    parser.add_argument("--out", type=Path, help="default: the subject's file in semantify_blender/data/encoders")
    options = parser.parse_args()
    subject = SUBJECTS[options.subject]
    torch.manual_seed(options.seed)
    clip = load_clip(subject.clip, "cpu")
    if clip.vocabulary is None:
        parser.error(f"{subject.clip} has no vocabulary: the encoder learns from a small CLIP")
    cuts, coefficients, angles = load(subject, options.wild)
    scores = plain_scores(clip, options.plain, subject)
    state = clip.model.state_dict()
    tower = SmallTower()
    prefix = next(key for key in state if key.endswith("stages.0.weight")).removesuffix("stages.0.weight")
    tower.load_state_dict({k.removeprefix(prefix): v.float() for k, v in state.items() if k.startswith(prefix)})
    tower = deeper(tower)
    texts = torch.from_numpy(clip.encode_texts(list(clip.vocabulary)))
    centre, spread = coefficients.mean(0), coefficients.std(0)
    traits = torch.from_numpy(traits_of(subject, coefficients))
    heads = Heads(coefficients.shape[1], traits.shape[1])
    tower = tower.to(memory_format=torch.channels_last)
    wanted = torch.from_numpy(((coefficients - centre) / spread).astype(np.float32))
    # an error in a component counts by how far it moves the surface, a little evened out so that none is given up
    deviations = np.concatenate([load_model(name).standard_deviations for name in subject.models])
    counts = [load_model(name).component_count for name in subject.models]
    ends = np.cumsum(counts)
    weight = np.concatenate([
        (part * spread[e - c : e] / (part * spread[e - c : e]).max()) ** 0.8
        for part, c, e in zip(np.split(deviations, ends[:-1]), counts, ends, strict=True)
    ])  # fmt: skip
    weight = torch.from_numpy((weight / weight.mean()).astype(np.float32))
    canonical = [
        torch.from_numpy(((quadratic_terms(np.clip(coefficients[:, e - c : e], -4, 4)) @ w - m) / s).astype(np.float32))
        for (w, m, s), c, e in zip(scores, counts, ends, strict=True)
    ]
    normal = [(torch.from_numpy(m.astype(np.float32)), torch.from_numpy(s.astype(np.float32))) for _, m, s in scores]
    radians = np.radians(angles)
    view = torch.from_numpy(np.stack([np.sin(radians[:, 0]), np.cos(radians[:, 0]), angles[:, 1] / 10], 1))
    vary = Variation(SIZE, options.seed)
    rng = np.random.default_rng(options.seed)
    parameters = [*tower.parameters(), *heads.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=options.lr, weight_decay=0.03)
    steps = options.epochs * (len(cuts) // options.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, options.lr, total_steps=steps, pct_start=0.1)
    print(f"{len(cuts)} pictures, {steps} steps", flush=True)
    kept = Kept(
        options.state,
        {"tower": tower, "heads": heads, "optimiser": optimiser, "schedule": schedule},
        (vary.rng, vary.torch, rng),
        {
            **{name: getattr(options, name) for name in ("epochs", "lr", "batch", "seed")},
            "data": digest(coefficients),
            "clip": clip.checksum,
        },
    )
    done = kept.resume()
    started, step = time.time(), 0
    for epoch in range(done, options.epochs):
        tower.train()
        heads.train()
        order = rng.permutation(len(cuts))
        sums = np.zeros(4)
        starts = range(0, len(order) - options.batch + 1, options.batch)
        for rows, varied in ahead(vary, cuts, [np.sort(order[at : at + options.batch]) for at in starts]):
            pixels = (varied.pictures * 2 - 1).contiguous(memory_format=torch.channels_last)
            with torch.autocast("cpu", torch.bfloat16, enabled=options.bfloat16):
                seen_by = tower(pixels)
            embedded = nn.functional.normalize(seen_by.float(), dim=-1)
            out = heads(embedded)
            k = coefficients.shape[1]
            fit = (weight * (out[:, :k] - wanted[rows]) ** 2).mean()
            seen = view[rows].clone()
            seen[varied.mirrored, 0] *= -1
            angle = ((out[:, k : k + 3] - seen) ** 2).mean()
            trait = ((out[:, k + 3 :] - traits[rows]) ** 2).mean() if traits.shape[1] else torch.zeros(())
            said = 100 * embedded @ texts.T
            speak = sum(
                (((said - m) / s - target[rows]) ** 2).clamp(max=9).mean()
                for (m, s), target in zip(normal, canonical, strict=True)
            ) / len(normal)
            loss = fit + 0.3 * angle + 0.15 * speak + 0.2 * trait
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            step += 1
            sums += [fit.item(), angle.item(), float(torch.as_tensor(speak).detach()), trait.item()]
        rate = step * options.batch / (time.time() - started)
        means = sums / (len(order) // options.batch)
        print(f"epoch {epoch + 1}/{options.epochs}: coefficients {means[0]:.3f} view {means[1]:.3f} "
              f"scores {means[2]:.3f} traits {means[3]:.3f} {rate:.0f} pictures/s", flush=True)  # fmt: skip
        kept.keep(epoch + 1)
        if options.test and (epoch % 3 == 2 or epoch == options.epochs - 1):
            print(test(tower, heads, subject, options.test, centre, spread), flush=True)
    encoder = exported(tower, options.subject, clip, texts.numpy(), options, len(cuts))
    out = options.out or DATA / "encoders" / f"{options.subject}{SUFFIX}"
    out.parent.mkdir(parents=True, exist_ok=True)
    encoder.save(out)
    check(encoder, tower, cuts[:32])
    print(f"{out}: {out.stat().st_size / 1e6:.2f} MB, {encoder.checksum[:12]}")


@torch.no_grad()
def test(tower: SmallTower, heads: Heads, subject: Taught, folders: list[Path], centre, spread) -> str:
    """Mean vertex error in mm of each dataset and model, figures on grey; centroids laid on each other."""
    tower.eval()
    heads.eval()
    lines = []
    for folder in folders:
        cuts, coefficients, _ = load(subject, [folder])
        pictures = on_grey(cuts)
        found = heads(nn.functional.normalize(tower(pictures * 2 - 1), dim=-1)).numpy()[:, : len(centre)]
        found = found * spread + centre
        start = 0
        for name in subject.models:
            model = load_model(name)
            part = slice(start, start + model.component_count)
            offsets = model.vertices(found[:, part]) - model.vertices(coefficients[:, part])
            offsets -= offsets.mean(1, keepdims=True)
            rest = model.vertices(coefficients[:, part]) - model.template
            rest -= rest.mean(1, keepdims=True)
            errors = [1000 * np.linalg.norm(part, axis=2).mean() for part in (offsets, rest)]
            lines.append(f"  {folder.name} {name}: {errors[0]:.2f} mm, mean shape {errors[1]:.2f} mm")
            start += model.component_count
    return "\n".join(lines)


def on_grey(cuts: np.ndarray) -> torch.Tensor:
    """(N, S, S, 4) premultiplied uint8 to (N, 3, S, S) float in 0..1 on the fit's grey."""
    x = torch.from_numpy(cuts).permute(0, 3, 1, 2).float().div_(255)
    return (x[:, :3] + (1 - x[:, 3:]) * (GREY / 255)).contiguous(memory_format=torch.channels_last)


def exported(tower: SmallTower, name: str, clip, texts: np.ndarray, options, count: int) -> ImageEncoder:
    """The tower for NumPy, batch normalisation folded into the convolutions."""
    layers = []
    # what torch knows as modules has attributes of its own
    stages: list[Any] = list(tower.stages)
    i = 0
    while i < len(stages):
        residual = isinstance(stages[i], Residual)
        conv, norm = (stages[i].body[0], stages[i].body[1]) if residual else (stages[i], stages[i + 1])
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        weight = (conv.weight * scale.view(-1, 1, 1, 1)).detach().numpy().astype(np.float16).astype(np.float32)
        bias = (norm.bias - norm.running_mean * scale).detach().numpy()
        layers.append(Convolution(weight, bias, conv.stride[0], conv.padding[0], residual))
        i += 1 if residual else 3
    head: Any = tower.head[1]
    return ImageEncoder(
        name=name,
        size=SIZE,
        clip_name=clip.name,
        clip_checksum=clip.checksum,
        words=tuple(clip.vocabulary),
        texts=texts,
        convolutions=tuple(layers),
        head=head.weight.detach().numpy().astype(np.float16).astype(np.float32),
        head_bias=head.bias.detach().numpy(),
        provenance={"pictures": count, "epochs": options.epochs, "seed": options.seed, "batch": options.batch,
                    "datasets": [path.name for path in options.wild]},
    )  # fmt: skip


@torch.no_grad()
def check(encoder: ImageEncoder, tower: SmallTower, cuts: np.ndarray) -> None:
    """The NumPy tower must say what torch's says."""
    tower.eval()
    pictures = on_grey(cuts)
    pixels = (pictures * 255).round().to(torch.uint8)
    mine = encoder.embed(pixels.permute(0, 2, 3, 1).numpy())
    theirs = nn.functional.normalize(tower(pixels.float() / 127.5 - 1), dim=-1).numpy()
    agreement = (mine * theirs).sum(1).min()
    if agreement < 0.999:
        sys.exit(f"NumPy and torch disagree: cosine {agreement:.5f}")
    print(f"NumPy and torch agree: smallest cosine {agreement:.6f}")


if __name__ == "__main__":
    main()
