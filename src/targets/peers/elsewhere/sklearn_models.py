"""sklearn_models.py FOLDER: pipelines of scikit-learn with a multilayer perceptron, converted by skl2onnx.

Needs scikit-learn 1.9.1 and skl2onnx 1.20.0; beside this file is what it wrote.
"""

import sys
import warnings

import numpy as np
from skl2onnx import to_onnx
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

import saving

warnings.simplefilter("ignore")
FEATURES = 12
random = np.random.default_rng(9)
x = random.normal(1, 2, (300, FEATURES)).astype(np.float32)
three = np.argmax(x[:, :3] + x[:, 3:6], axis=1)
names = np.array(["still", "walking", "running"])[three]


def perceptron(kind=MLPClassifier, **options):
    return kind(hidden_layer_sizes=(10, 6), max_iter=30, random_state=1, **options)


MODELS = {
    "zipmap": (make_pipeline(StandardScaler(), perceptron()), names, {}),
    "arrays": (make_pipeline(StandardScaler(), perceptron(activation="tanh")), three, {"zipmap": False}),
    "columns": (make_pipeline(MinMaxScaler(), perceptron(activation="logistic")), three, {"zipmap": False}),
    "two_classes": (make_pipeline(StandardScaler(), perceptron()), three == 0, {"zipmap": False}),
    "regressor": (make_pipeline(StandardScaler(with_mean=False), perceptron(MLPRegressor)), x[:, 0] * 2, None),
}

for name, (model, y, options) in MODELS.items():
    model.fit(x, y)
    windows = x[: saving.WINDOWS]
    converted = to_onnx(model, x[:1], target_opset=18, options=None if options is None else {id(model.steps[-1][1]): options})
    outputs = model.predict(windows)[:, None] if options is None else model.predict_proba(windows)
    saving.save(sys.argv[1], f"sklearn_{name}", converted, windows[:, None, :], outputs, (1, FEATURES))
