"""keras_models.py FOLDER: networks as Keras users write them, converted by tf2onnx.

Needs tensorflow-cpu 2.21.0 and tf2onnx 1.17.0; beside this file is what it wrote (tf2onnx orders
nodes in another way every time).
"""

import os
import pathlib
import subprocess
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy as np
import onnx
import tensorflow
from keras import layers

import saving

LENGTH, CHANNELS = 64, 3
random = np.random.default_rng(5)
keras.utils.set_random_seed(5)


def plain(x):
    for filters in (8, 12):
        x = layers.Conv1D(filters, 5, padding="same", use_bias=False)(x)
        x = layers.MaxPooling1D(2)(layers.ReLU()(layers.BatchNormalization()(x)))
    x = layers.GlobalAveragePooling1D()(x)
    return layers.Dense(4, activation="softmax")(x)


def flattened(x):
    x = layers.Conv1D(8, 5, strides=2, activation="relu6")(x)
    x = layers.AveragePooling1D(3, strides=2, padding="same")(x)
    x = layers.Dropout(0.3)(layers.Flatten()(x))
    return layers.Dense(4)(layers.Dense(10, activation="tanh")(x))


def causal(x):
    """A temporal convolutional network: dilated, residual."""
    x = layers.Conv1D(8, 1)(x)
    for dilation in (1, 2, 4):
        y = layers.Conv1D(8, 3, padding="causal", dilation_rate=dilation)(x)
        x = layers.Add()([x, layers.LeakyReLU(0.2)(layers.BatchNormalization()(y))])
    return layers.Dense(4)(layers.GlobalMaxPooling1D()(x))


def separable(x):
    x = layers.SeparableConv1D(8, 5, padding="same", activation="swish")(x)
    x = layers.DepthwiseConv1D(3, strides=2, padding="same")(x)
    x = layers.BatchNormalization()(layers.Activation("hard_silu")(x))
    x = layers.Conv1D(4, 1, activation="sigmoid")(x)
    return layers.Softmax()(layers.GlobalAveragePooling1D()(x))


def gated(x):
    """Squeeze and excitation."""
    x = layers.Conv1D(8, 5, padding="same", activation="relu")(x)
    gate = layers.GlobalAveragePooling1D()(x)
    gate = layers.Dense(8, activation="sigmoid")(layers.Dense(4, activation="relu")(gate))
    x = layers.Multiply()([x, layers.Reshape((1, 8))(gate)])
    return layers.Dense(4, activation="softmax")(layers.Flatten()(layers.MaxPooling1D(4)(x)))


def inception(x):
    x = layers.Concatenate()([layers.Conv1D(4, k, padding="same", activation="relu")(x) for k in (1, 5, 11)]
                             + [layers.MaxPooling1D(3, strides=1, padding="same")(x)])
    return layers.Dense(4, activation="softmax")(layers.GlobalAveragePooling1D()(x))


def image(x):
    """Of two dimensions, one of them 1, as in many papers on motion."""
    x = layers.Reshape((1, LENGTH, CHANNELS))(x)
    x = layers.Conv2D(8, (1, 5), activation="relu")(x)
    x = layers.MaxPooling2D((1, 2))(x)
    x = layers.DepthwiseConv2D((1, 3), padding="same")(x)
    x = layers.GlobalAveragePooling2D()(layers.ReLU()(x))
    return layers.Dense(4, activation="softmax")(x)


def normalized(x):
    scale = layers.Normalization()
    scale.adapt(random.normal(1, 3, (200, LENGTH, CHANNELS)).astype(np.float32))
    x = layers.ZeroPadding1D(2)(scale(x))
    x = layers.Conv1D(6, 5, activation="relu")(x)
    x = layers.Dense(4)(x)  # of every position
    return layers.Activation("softmax")(layers.Lambda(lambda v: tensorflow.reduce_mean(v, axis=1))(x))


folder = sys.argv[1]
opsets = {plain: 15, flattened: 15, causal: 18, separable: 18, gated: 18, inception: 13, image: 15, normalized: 18}
for build in opsets:
    entry = keras.Input((LENGTH, CHANNELS), name="windows")
    model = keras.Model(entry, build(entry), name=build.__name__)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            size = layer.moving_mean.shape[0]
            layer.set_weights([w if w.shape != (size,) else random.uniform(0.5, 2, size) for w in layer.get_weights()])
    windows = random.normal(size=(saving.WINDOWS, LENGTH, CHANNELS)).astype(np.float32)
    with tempfile.TemporaryDirectory() as exported:
        model.export(exported, verbose=False)
        converted = pathlib.Path(exported) / "model.onnx"
        subprocess.run([sys.executable, "-m", "tf2onnx.convert", "--saved-model", exported, "--opset",
                        str(opsets[build]), "--output", converted], check=True, capture_output=True)
        saving.save(folder, f"keras_{build.__name__}", onnx.load(converted), windows,
                    model(windows, training=False).numpy(), (LENGTH, CHANNELS))
