"""A mapper as a page holds it."""

from dataclasses import replace

import numpy as np

from ..mapper import Mapper
from .arrays import Block
from .directions import slider_settings
from .rounding import RoundedLayer, rounded_layers


class SmallMapper:
    """A mapper with rounded layers. mapper: the same as Python runs it, to measure what rounding did."""

    def __init__(self, mapper: Mapper) -> None:
        scores = mapper.scores_from_sliders(slider_settings(mapper))
        inputs = (scores - mapper.score_mean) / mapper.score_deviation
        self.layers: list[RoundedLayer] = rounded_layers(mapper.layers, inputs)
        self.mapper = replace(mapper, layers=tuple((layer.weight, layer.bias) for layer in self.layers))

    def write(self, block: Block) -> None:
        """Put its arrays into a block."""
        mapper = self.mapper
        for name, values in (
            ("scoreMean", mapper.score_mean),
            ("scoreDeviation", mapper.score_deviation),
            ("scoreCovariance", mapper.score_covariance),
            ("coefficientMean", mapper.coefficient_mean),
            ("coefficientScale", mapper.coefficient_scale),
            ("limits", mapper.limits),
        ):
            if values is not None:
                block.plain(name, values.astype(np.float32))
        if mapper.inside is not None:
            block.plain("insideMean", mapper.inside.mean.astype(np.float32))
            block.plain("whitening", mapper.inside.whitening.astype(np.float32))
        for number, layer in enumerate(self.layers):
            block.plain(f"layer{number}Weight", layer.numbers)
            block.plain(f"layer{number}Scale", layer.scale)
            block.plain(f"layer{number}Bias", layer.bias)
