"""The operators that graphs are made of, by their names in files."""

from .arithmetic import Activation, Add, Append, Multiply, Pad
from .convolutions import Convolution, DepthwiseConvolution, TransposedConvolution
from .operator import Operator
from .sizes import AveragePool, Concatenate, DepthToSpace, MaximumPool, Reshape, Resize

OPERATORS: dict[str, Operator] = {
    "convolution": Convolution(),
    "depthwise convolution": DepthwiseConvolution(),
    "transposed convolution": TransposedConvolution(),
    "activation": Activation(),
    "add": Add(),
    "append channels": Append(),
    "average pool": AveragePool(),
    "concatenate": Concatenate(),
    "depth to space": DepthToSpace(),
    "maximum pool": MaximumPool(),
    "multiply": Multiply(),
    "pad": Pad(),
    "reshape": Reshape(),
    "resize": Resize(),
}
