"""torch_newer.py FOLDER: torch_networks.py's models by the newer exporter of PyTorch (dynamo=True).

Needs torch 2.15.0, onnx 1.23.2 and onnxscript 0.7.2; beside this file is what it wrote.
"""

import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

import saving
from torch_networks import MODELS, WINDOW



class Label(torch.nn.Module):
    """The class itself, as those write it who deploy a model."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        return torch.softmax(self.network(x), dim=1).argmax(dim=1)


MODELS["label"] = Label(MODELS["separable"])
random = torch.Generator().manual_seed(7)
for name, model in MODELS.items():
    windows = torch.randn(saving.WINDOWS, *WINDOW, generator=random)
    program = torch.onnx.export(model, (windows[:2],), input_names=["windows"], output_names=["out"], dynamo=True,
                                dynamic_shapes=({0: torch.export.Dim("batch")},), external_data=False, verbose=False)
    with torch.no_grad():
        outputs = model(windows).numpy().reshape(saving.WINDOWS, -1)
    saving.save(sys.argv[1], f"torch_{name}", program.model_proto, windows.numpy().transpose(0, 2, 1), outputs,
                WINDOW[::-1], labels=4 if name == "label" else None)
