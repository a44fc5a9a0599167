"""Networks in TensorFlow Lite's format to this project's graphs, operator by operator."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from semantify_blender.core.networks.graph import Graph, Node

_NAMES = {code: name for name, code in vars(schema.BuiltinOperator).items() if not name.startswith("_")}
_FUSED = {0: "none", 1: "relu", 3: "relu6"}
_ALONE = {"RELU": "relu", "RELU6": "relu6", "HARD_SWISH": "hard swish", "LOGISTIC": "sigmoid", "PRELU": "prelu"}
_UNPACKING = ("DEQUANTIZE", "DENSIFY")
_TYPES = {0: np.float32, 1: np.float16, 2: np.int32}
_SAME = 0


@dataclass
class _Converter:
    subgraph: Any
    codes: list[Any]
    constants: dict[int, np.ndarray]
    numbers: dict[int, int]
    nodes: list[Node] = field(default_factory=list)

    def operator(self, operator: Any) -> tuple[str, list[int], int, Any]:
        """Its name, tensors that go in, the one that comes out, options."""
        code = self.codes[operator.opcodeIndex]
        name = _NAMES[max(code.builtinCode, code.deprecatedBuiltinCode)]
        if name == "CUSTOM":
            name = code.customCode.decode()
        return name, [int(i) for i in operator.inputs if i >= 0], int(operator.outputs[0]), operator.builtinOptions

    def shape(self, tensor: int) -> tuple[int, ...]:
        """Without the batch."""
        return tuple(int(side) for side in self.subgraph.tensors[tensor].shape)[1:]

    def add(self, name: str, inputs: list[int], output: int, arrays: list[np.ndarray], **options: Any) -> None:
        """One more node, its tensors numbered as this project does."""
        self.numbers[output] = len(self.nodes) + 1
        self.nodes.append(
            Node(
                name,
                tuple(self.numbers[tensor] for tensor in inputs),
                self.numbers[output],
                tuple(np.ascontiguousarray(array, np.float32) for array in arrays),
                options,
            )
        )

    def convert(self, operator: Any) -> None:
        """Raises ValueError for what no network of these asks for."""
        name, inputs, output, options = self.operator(operator)
        maps = [tensor for tensor in inputs if tensor not in self.constants]
        arrays = [self.constants[tensor] for tensor in inputs if tensor in self.constants]
        if name in _UNPACKING:
            return  # weights, which were unpacked beforehand
        fused = _FUSED[getattr(options, "fusedActivationFunction", 0) or 0]
        if name == "CONV_2D":
            arrays[0] = arrays[0].transpose(1, 2, 3, 0)
            self.add(
                "convolution",
                maps,
                output,
                arrays,
                **_stride(options),
                **self.padding(maps, output, arrays[0].shape[:2], options),
                activation=fused,
            )
        elif name == "DEPTHWISE_CONV_2D":
            arrays[0] = arrays[0][0]
            self.add(
                "depthwise convolution",
                maps,
                output,
                arrays,
                **_stride(options),
                **self.padding(maps, output, arrays[0].shape[:2], options),
                activation=fused,
            )
        elif name == "Convolution2DTransposeBias":
            arrays[0] = arrays[0].transpose(3, 1, 2, 0)
            stride = self.shape(output)[0] // self.shape(maps[0])[0]
            self.add("transposed convolution", maps, output, arrays, stride=stride)
        elif name in _ALONE:
            self.add("activation", maps, output, [array.reshape(-1) for array in arrays], activation=_ALONE[name])
        elif name == "ADD":
            self.add("add", maps, output, [], activation=fused)
        elif name == "MUL":
            self.add("multiply", maps, output, [])
        elif name == "PAD":
            (top, bottom), (left, right), (before, after) = arrays[0][1:].tolist()
            if before or (after and (top or bottom or left or right)):
                raise ValueError(f"PAD {arrays[0].tolist()}")
            if after:
                self.add("append channels", maps, output, [], channels=after)
            else:
                self.add("pad", maps, output, [], padding=[top, bottom, left, right])
        elif name in ("MAX_POOL_2D", "AVERAGE_POOL_2D"):
            kernel = [options.filterHeight, options.filterWidth]
            self.add(
                "maximum pool" if name.startswith("MAX") else "average pool",
                maps,
                output,
                [],
                kernel=kernel,
                stride=[options.strideH, options.strideW],
            )
        elif name == "RESIZE_BILINEAR":
            if options.alignCorners:
                raise ValueError("RESIZE_BILINEAR with aligned corners")
            self.add("resize", maps, output, [], size=list(self.shape(output)[:2]), half=bool(options.halfPixelCenters))
        elif name == "RESHAPE":
            self.add("reshape", maps, output, [], shape=list(self.shape(output)))
        elif name == "CONCATENATION":
            self.add("concatenate", maps, output, [], axis=options.axis % len(self.subgraph.tensors[output].shape) - 1)
        elif name == "DEPTH_TO_SPACE":
            self.add("depth to space", maps, output, [], size=options.blockSize)
        else:
            raise ValueError(f"operator {name}")

    def padding(self, maps: list[int], output: int, kernel: tuple[int, ...], options: Any) -> dict[str, list[int]]:
        """As numbers of rows and columns at the top, bottom, left and right."""
        found = []
        for axis in (0, 1):
            stride = (options.strideH, options.strideW)[axis]
            before, after = self.shape(maps[0])[axis], self.shape(output)[axis]
            more = max((after - 1) * stride + kernel[axis] - before, 0) if options.padding == _SAME else 0
            found += [more // 2, more - more // 2]
        return {"padding": found}


def _stride(options: Any) -> dict[str, int]:
    if options.strideH != options.strideW or options.dilationHFactor != 1 or options.dilationWFactor != 1:
        raise ValueError("a stride that differs between the axes, or a dilated kernel")
    return {"stride": int(options.strideH)}


def to_graph(content: bytes, name: str, outputs: dict[str, str], provenance: dict[str, Any]) -> Graph:
    """The graph of a network. outputs: name here -> name of the tensor there.

    Raises ValueError for an operator that is not known here.
    """
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    subgraph = model.subgraphs[0]
    source = int(subgraph.inputs[0])
    converter = _Converter(subgraph, model.operatorCodes, dict(_constants(content, model)), {source: 0})
    for operator in subgraph.operators:
        converter.convert(operator)
    tensors = {tensor.name.decode(): i for i, tensor in enumerate(subgraph.tensors)}
    named = {ours: converter.numbers[tensors[theirs]] for ours, theirs in outputs.items()}
    nodes = _needed(_fused(converter.nodes, set(named.values())), set(named.values()))
    return Graph(name, converter.shape(source), tuple(nodes), named, provenance)


def _constants(content: bytes, model: Any) -> Iterator[tuple[int, np.ndarray]]:
    """Tensor -> its values, for all that do not depend on the picture."""
    subgraph, codes = model.subgraphs[0], model.operatorCodes
    unpacked = {}
    for operator in subgraph.operators:
        code = codes[operator.opcodeIndex]
        if _NAMES[max(code.builtinCode, code.deprecatedBuiltinCode)] in _UNPACKING:
            unpacked[int(operator.outputs[0])] = int(operator.inputs[0])
    stored = {}
    for i, tensor in enumerate(subgraph.tensors):
        data = model.buffers[tensor.buffer].data
        if data is not None and tensor.sparsity is None:
            stored[i] = np.frombuffer(bytes(data), _TYPES[tensor.type]).reshape(tensor.shape)
    sparse = {i for i, tensor in enumerate(subgraph.tensors) if tensor.sparsity is not None}
    yield from stored.items()
    dense = _made_dense(content) if sparse else None
    for output, source in unpacked.items():
        while source in unpacked:
            source = unpacked[source]
        yield output, dense(output) if dense is not None and source in sparse else stored[source]


def _made_dense(content: bytes) -> Callable[[int], np.ndarray]:
    """Sparse weights are unpacked by LiteRT itself."""
    interpreter = Interpreter(
        model_content=content,
        experimental_preserve_all_tensors=True,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    interpreter.allocate_tensors()
    source = interpreter.get_input_details()[0]
    interpreter.set_tensor(source["index"], np.zeros(source["shape"], np.float32))
    interpreter.invoke()
    return lambda tensor: np.array(interpreter.get_tensor(tensor))


def _fused(nodes: list[Node], kept: set[int]) -> list[Node]:
    """Zeros around a map, and what is done to each number, taken into the convolution beside them."""
    users: dict[int, int] = {}
    for node in nodes:
        for number in node.inputs:
            users[number] = users.get(number, 0) + 1
    found: list[Node] = []
    by_output: dict[int, int] = {}
    for node in nodes:
        before = found[by_output[node.inputs[0]]] if node.inputs[0] in by_output else None
        alone = before is not None and users[before.output] == 1 and before.output not in kept
        if alone and before is not None and node.operator == "activation" and _can_activate(before):
            place = by_output.pop(before.output)
            found[place] = replace(
                before,
                output=node.output,
                weights=(*before.weights, *node.weights),
                options={**before.options, **node.options},
            )
            by_output[node.output] = place
            continue
        if alone and before is not None and before.operator == "pad" and node.operator.endswith("convolution"):
            padding = [a + b for a, b in zip(before.options["padding"], node.options["padding"], strict=True)]
            node = replace(node, inputs=before.inputs, options={**node.options, "padding": padding})
        by_output[node.output] = len(found)
        found.append(node)
    return found


def _can_activate(node: Node) -> bool:
    return node.operator in ("convolution", "depthwise convolution") and node.options["activation"] == "none"


def _needed(nodes: list[Node], wanted: set[int]) -> list[Node]:
    """Without what no output asks for."""
    found = []
    wanted = set(wanted)
    for node in reversed(nodes):
        if node.output in wanted:
            wanted |= set(node.inputs)
            found.append(node)
    return found[::-1]
