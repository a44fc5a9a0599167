"""Train an embedded small CLIP on our own renders (see scripts/small_clip/data.py) and write it with its card.

    python scripts/small_clip/train.py SUBJECT DATA_FOLDER [--epochs 16]     # SUBJECT: body, face or animal

With --state FILE a training that was ended goes on after its last whole epoch when it is started again.

It learns three things at once: captions match images (CLIP's contrastive loss), the cosine of image and word grows
linearly with what the word measures, and the measurements themselves (a head that is dropped afterwards). The test is
the area under the ROC curve on unseen bodies; a model below the floor is not written.
"""

import argparse
import io
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import open_clip
import torch
from PIL import Image
from safetensors.torch import save_file
from sklearn.metrics import roc_auc_score

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.repository import DATA
from scripts.small_clip.kept import Kept, Single, digest
from scripts.small_clip.subject import SIZE, Part, Subject
from scripts.small_clip.subjects import SUBJECTS
from semantify_blender.core.dataset import Dataset
from semantify_blender.core.files.writing import sha256_of_file, write_aside, write_json
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.training.scoring import small_clip  # noqa: F401  registers the tower
from semantify_blender.training.statistics import spearman

CONFIG = {
    "model_cfg": {
        "embed_dim": 128,
        "vision_cfg": {
            "image_size": SIZE,
            "timm_model_name": "semantify_small",
            "timm_model_pretrained": False,
            "timm_pool": "",
            "timm_proj": "",
        },
        # a narrow text tower and a short context: the vocabulary has some forty words, and the token table is the file
        "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2},
    },
    "preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "size": SIZE, "interpolation": "bicubic"},
}


def load(subject: Subject, part: Part, folder: Path) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Images (N·views, H, W, 3) uint8 and measurements (N·views,), views side by side; what is unknown is NaN."""
    model = MorphableModel.load(part.model_path(folder))
    dataset = Dataset.open(folder / part.name)
    with ThreadPoolExecutor(2) as pool:
        images = list(pool.map(lambda item: np.asarray(Image.open(io.BytesIO(item[2]))), dataset.images()))
    coefficients = dataset.coefficients()
    views = len(dataset.spec.views)
    measured: dict[str, list[np.ndarray]] = {}
    for start in range(0, len(coefficients), 100):
        rows = coefficients[start : start + 100]
        for name, values in subject.measure(part, model, rows).items():
            measured.setdefault(name, []).append(values)
    known = {name: np.concatenate(values) for name, values in measured.items()}
    traits = folder / f"{part.name}.traits.npz"
    if traits.exists():
        with np.load(traits, allow_pickle=False) as drawn:
            known |= {name: drawn[name] for name in drawn.files}
    known |= {name: np.full(len(coefficients), np.nan) for name in part.unknown}
    return np.stack(images), {name: values.repeat(views) for name, values in known.items()}


def load_all(subject: Subject, parts: tuple[Part, ...], folder: Path) -> tuple[torch.Tensor, dict[str, np.ndarray]]:
    """All parts together: images (N, 3, H, W) uint8 channels-last, measurements name -> (N,)."""
    loaded = [load(subject, part, folder) for part in parts]
    images = torch.from_numpy(np.concatenate([images for images, _ in loaded])).permute(0, 3, 1, 2)
    return images, {name: np.concatenate([measured[name] for _, measured in loaded]) for name in subject.measurements}


def augment(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """uint8 (B, 3, H, W) to normalised float: mirror, shift by a few pixels, brightness and contrast."""
    x = images.float().div_(127.5).sub_(1.0)
    mirror = torch.rand(len(x), generator=generator) < 0.5
    x[mirror] = x[mirror].flip(3)
    dy, dx = torch.randint(-3, 4, (2,), generator=generator).tolist()
    x = torch.roll(x, (dy, dx), (2, 3))
    gain = 0.85 + 0.3 * torch.rand(len(x), 1, 1, 1, generator=generator)
    shift = 0.2 * (torch.rand(len(x), 1, 1, 1, generator=generator) - 0.5)
    return (x * gain + shift).contiguous(memory_format=torch.channels_last)


def known_mse(found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Mean squared error over the entries of `wanted` that are not NaN."""
    known = ~wanted.isnan()
    return (torch.where(known, found - wanted.nan_to_num(), 0.0) ** 2).sum() / known.sum()


def train(
    subject: Subject, images: torch.Tensor, targets: np.ndarray, measured: np.ndarray, options: argparse.Namespace
) -> open_clip.CLIP:
    """The trained model. targets: (N, W) standardised meanings; measured: (N, M) standardised measurements."""
    torch.manual_seed(options.seed)
    generator = torch.Generator().manual_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    model = open_clip.CLIP(**CONFIG["model_cfg"]).to(memory_format=torch.channels_last)
    # a single learnable factor from cosine to standard deviations keeps all words' scores on one scale
    factor = torch.nn.Parameter(torch.tensor(6.0))
    head = torch.nn.Linear(128, measured.shape[1])
    tokenizer = open_clip.SimpleTokenizer(context_length=16)
    words = tokenizer(list(subject.words))
    clip_loss = open_clip.ClipLoss()
    parameters = [*model.parameters(), factor, *head.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=options.lr, weight_decay=0.05)
    steps = options.epochs * (len(images) // options.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, options.lr, total_steps=steps, pct_start=0.1)
    wanted = torch.from_numpy(np.clip(targets, -2.5, 2.5).astype(np.float32))
    attributes = torch.from_numpy(np.clip(measured, -2.5, 2.5))
    stated = np.nan_to_num(targets, nan=-9.0)  # an unknown word is never put into a caption
    kept = Kept(
        options.state,
        {"model": model, "factor": Single(factor), "head": head, "optimiser": optimiser, "schedule": schedule},
        (generator, rng),
        {
            "epochs": options.epochs,
            "lr": options.lr,
            "batch": options.batch,
            "seed": options.seed,
            "data": digest(targets),
        },
    )
    done = kept.resume()
    started, step = time.time(), 0
    for epoch in range(done, options.epochs):
        model.train()
        order = rng.permutation(len(images))
        sums = np.zeros(3)
        for start in range(0, len(order) - options.batch + 1, options.batch):
            rows = np.sort(order[start : start + options.batch])
            raw = model.visual(augment(images[rows], generator))
            features = torch.nn.functional.normalize(raw, dim=-1)
            captions = tokenizer([subject.caption(stated[i], rng) for i in rows])
            texts = torch.nn.functional.normalize(model.encode_text(torch.cat([words, captions])), dim=-1)
            word_features, caption_features = texts[: len(words)], texts[len(words) :]
            fit = known_mse(factor * features @ word_features.T, wanted[rows])
            contrast = clip_loss(features, caption_features, model.logit_scale.exp().clamp(max=50))
            auxiliary = known_mse(head(raw), attributes[rows])
            loss = 3.0 * fit + 0.15 * contrast + auxiliary
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            step += 1
            sums += [fit.item(), contrast.item(), auxiliary.item()]
        fit_, contrast_, auxiliary_ = sums / (len(order) // options.batch)
        rate = step * options.batch / (time.time() - started)
        print(f"epoch {epoch + 1}/{options.epochs}: fit {fit_:.3f} contrast {contrast_:.3f} measured {auxiliary_:.3f} "
              f"factor {factor.item():.1f} {rate:.0f} images/s", flush=True)  # fmt: skip
        kept.keep(epoch + 1)
    return model


def top_quarter(values: np.ndarray) -> np.ndarray:
    """(N,) bool: which have most of something; more than a quarter where many have all there is, as faces at rest of
    *neutral*.
    """
    return np.asarray(values >= np.quantile(values, 0.75))


@torch.no_grad()
def evaluate(
    subject: Subject, model: open_clip.CLIP, images: torch.Tensor, targets: np.ndarray, views: int = 2
) -> dict[str, dict[str, float]]:
    """For each word: AUC for the top quarter by measurement, one view and the mean of two; Spearman's rho of two."""
    model.eval()
    tokenizer = open_clip.SimpleTokenizer(context_length=16)
    texts = model.encode_text(tokenizer(list(subject.words)), normalize=True)
    features = torch.cat([
        model.encode_image(part.float().div(127.5).sub(1).contiguous(memory_format=torch.channels_last), normalize=True)
        for part in images.split(256)
    ])  # fmt: skip
    scores = (features @ texts.T).numpy()
    both = scores.reshape(-1, views, len(subject.words)).mean(1)
    shapes = targets[::views]
    figures = {}
    for i, word in enumerate(subject.words):
        known = ~np.isnan(shapes[:, i])
        value, seen = shapes[known, i], both[known, i]
        top = top_quarter(value)
        figures[word] = {
            "auc one view": float(roc_auc_score(top.repeat(views), scores[known.repeat(views), i])),
            "auc": float(roc_auc_score(top, seen)),
            "rho": spearman(seen, value),
        }
    return figures


def print_table(figures: dict[str, dict[str, float]]) -> None:
    """The AUC table, best word first, and its mean."""
    print(f"{'word':<18}{'AUC 1 view':>11}{'AUC 2 views':>12}{'rho':>7}")
    for word, row in sorted(figures.items(), key=lambda item: -item[1]["auc"]):
        print(f"{word:<18}{row['auc one view']:>11.3f}{row['auc']:>12.3f}{row['rho']:>7.2f}")
    mean = {key: np.mean([row[key] for row in figures.values()]) for key in ("auc one view", "auc", "rho")}
    print(f"{'MEAN':<18}{mean['auc one view']:>11.3f}{mean['auc']:>12.3f}{mean['rho']:>7.2f}")


def write(
    subject: Subject,
    model: open_clip.CLIP,
    out: Path,
    figures: dict[str, dict[str, float]],
    options: argparse.Namespace,
) -> None:
    """Config, float16 weights and the card. Token rows that no caption uses are zeroed: they would be noise."""
    tokenizer = open_clip.SimpleTokenizer(context_length=16)
    used = tokenizer([*subject.words, *(template.format("") for template in subject.templates)])
    keep = torch.zeros(49408, dtype=torch.bool)
    keep[used.unique()] = True
    state = {key: value.half() if value.is_floating_point() else value for key, value in model.state_dict().items()}
    state["token_embedding.weight"] = state["token_embedding.weight"] * keep[:, None]
    out.mkdir(parents=True, exist_ok=True)
    weights = out / "open_clip_model.safetensors"
    with write_aside(weights) as aside:
        save_file({key: value.contiguous() for key, value in state.items()}, aside)
    write_json(out / "open_clip_config.json", CONFIG)
    write_json(
        out / "card.json",
        {
            "name": f"semantify-{subject.folder}",
            "kind": "a small CLIP trained from scratch on this project's own renders; not OpenAI's CLIP",
            "vocabulary": list(subject.words),
            "trained on": [f"{part.samples} × 2 views, {part.model}, {part.look} look" for part in subject.training],
            "tested on": [f"{part.samples} × 2 views, {part.model}, {part.look} look, unseen" for part in subject.test],
            "cannot do": subject.cannot,
            "figures": figures,
            "mean auc, two views": float(np.mean([row["auc"] for row in figures.values()])),
            "seed": options.seed,
            "epochs": str(options.epochs),
            "weights sha256": sha256_of_file(weights),
            "licence": "GPL-3.0-or-later; the models it saw are CC0",
        },
    )
    print(f"{weights}: {weights.stat().st_size / 1e6:.2f} MB")


def main() -> None:
    """Train, test, and write unless the test fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("subject", choices=list(SUBJECTS))
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, help="default: the subject's folder in semantify_blender/data/clip")
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--state", type=Path, help="keep the state here after each epoch, and go on from it")
    options = parser.parse_args()
    subject = SUBJECTS[options.subject]
    images, measured = load_all(subject, subject.training, options.data)
    reference = {name: (float(np.nanmean(values)), float(np.nanstd(values))) for name, values in measured.items()}
    raw = subject.meanings(subject.standardise(measured, reference))
    centre, spread = np.nanmean(raw, 0), np.nanstd(raw, 0)
    print(f"{len(images)} images, {len(subject.words)} words, {torch.get_num_threads()} threads", flush=True)
    model = train(subject, images, (raw - centre) / spread, subject.standardise(measured, reference), options)
    test_images, test_measured = load_all(subject, subject.test, options.data)
    wanted = subject.meanings(subject.standardise(test_measured, reference))
    figures = evaluate(subject, model, test_images, (wanted - centre) / spread)
    print_table(figures)
    mean = np.mean([row["auc"] for row in figures.values()])
    if not mean >= subject.floor:  # nor when a word cannot be tested
        sys.exit(f"mean AUC {mean:.3f} is below {subject.floor}: not written")
    out = options.out or DATA / "clip" / subject.folder
    write(subject, model, out, figures, options)


if __name__ == "__main__":
    main()
