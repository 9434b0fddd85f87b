#!/usr/bin/env python3
"""Makes Tests/Fixtures/gguf/types.gguf: blocks of every tensor type that is read, with the values that gguf-py gives
them. Needs numpy and gguf; the output is the same at every run.

    python3 Tests/Fixtures/make_gguf_fixtures.py

`TYPE` holds the blocks [rows, columns], `TYPE.values` the same in f32. The bytes are random; blocks whose values are not
all finite and below 10,000 are drawn again. `F16.edges` and `BF16.edges` have zeros, subnormals, the largest, infinities.
"""

import os

import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf import GGML_QUANT_SIZES, GGUFWriter
from gguf.quants import dequantize

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "gguf")
BLOCKED = "Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 Q2_K Q3_K Q4_K Q5_K Q6_K IQ4_NL IQ4_XS MXFP4".split()
EDGES = {
    "F16": [0x0000, 0x8000, 0x0001, 0x83FF, 0x0400, 0x7BFF, 0x7C00, 0xFC00],
    "BF16": [0x0000, 0x8000, 0x0001, 0x807F, 0x0080, 0x7F7F, 0x7F80, 0xFF80],
}


def blocks(kind, count, random):
    """So many blocks of random bytes with ordinary values. [count, bytes of a block]"""
    found = np.empty((0, GGML_QUANT_SIZES[kind][1]), np.uint8)
    while len(found) < count:
        drawn = random.integers(0, 256, (4096, found.shape[1]), np.uint8)
        with np.errstate(all="ignore"):
            values = dequantize(drawn, kind)
            usual = (np.isfinite(values) & (np.abs(values) < 10_000)).all(axis=1)
        found = np.concatenate([found, drawn[usual]])
    return found[:count]


def main():
    os.makedirs(HERE, exist_ok=True)
    random = np.random.default_rng(61)
    writer = GGUFWriter(os.path.join(HERE, "types.gguf"), "test")
    for name in BLOCKED:
        kind = Type[name]
        size = GGML_QUANT_SIZES[kind][0]
        rows, across = (3, 2) if size == 32 else (2, 1)
        data = blocks(kind, rows * across, random).reshape(rows, -1)
        writer.add_tensor(name, data, raw_dtype=kind)
        writer.add_tensor(name + ".values", dequantize(data, kind))
    for name, bits in EDGES.items():
        data = np.array(bits, np.uint16)
        writer.add_tensor(name + ".edges", data.view(np.uint8), raw_dtype=Type[name])
        values = data.view(np.float16).astype(np.float32) if name == "F16" else (data.astype(np.uint32) << 16).view(np.float32)
        writer.add_tensor(name + ".edges.values", values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main()
