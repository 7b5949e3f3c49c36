"""keras_layouts_test.py ONNX_LOGITS: the layouts of tf2onnx (Keras) and of scikit-learn's converters,
in ONNX Runtime and in ours."""

import pathlib
import sys
import tempfile

import numpy as np
from onnx import TensorProto, helper

import compare
from models import Model, random

LENGTH, CHANNELS = 40, 5


def conv1d(m, x, inputs, outputs, kernel, channels_last=True, **options):
    """Conv1D as tf2onnx writes it: transposed, with a unit dimension, and the bias added behind."""
    if channels_last:
        x = m.add("Transpose", x, perm=[0, 2, 1])
    x = m.add("Unsqueeze", x, m.ints(2))
    x = m.add("Conv", x, m.weight(outputs, inputs, 1, kernel), kernel_shape=[1, kernel], **options)
    x = m.add("Squeeze", x, m.ints(2))
    return m.add("Transpose", x, perm=[0, 2, 1]) if channels_last else x


def sequential(m):
    x = conv1d(m, "x", CHANNELS, 8, 5, auto_pad="SAME_UPPER", strides=[1, 2])
    x = m.add("Relu", m.add("Add", x, m.weight(8)))
    x = m.add("Transpose", x, perm=[0, 2, 1])
    x = m.add("MaxPool", x, kernel_shape=[2], strides=[2], auto_pad="VALID")
    x = m.add("Transpose", x, perm=[0, 2, 1])
    x = m.add("Reshape", x, m.ints(-1, 80))  # channels-last, as Keras flattens
    x = m.add("Add", m.add("MatMul", x, m.weight(80, 12)), m.weight(12))
    x = m.add("Clip", x, m.constant(np.float32(0)), m.constant(np.float32(6)))
    x = m.add("Add", m.add("MatMul", x, m.weight(12, 4)), m.weight(4))
    return m.add("Identity", x)


def causal(m):
    x = m.add("Pad", "x", m.ints(0, 4, 0, 0, 0, 0))
    x = conv1d(m, x, CHANNELS, 6, 3, dilations=[1, 2])
    x = m.add("Mul", x, m.add("Sigmoid", x))
    y = conv1d(m, m.add("Pad", x, m.ints(0, 2, 0, 0, 0, 0)), 6, 6, 3)
    x = m.add("Add", x, m.add("LeakyRelu", y, alpha=0.3))
    x = m.add("ReduceMean", x, axes=[1], keepdims=0)
    return m.add("MatMul", x, m.weight(6, 3))


def batch_norm(m):
    """Unfused: multiplied and added to, channels-last."""
    x = m.add("Add", m.add("Mul", "x", m.weight(CHANNELS)), m.weight(1, 1, CHANNELS))
    x = m.add("Tanh", conv1d(m, x, CHANNELS, 6, 3))
    x = m.add("Sub", m.constant(np.float32(1)), x)
    gate = m.add("ReduceMean", x, axes=[1], keepdims=1)
    gate = m.add("Sigmoid", m.add("Add", m.add("MatMul", gate, m.weight(6, 6)), m.weight(6)))
    x = m.add("Mul", gate, x)
    x = m.add("Div", x, m.constant(np.float32(0.7)))
    x = m.add("ReduceMax", x, axes=[1], keepdims=0)
    return m.add("Gemm", x, m.weight(6, 3), m.weight(3))


def computed_shape(m):
    """The batch taken from the input's shape, one dimension at a time."""
    x = m.add("Conv", m.add("Transpose", "x", perm=[0, 2, 1]), m.weight(4, CHANNELS, 4), strides=[4])
    batch = m.add("Gather", m.add("Shape", x), m.constant(np.int64(0)))
    shape = m.add("Concat", m.add("Unsqueeze", batch, m.ints(0)), m.ints(40), axis=0)
    x = m.add("Reshape", x, m.add("Cast", shape, to=TensorProto.INT64))
    return m.add("Gemm", x, m.weight(3, 40), transB=1)


def upright(m):
    """Conv2D with its unit in the last place, channels-first."""
    x = m.add("Unsqueeze", m.add("Transpose", "x", perm=[0, 2, 1]), m.ints(3))
    x = m.add("Conv", x, m.weight(8, CHANNELS, 5, 1), m.weight(8), pads=[2, 0, 2, 0], strides=[2, 1])
    x = m.add("HardSwish", x)
    x = m.add("Conv", x, m.weight(8, 1, 3, 1), group=8, auto_pad="SAME_LOWER")
    x = m.add("AveragePool", x, kernel_shape=[3, 1], strides=[2, 1], pads=[1, 0, 1, 0])
    x = m.add("Flatten", m.add("GlobalAveragePool", x))
    return m.add("LogSoftmax", m.add("Gemm", x, m.weight(4, 8), m.weight(4), transB=1), axis=1)


def multilayer(m):
    """MLPClassifier by skl2onnx: labels and probabilities; ours are the logits."""
    x = m.add("Cast", "x", to=TensorProto.FLOAT)
    x = m.add("Relu", m.add("Add", m.add("MatMul", x, m.weight(30, 10)), m.weight(1, 10)))
    x = m.add("Add", m.add("MatMul", x, m.weight(10, 3)), m.weight(1, 3))
    probabilities = m.add("Softmax", x, axis=1)
    label = m.add("ArgMax", probabilities, axis=1)
    return probabilities, [helper.make_tensor_value_info(label, TensorProto.INT64, None),
                           helper.make_tensor_value_info(probabilities, TensorProto.FLOAT, None)]


failed = []
with tempfile.TemporaryDirectory() as folder:
    for build in (sequential, causal, batch_norm, computed_shape, upright, multilayer):
        m = Model(17)
        output = build(m)
        path = pathlib.Path(folder) / f"{build.__name__}.onnx"
        outputs = None
        if isinstance(output, tuple):
            output, outputs = output
        shape = (30,) if build is multilayer else (LENGTH, CHANNELS)
        m.save(path, shape, output, outputs)
        windows = random.normal(size=(8, *shape)).astype(np.float32)
        try:
            ours, described = compare.ours(path, windows)
            theirs = compare.theirs(path, windows, output)
            if build in (upright, multilayer):
                theirs = np.log(theirs) if build is multilayer else theirs
                ours = ours - ours.max(axis=1, keepdims=True)
                theirs = theirs - theirs.max(axis=1, keepdims=True)
            compare.report(build.__name__, ours, theirs, 1e-5)
        except AssertionError as error:
            failed.append(f"{build.__name__}: {error}")
print(*failed, sep="\n")
sys.exit(bool(failed))
