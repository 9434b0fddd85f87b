#!/usr/bin/env python3
"""Makes Tests/Fixtures/tensorboard: event files as TensorBoard's own library writes them.

Needs tensorboard and numpy; the output is the same at every run.

    python3 Tests/Fixtures/make_tensorboard_fixtures.py

scalars: figures as `simple_value`, written as a run writes them; a run's writer must give the same bytes.
tensors: figures as tensors, as tf.summary.scalar writes them, of every type of numbers, as packed values and as content;
a histogram and a text, which are left out. values.json: for each file the figures that TensorBoard's own reader finds.
checksums.json: masked checksums of some texts.
"""

import json
import os

import numpy as np
from tensorboard.backend.event_processing import event_file_loader
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2, types_pb2
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c
from tensorboard.plugins.histogram import summary_v2 as histogram
from tensorboard.plugins.scalar import summary_v2 as scalar
from tensorboard.plugins.text import summary_v2 as text
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util import tensor_util

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "tensorboard")


def write(name, events):
    with open(os.path.join(FOLDER, name), "wb") as file:
        writer = RecordWriter(file)
        first = event_pb2.Event(wall_time=1000.5, file_version="brain.Event:2")
        for event in [first] + events:
            writer.write(event.SerializeToString())


def simple(step, values):
    event = event_pb2.Event(wall_time=1000.5 + step, step=step)
    for tag, value in values.items():
        event.summary.value.add(tag=tag, simple_value=value)
    return event


def tensor(step, tag, proto, plugin="scalars"):
    metadata = summary_pb2.SummaryMetadata(plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name=plugin))
    event = event_pb2.Event(wall_time=2000.0 + step, step=step)
    event.summary.value.add(tag=tag, tensor=proto, metadata=metadata)
    return event


def content(dtype, array):
    return tensor_pb2.TensorProto(
        dtype=dtype, tensor_shape=tensor_shape_pb2.TensorShapeProto(), tensor_content=array.tobytes()
    )


def figures(name):
    found = {}
    kinds = {}
    for event in event_file_loader.EventFileLoader(os.path.join(FOLDER, name)).Load():
        for value in event.summary.value:
            kinds.setdefault(value.tag, value.metadata.plugin_data.plugin_name)
            if kinds[value.tag] != "scalars":
                continue
            number = tensor_util.make_ndarray(value.tensor).item()
            found.setdefault(value.tag, []).append([event.step, float(number)])
    return found


def main():
    os.makedirs(FOLDER, exist_ok=True)
    write(
        "scalars.tfevents",
        [
            simple(1, {"train/epoch": 0.25, "train/loss": 2.5, "train/learning_rate": 5e-5, "train/grad_norm": 1.25}),
            simple(2, {"train/epoch": 0.5, "eval/loss": 2.25}),
            simple(300, {"train/epoch": 75.0, "train/loss": -0.1}),
        ],
    )
    events = [event_pb2.Event(wall_time=2000.0, step=step, summary=scalar.scalar_pb("loss", 1 / step)) for step in (1, 2)]
    # Only the first value of a tag names its plugin.
    later = event_pb2.Event(wall_time=2000.0, step=3, summary=scalar.scalar_pb("loss", 0.125))
    later.summary.value[0].ClearField("metadata")
    events.append(later)
    for tag, array in [
        ("float", np.float32(1.5)),
        ("double", np.float64(-0.1)),
        ("int", np.int32(-7)),
        ("long", np.int64(1 << 40)),
        ("half", np.float16(0.333)),
        ("small half", np.float16(6e-8)),
    ]:
        events.append(tensor(4, tag, tensor_util.make_tensor_proto(array)))
        events.append(tensor(5, tag, content(types_pb2.DataType.Value(tensor_name(array)), array)))
    events.append(event_pb2.Event(wall_time=2000.0, step=6, summary=histogram.histogram_pb("weights", [1.0, 2.0, 3.0])))
    events.append(event_pb2.Event(wall_time=2000.0, step=6, summary=text.text_pb("words", "a text")))
    write("tensors.tfevents", events)
    values = {name: figures(name + ".tfevents") for name in ("scalars", "tensors")}
    with open(os.path.join(FOLDER, "values.json"), "w") as file:
        json.dump(values, file, indent=1)
        file.write("\n")
    checksums = {word: masked_crc32c(word.encode()) for word in ["", "a", "123456789", "the sea " * 9]}
    with open(os.path.join(FOLDER, "checksums.json"), "w") as file:
        json.dump(checksums, file, indent=1)
        file.write("\n")


def tensor_name(array):
    return {
        "float32": "DT_FLOAT",
        "float64": "DT_DOUBLE",
        "int32": "DT_INT32",
        "int64": "DT_INT64",
        "float16": "DT_HALF",
    }[array.dtype.name]


if __name__ == "__main__":
    main()
