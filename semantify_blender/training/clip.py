"""Any CLIP behind one interface: the embedded small one, open_clip's models, or weights from a local file."""

import hashlib
import json
import logging
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
from PIL.Image import Image
from torch import nn
from torchvision import transforms

from ..core.errors import SemantifyError
from ..core.library import DATA
from .images import ImageLoader, batched_images

SMALL = "small"
SMALL_NAMES = {"body": "small", "face": "small-face", "animal": "small-animal"}
"""Subject -> name of the embedded small CLIP that was trained on its pictures, also its folder in the data."""


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
    """

    name: str
    checksum: str
    model: nn.Module
    tokenizer: Any
    loader: ImageLoader
    device: torch.device
    vocabulary: tuple[str, ...] | None = None
    wanted_batch: int | None = None

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
            raise SemantifyError(
                f"the CLIP model {self.name!r} does not know {', '.join(map(repr, unknown))}: it knows only "
                f"{', '.join(self.vocabulary)}; for any other word give a full CLIP, for example --clip ViT-B-32:openai"
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
        waiting: torch.Tensor | None = None
        for pixels in batched_images(images, self.loader, self.batch):
            embedded = self.encode_pixels(pixels)
            # one batch late, so that a GPU works on the next one while this one is copied back
            if waiting is not None:
                yield waiting.cpu().numpy()
            waiting = embedded
        if waiting is not None:
            yield waiting.cpu().numpy()

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
        return self.encode_texts(["a"]).shape[1]

    def _autocast(self) -> AbstractContextManager:
        return torch.autocast("cuda", torch.bfloat16) if self.device.type == "cuda" else nullcontext()


def load_clip(spec: str = SMALL, device: str | None = None, subject: str = "body", batch: int | None = None) -> Clip:
    """Load a CLIP model by what `--clip` says: small, NAME:TAG, NAME:FILE or local-dir:FOLDER.

    device: "cpu", "cuda" or None for CUDA when present. subject: which of the small ones "small" means (see
    `core.descriptors.subject_of`); each may also be named: small-face, small-animal. batch: pictures encoded at once.
    Raises SemantifyError: unknown model or tag, weights that cannot be had, a file that is not this model's weights.
    """
    place = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    logging.getLogger().setLevel(max(logging.getLogger().level, logging.WARNING))
    if spec == SMALL:
        spec = SMALL_NAMES[subject]
    embedded = spec in SMALL_NAMES.values()
    if embedded or spec.startswith("local-dir:"):
        folder = DATA / "clip" / spec if embedded else Path(spec.removeprefix("local-dir:"))
        name = spec if embedded else f"local-dir:{folder.name}"
        if embedded and not folder.is_dir():
            raise SemantifyError(f"the embedded CLIP {spec!r} is missing: reinstall the package or give another --clip")
        model, preprocess, tokenizer = _load_folder(folder)
        vocabulary = _vocabulary(folder)
    else:
        name, model, preprocess, tokenizer = _load_named(spec)
        vocabulary = None
    model = model.eval().to(place)
    model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    checksum = state_checksum(model)
    if spec != name:  # two local files may share a name
        name = f"{name}-{checksum[:8]}"
    return Clip(name, checksum, model, tokenizer, _image_loader(preprocess), place, vocabulary, batch)


def state_checksum(model: nn.Module) -> str:
    """Hex SHA-256 over the names and values of a model's weights."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()


def file_name(name: str) -> str:
    """A model's name as part of a file name: "ViT-B-32:openai" -> "ViT-B-32_openai"."""
    return re.sub(r"[^\w.-]+", "_", name)


def _load_folder(folder: Path) -> tuple[nn.Module, Any, Any]:
    """open_clip's `local-dir:` format; our own tower is registered with timm first."""
    if not (folder / "open_clip_config.json").is_file():
        raise SemantifyError(f"{folder}: no open_clip_config.json here; give a folder in open_clip's local-dir format")
    try:
        config = json.loads((folder / "open_clip_config.json").read_text(encoding="utf-8"))
        if "timm_model_name" in config["model_cfg"]["vision_cfg"]:
            from . import small_clip  # noqa: F401 - importing registers its tower with timm
        model, _, preprocess = open_clip.create_model_and_transforms(f"local-dir:{folder}")
        return model, preprocess, open_clip.get_tokenizer(f"local-dir:{folder}")
    except Exception as error:
        raise SemantifyError(f"{folder}: open_clip cannot load this model ({_first_line(error)})") from error


def _vocabulary(folder: Path) -> tuple[str, ...] | None:
    path = folder / "card.json"
    if not path.is_file():
        return None
    try:
        words = json.loads(path.read_text(encoding="utf-8")).get("vocabulary")
    except (ValueError, AttributeError) as error:
        raise SemantifyError(f"{path}: is not a JSON object ({error}); get this model again") from error
    return tuple(words) if words else None


def _load_named(spec: str) -> tuple[str, nn.Module, Any, Any]:
    """NAME:TAG or NAME:FILE of open_clip. Returns also the name without the file's folder."""
    name, _, weights = spec.partition(":")
    if name not in open_clip.list_models():
        near = [known for known in open_clip.list_models() if known.lower().startswith(name.lower()[:5])]
        raise SemantifyError(
            f"unknown CLIP model {name!r}: give {', '.join(SMALL_NAMES.values())}, or one of open_clip's names"
            f"{', for example ' + ', '.join(near[:8]) if near else ' such as ViT-B-32'}, followed by :TAG or :FILE"
        )
    tags = open_clip.list_pretrained_tags_by_model(name)
    if weights in tags:
        return _load_tag(spec, name, weights)
    path = Path(weights)
    if not weights or not path.is_file():
        raise SemantifyError(
            f"CLIP model {name!r} has no weights {weights!r}: give a local weights file or one of these tags after "
            f"the colon: {', '.join(tags)}"
        )
    try:
        if _is_torchscript(path):
            # the form in which OpenAI publishes its weights; they were trained with QuickGELU
            model = open_clip.openai.load_openai_model(str(path), precision="fp32", device="cpu")
            preprocess = open_clip.image_transform(model.visual.image_size, is_train=False)
        else:
            model, _, preprocess = open_clip.create_model_and_transforms(name, pretrained=str(path))
    except Exception as error:
        raise SemantifyError(f"{path}: is not a weights file of CLIP model {name!r} ({_first_line(error)})") from error
    return f"{name}:{path.stem}", model, preprocess, open_clip.get_tokenizer(name)


def _load_tag(spec: str, name: str, tag: str) -> tuple[str, nn.Module, Any, Any]:
    # open_clip only warns when the weights want QuickGELU and the named architecture does not use it
    quick = bool(open_clip.get_pretrained_cfg(name, tag).get("quick_gelu"))
    level = logging.getLogger().level
    logging.getLogger().setLevel(logging.CRITICAL)  # the failure is told once, below
    try:
        model, _, preprocess = open_clip.create_model_and_transforms(
            name, pretrained=tag, **({"force_quick_gelu": True} if quick else {})
        )
        return spec, model, preprocess, open_clip.get_tokenizer(name)
    except Exception as error:
        raise SemantifyError(
            f"the weights of CLIP {spec!r} cannot be had here ({_first_line(error)}): give a local weights file, "
            f"--clip {name}:FILE, or run once on a machine with network and copy its cache (~/.cache/huggingface)"
        ) from error
    finally:
        logging.getLogger().setLevel(level)


def _is_torchscript(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith("constants.pkl") for name in archive.namelist())


def _image_loader(preprocess: transforms.Compose) -> ImageLoader:
    """Split open_clip's transform: geometry on uint8 in the threads, normalisation on the device."""
    steps = list(preprocess.transforms)
    normalise = steps[-1]
    geometry = [step for step in steps[:-1] if "totensor" not in type(step).__name__.lower()]
    return ImageLoader(
        transforms.Compose(geometry),
        tuple(torch.as_tensor(normalise.mean).flatten().tolist()),
        tuple(torch.as_tensor(normalise.std).flatten().tolist()),
    )


def _first_line(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return " ".join(islice((line.strip() for line in text.splitlines() if line.strip()), 1))[:160]
