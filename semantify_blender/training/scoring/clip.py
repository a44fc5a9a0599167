"""Any CLIP behind one interface: the embedded small one, open_clip's models, or weights from a local file."""

import copy
import hashlib
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
from PIL.Image import Image
from torch import nn

from ...core.clip_names import SMALL, SMALL_NAMES
from ...core.descriptors import VOCABULARIES, subject_of
from ...core.devices import Device
from ...core.errors import SemantifyError
from ...core.library import folders
from .clip_folder import read_vocabulary
from .clip_sources import first_line, load_folder, load_named
from .clip_weights import check_sound, check_useful
from .images import ImageLoader, batched_groups, loader_of, square_geometry
from .packaged import PackagedModel, Texts, load_scorer, try_out
from .scorer import Entry, find_scorer

SEEN = ("anny-body", "anny-face-shape", "anny-face-expression", "quadruped")
"""Families whose renders the small CLIPs were trained on."""


def caution(clip_name: str, family: str) -> str | None:
    """One sentence when a small CLIP is asked about a family of models that it never saw; else None."""
    if clip_name in SMALL_NAMES.values() and family not in SEEN:
        return (
            f"the embedded CLIP {clip_name!r} has seen the embedded models only, none of family {family!r}: take its "
            "scores as a trial of the line, and give --clip ViT-B-32:openai for real ones"
        )
    return None


@dataclass(frozen=True, eq=False)
class Clip:
    """A CLIP model ready to encode.

    name: as the user asked for it, without machine paths. checksum: hex SHA-256 over the weights.
    vocabulary: the only words it knows, or None when it knows language at large.
    wanted_batch: pictures encoded at once where somebody said so (--batch); None leaves it to `batch`.
    remark: one sentence on what was taken for granted while it was loaded, to be shown to the user; else None.
    """

    name: str
    checksum: str
    model: nn.Module
    tokenizer: Any
    loader: ImageLoader
    device: torch.device
    vocabulary: tuple[str, ...] | None = None
    wanted_batch: int | None = None
    remark: str | None = None

    @property
    def batch(self) -> int:
        """Pictures encoded at once: as wanted, else what keeps the device busy without needing much memory."""
        return self.wanted_batch or (512 if self.device.type == "cuda" else 32)

    def check_words(self, words: Sequence[str]) -> None:
        """Raise SemantifyError naming the words outside the vocabulary of a model that has one."""
        if self.vocabulary is None:
            return
        known = {word.lower() for word in self.vocabulary}
        unknown = [word for word in words if word.lower() not in known]
        if unknown:
            others = (
                f"--vocabulary {name}, whose small CLIP knows that, or "
                for name, known_there in VOCABULARIES.items()
                if SMALL_NAMES[subject_of(name)] != self.name and {word.lower() for word in unknown} <= {*known_there}
            )
            raise SemantifyError(
                f"the CLIP model {self.name!r} does not know {', '.join(map(repr, unknown))}: it knows only "
                f"{', '.join(self.vocabulary)}; for any other word give {next(others, '')}a full CLIP, for example "
                "--clip ViT-B-32:openai"
            )

    def encode_images(self, images: Iterable[bytes | Image]) -> np.ndarray:
        """Embed images. Decoding runs in threads ahead of the encoder.

        images: encoded files' bytes or PIL images. Returns (N, D) float16, L2-normalised.
        Raises SemantifyError for bytes that are no image.
        """
        parts = list(self.iterate_image_batches(images))
        return np.concatenate(parts) if parts else np.zeros((0, self.dimension), np.float16)

    def iterate_image_batches(self, images: Iterable[bytes | Image]) -> Iterator[np.ndarray]:
        """The same, a batch at a time: (B, D) float16 arrays."""
        for _, embedded in self.iterate_group_batches([(0, images)]):
            yield embedded

    def iterate_group_batches(
        self, groups: Iterable[tuple[int, Iterable[bytes | Image]]]
    ) -> Iterator[tuple[int, np.ndarray]]:
        """The same of numbered groups: (group, (B, D) array), and no batch has images of two groups."""
        waiting: tuple[int, torch.Tensor] | None = None
        for group, pixels in batched_groups(groups, self.loader, self.batch):
            embedded = self.encode_pixels(pixels)
            # one batch late, so that a GPU works on the next one while this one is copied back
            if waiting is not None:
                yield waiting[0], waiting[1].cpu().numpy()
            waiting = group, embedded
        if waiting is not None:
            yield waiting[0], waiting[1].cpu().numpy()

    def on(self, device: str) -> "Clip":
        """This model on another device, as `--devices` names it. A package's scorer stays where it was loaded.

        Raises SemantifyError for one that is not there.
        """
        place = place_of(device)
        if place == self.device or isinstance(self.model, PackagedModel):
            return self
        return replace(self, model=copy.deepcopy(self.model).to(place), device=place)

    @torch.inference_mode()
    def encode_pixels(self, pixels: torch.Tensor) -> torch.Tensor:
        """Embed decoded images. pixels: (B, 3, H, W) uint8 at the model's size. Returns (B, D) float16, on device."""
        with self._autocast():
            features = self.model.encode_image(self.loader.normalise(pixels, self.device))  # type: ignore[operator]
        return nn.functional.normalize(features.float(), dim=-1).half()

    @torch.inference_mode()
    def encode_texts(self, prompts: Sequence[str], batch: int = 256) -> np.ndarray:
        """Embed texts. Returns (n, D) float32, L2-normalised. The vocabulary is checked by `check_words`, not here."""
        parts = []
        prompts = list(prompts)
        for start in range(0, len(prompts), batch):
            tokens = self.tokenizer(prompts[start : start + batch]).to(self.device)
            # text is a few hundred prompts at most: full precision costs nothing and words stay comparable
            features = self.model.encode_text(tokens).float()  # type: ignore[operator]
            parts.append(nn.functional.normalize(features, dim=-1).cpu().numpy())
        return np.concatenate(parts) if parts else np.zeros((0, self.dimension), np.float32)

    @cached_property
    def dimension(self) -> int:
        """D, the length of an embedding. Asked of the text tower, once."""
        return self.encode_texts([self.vocabulary[0] if self.vocabulary else "a"]).shape[1]

    def _autocast(self) -> AbstractContextManager:
        return torch.autocast("cuda", torch.bfloat16) if self.device.type == "cuda" else nullcontext()


def load_clip(spec: str = SMALL, device: str | None = None, subject: str = "body", batch: int | None = None) -> Clip:
    """Load a CLIP model by what `--clip` says: small, NAME:TAG, NAME:FILE, local-dir:FOLDER, or a package's scorer.

    device: "cpu", "cuda", "cuda:1" or None for CUDA when present. subject: which of the small ones "small" means (see
    `core.descriptors.subject_of`); each may also be named: small-face, small-animal. batch: pictures encoded at once.
    Raises SemantifyError: unknown model or tag, weights that cannot be had, a file that is not this model's weights.
    """
    _check_torch()
    place = place_of(device)
    logging.getLogger().setLevel(max(logging.getLogger().level, logging.WARNING))
    if spec == SMALL:
        spec = SMALL_NAMES[subject]
    if (entry := find_scorer(spec)) is not None:
        return _packaged(entry, spec.partition(":")[2], place, batch)
    embedded = spec in SMALL_NAMES.values()
    vocabulary = None
    if embedded or spec.startswith("local-dir:"):
        folder = _small_folder(spec) if embedded else Path(spec.removeprefix("local-dir:")).expanduser()
        vocabulary = read_vocabulary(folder)
        loaded = load_folder(folder)
    else:
        loaded = load_named(spec)
    check_sound(loaded.model, spec)
    model = loaded.model.eval().to(place)
    model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    checksum = state_checksum(model)
    name = spec if embedded else loaded.name
    if loaded.local and not embedded:  # two local files may share a name
        name = f"{name}-{checksum[:8]}"
    loader = loader_of(loaded.preprocess, spec)
    clip = Clip(name, checksum, model, loaded.tokenizer, loader, place, vocabulary, batch, loaded.remark)
    try:
        check_useful(clip.encode_images, clip.encode_texts, spec)
    except (RuntimeError, ValueError, TypeError, IndexError, AttributeError) as error:
        raise SemantifyError(f"CLIP {spec!r} cannot encode a picture and a word ({first_line(error)})") from error
    return clip


def _packaged(entry: Entry, argument: str, place: torch.device, batch: int | None) -> Clip:
    """A scorer of another package behind the same interface: its model and tokenizer are adapters."""
    scorer = load_scorer(entry, argument, str(place))
    model = PackagedModel(scorer).eval()
    checksum = hashlib.sha256(repr([entry.value, entry.package, argument, *scorer.identity]).encode()).hexdigest()
    name = f"{entry.name}-{checksum[:8]}" if argument else entry.name
    loader = ImageLoader(square_geometry(scorer.size), (0.0,) * 3, (1 / 255,) * 3)
    clip = Clip(name, checksum, model, Texts, loader, place, scorer.words, batch)
    try_out(clip.encode_images, clip.encode_texts, scorer)
    return clip


def _small_folder(name: str) -> Path:
    """Where a small CLIP lies: the user's folders first, as with models and mappers."""
    for folder in folders("clip"):
        if (folder / name).is_dir():
            return folder / name
    raise SemantifyError(f"the embedded CLIP {name!r} is missing: reinstall the package or give another --clip")


def state_checksum(model: nn.Module) -> str:
    """Hex SHA-256 over the names and values of a model's weights, and over its activation where that is QuickGELU."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
    if any(isinstance(module, open_clip.transformer.QuickGELU) for module in model.modules()):
        digest.update(b"QuickGELU")  # the same weights mean something else with it
    return digest.hexdigest()


def file_name(name: str) -> str:
    """A model's name as part of a file name: "ViT-B-32:openai" -> "ViT-B-32_openai"."""
    return re.sub(r"[^\w.-]+", "_", name)


def _check_torch() -> None:
    """Before 2.6 torch.load executes what a weights file holds, unless every caller asks it not to."""
    major, minor = (int(part) for part in torch.__version__.split(".")[:2])
    if (major, minor) < (2, 6):
        raise SemantifyError(
            f"torch {torch.__version__} may execute what is in a weights file: pip install --upgrade 'torch>=2.6'"
        )


def place_of(device: str | None) -> torch.device:
    """The device that --device names, as `core.devices` has it; None: CUDA when present.

    Raises SemantifyError for one that is not there.
    """
    if device is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    place = torch.device(Device.parse(device).torch)
    if place.type == "cuda" and not torch.cuda.is_available():
        raise SemantifyError(f"--device {device}: torch finds no CUDA device here; leave --device out, or give cpu")
    if place.index is not None and place.index >= torch.cuda.device_count():
        raise SemantifyError(f"--device {device}: torch finds {torch.cuda.device_count()} CUDA devices here, from 0 on")
    return place


def all_places(clip: Clip) -> list[str]:
    """Where a CLIP may work: on all cards, unless one was named; on the CPU alone."""
    if clip.device.type != "cuda" or clip.device.index is not None:
        return [str(clip.device)]
    return [f"cuda:{number}" for number in range(torch.cuda.device_count())]
