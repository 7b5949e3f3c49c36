"""Models that other tools write, as this folder keeps them: NAME.onnx, NAME.in and NAME.out (float32, windows
[count, length, channels] and what the tool itself computes of them).

keras_models.py, sklearn_models.py and torch_newer.py write them again. targets/made_elsewhere_test.cpp reads them.
"""

import json
import pathlib

import numpy as np
import onnx

WINDOWS = 4


def pipeline(length, channels, labels):
    """What docs/howto/bring-a-model.md asks for."""
    return {
        "edgeproof.window": {"length": length, "hop": length},
        "edgeproof.rate_hz": 50,
        "edgeproof.channels": [{"name": f"x{c}", "unit": "g", "source": 0} for c in range(channels)],
        "edgeproof.statistics": {"mean": [0.0] * channels, "sd": [1.0] * channels},
        "edgeproof.imputation": "hold",
        "edgeproof.labels": [f"class {label}" for label in range(labels)],
        "edgeproof.provenance": {"data_checksum": "", "config": "", "seed": 0, "version": ""},
    }


def without_traces(graph):
    """Stack traces and names of folders are of the machine."""
    graph.doc_string = ""
    for node in graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in [*graph.input, *graph.output, *graph.value_info, *graph.initializer]:
        del value.metadata_props[:]


def save(folder, name, model, windows, outputs, shape, labels=None):
    """windows: [count, length, channels]; outputs: [count, values]; labels: as many as values if not given."""
    folder = pathlib.Path(folder)
    without_traces(model.graph)
    for function in model.functions:
        without_traces(function)
    entries = pipeline(*shape, labels or outputs.shape[1])
    onnx.helper.set_model_props(model, {key: json.dumps(value) for key, value in entries.items()})
    onnx.save(model, folder / f"{name}.onnx")
    windows.astype(np.float32).tofile(folder / f"{name}.in")
    outputs.astype(np.float32).tofile(folder / f"{name}.out")
    print(name, [node.op_type for node in model.graph.node])
