"""Runs a model with ONNX Runtime and with ours on the same random windows."""

import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnxruntime

OURS = sys.argv[1]


def ours(model_path, windows):
    """windows: [count, length, channels]. The values of the last node, and the printed description."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        windows.astype(np.float32).tofile(folder / "windows")
        done = subprocess.run([OURS, model_path, folder / "windows", folder / "out"], text=True,
                              capture_output=True)
        if done.returncode != 0:
            raise AssertionError(done.stderr.strip())
        return np.fromfile(folder / "out", np.float32).reshape(len(windows), -1), done.stdout.strip()


def theirs(model_path, inputs, output=None):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model_path, options, ["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    rows = [session.run([output] if output else None, {name: x[None]})[0] for x in inputs]
    return np.concatenate(rows).reshape(len(inputs), -1)


def report(name, a, b, limit):
    difference = float(np.abs(a - b).max() / max(np.abs(b).max(), 1e-30))
    print(f"{name}: relative difference {difference:.2e}")
    assert difference <= limit, f"{name}: {difference} is more than {limit}"
