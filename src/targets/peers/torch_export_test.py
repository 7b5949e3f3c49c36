"""torch_export_test.py ONNX_LOGITS: models exported by PyTorch, in ONNX Runtime and in ours."""

import pathlib
import subprocess
import sys
import tempfile

import numpy as np

import compare

with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    exporter = pathlib.Path(__file__).with_name("torch_models.py")
    done = subprocess.run(["/usr/bin/python3", "-W", "ignore", exporter, folder])
    if done.returncode == 77:
        sys.exit(77)
    assert done.returncode == 0, "PyTorch could not export the models"
    failed = []
    for line in (folder / "models.txt").read_text().splitlines():
        name, channels, length = line.split()
        windows = np.fromfile(folder / f"{name}.in", np.float32).reshape(-1, int(channels), int(length))
        model = folder / f"{name}.onnx"
        try:
            ours, described = compare.ours(model, windows.transpose(0, 2, 1))
            theirs = compare.theirs(model, windows)
            if name.startswith(("softmax", "last_view")):  # ours are logits: shifted to compare
                theirs = np.log(theirs) if name.startswith("softmax") else theirs
                ours = ours - ours.max(axis=1, keepdims=True)
                theirs = theirs - theirs.max(axis=1, keepdims=True)
            compare.report(name, ours, theirs, 1e-5)
        except AssertionError as error:
            failed.append(f"{name}: {error}")
    print(*failed, sep="\n")
    sys.exit(bool(failed))
