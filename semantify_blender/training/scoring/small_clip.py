"""The small CLIP's image tower, registered with timm so that open_clip builds it from the model's JSON like any other.

Importing this module is all that is needed before `open_clip.create_model_and_transforms("local-dir:…/clip/small")`.
A plain strided network: vision transformers and residual CLIP towers did not learn from some ten thousand renders.
"""

from itertools import pairwise
from typing import Any

import torch
from timm.models import register_model
from torch import nn

WIDTHS = (48, 96, 160, 192)
PATCH = 4


class SmallTower(nn.Module):
    """(N, 3, 128, 128) images to (N, num_classes) features.

    The colour along the top border is subtracted first: it is always background in these renders, and taking it away
    spares the network from learning every backdrop.
    """

    def __init__(self, num_classes: int = 128, in_chans: int = 3, image_size: int = 128, **_: Any) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(in_chans, WIDTHS[0], PATCH, stride=PATCH, bias=False)]
        layers += [nn.BatchNorm2d(WIDTHS[0]), nn.ReLU()]
        for i, (width, wider) in enumerate(pairwise(WIDTHS)):
            layers += [nn.Conv2d(width, wider, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(wider), nn.ReLU()]
            if i < 2:
                layers += [Residual(wider)]
        self.stages = nn.Sequential(*layers)
        side = image_size // (PATCH * 2 ** (len(WIDTHS) - 1))
        width = WIDTHS[-1]
        self.num_features = width * side * side
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(self.num_features, num_classes))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """images: (N, 3, H, W) normalised. Returns (N, num_classes)."""
        border = images[:, :, :3].mean((2, 3), keepdim=True)
        return self.head(self.stages(images - border))


class Residual(nn.Module):
    """x + conv(x), at one resolution."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: (N, C, H, W). Returns the same shape."""
        return x + self.body(x)


@register_model
def semantify_small(pretrained: bool = False, **kwargs: Any) -> SmallTower:
    """The tower by its timm name; weights come with the whole CLIP model, never by themselves."""
    kwargs.pop("global_pool", None)
    return SmallTower(
        **{key: value for key, value in kwargs.items() if key in ("num_classes", "in_chans", "image_size")}
    )
