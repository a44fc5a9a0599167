"""A finished mapper as a torch function, to optimise scores through it."""

import torch

from ...core.mapper import Mapper
from .network import Held, smooth_limit


class TorchMapper:
    """`Mapper.coefficients` in torch: scores (..., d) in score units to coefficients (..., K), differentiable."""

    def __init__(self, mapper: Mapper) -> None:
        """Copy the mapper's numbers."""
        self.mean, self.deviation = torch.as_tensor(mapper.score_mean), torch.as_tensor(mapper.score_deviation)
        self.layers = [(torch.as_tensor(weight), torch.as_tensor(bias)) for weight, bias in mapper.layers]
        self.offset = torch.as_tensor(mapper.coefficient_mean)
        self.scale = torch.as_tensor(mapper.coefficient_scale)
        self.bound = mapper.bound
        self.inside = None if mapper.inside is None else Held(mapper.inside)
        self.limits = None if mapper.limits is None else torch.as_tensor(mapper.limits)

    def __call__(self, scores: torch.Tensor) -> torch.Tensor:
        """Predict coefficients."""
        x = (scores - self.mean) / self.deviation
        for i, (weight, bias) in enumerate(self.layers):
            x = torch.nn.functional.linear(torch.relu(x) if i else x, weight, bias)
        x = self.offset + self.scale * x
        if self.limits is not None:
            x = smooth_limit(x, self.limits)
        elif self.bound is not None:
            x = self.bound * torch.tanh(x / self.bound)
        return x if self.inside is None else self.inside(x)
