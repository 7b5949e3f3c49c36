"""torch_models.py FOLDER: torch_networks.py's models, exported with torch.onnx.export as it was before PyTorch 2.

Runs with a Python that has PyTorch. Writes NAME.onnx, NAME.in and NAME.out (float32, windows and
what PyTorch computes), and a line per model in models.txt: name and the shape of a window.
"""

import pathlib
import sys

try:
    import torch
except ImportError:
    print("torch_models: skipped: this Python has no PyTorch")
    sys.exit(77)

from torch_networks import MODELS, WINDOW

folder = pathlib.Path(sys.argv[1])
with open(folder / "models.txt", "w") as listing, torch.no_grad():
    for name, model in MODELS.items():
        windows = torch.randn(8, *WINDOW)
        out = model(windows)
        for opset in (11, 13, 16):
            for batch in ("fixed", "dynamic"):
                file = f"{name}_{opset}_{batch}"
                axes = {"in": {0: "batch"}, "out": {0: "batch"}} if batch == "dynamic" else None
                torch.onnx.export(model, windows[:1], folder / f"{file}.onnx", opset_version=opset,
                                  input_names=["in"], output_names=["out"], dynamic_axes=axes,
                                  do_constant_folding=batch == "fixed")
                windows.numpy().tofile(folder / f"{file}.in")
                print(file, *WINDOW, file=listing)
