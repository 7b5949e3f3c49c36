"""quantized_test.py ONNX_LOGITS: models quantized by ONNX Runtime, in ONNX Runtime and in ours."""

import pathlib
import sys
import tempfile

import numpy as np
from onnxruntime import quantization
from onnxruntime.quantization import QuantFormat, QuantType

import compare
from models import Model, random

LENGTH, CHANNELS, COUNT = 64, 6, 200


def plain(m):
    x = m.add("Relu", m.add("Conv", "x", m.weight(12, CHANNELS, 5, scale=0.2), m.weight(12), pads=[2, 2]))
    x = m.add("MaxPool", x, kernel_shape=[2], strides=[2])
    x = m.add("Relu", m.add("Conv", x, m.weight(16, 12, 3, scale=0.2), m.weight(16)))
    x = m.add("Flatten", m.add("GlobalAveragePool", x))
    return m.add("Gemm", x, m.weight(5, 16), m.weight(5), transB=1)


def residual(m):
    x = m.add("Relu", m.add("Conv", "x", m.weight(12, CHANNELS, 5, scale=0.2), m.weight(12), pads=[2, 2]))
    y = m.add("Conv", x, m.weight(12, 12, 3, scale=0.2), m.weight(12), pads=[1, 1])
    x = m.add("Relu", m.add("Add", x, y))
    x = m.add("Concat", x, m.add("Sigmoid", y), axis=1)
    x = m.add("AveragePool", x, kernel_shape=[2], strides=[2])
    x = m.add("Reshape", x, m.ints(0, 24 * 32))
    return m.add("Add", m.add("MatMul", x, m.weight(24 * 32, 5, scale=0.05)), m.weight(5))


def functions(m):
    x = m.add("LeakyRelu", m.add("Conv", "x", m.weight(8, CHANNELS, 3, scale=0.3), m.weight(8)), alpha=0.2)
    x = m.add("Mul", x, m.add("Sigmoid", m.add("Conv", x, m.weight(8, 8, 1, scale=0.3), m.weight(8))))
    x = m.add("Clip", x, m.constant(np.float32(-1)), m.constant(np.float32(1)))
    x = m.add("Flatten", m.add("GlobalAveragePool", m.add("Tanh", x)))
    return m.add("Gemm", x, m.weight(5, 8), m.weight(5), transB=1)


class Windows(quantization.CalibrationDataReader):
    def __init__(self, windows):
        self.left = iter(windows)

    def get_next(self):
        window = next(self.left, None)
        return None if window is None else {"x": window[None]}


failed = []
with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    windows = random.normal(size=(COUNT, CHANNELS, LENGTH)).astype(np.float32)
    for build in (plain, residual, functions):
        m = Model(17)
        output = build(m)
        fp32 = folder / "fp32.onnx"
        m.save(fp32, (CHANNELS, LENGTH), output)
        compare.report(f"{build.__name__} fp32", compare.ours(fp32, windows.transpose(0, 2, 1))[0],
                       compare.theirs(fp32, windows), 1e-5)
        for form in (QuantFormat.QDQ, QuantFormat.QOperator):
            for kind in (QuantType.QInt8, QuantType.QUInt8):
                for per_channel in (False, True):
                    name = f"{build.__name__} {form.name} {kind.name}{' per channel' if per_channel else ''}"
                    path = folder / "int8.onnx"
                    # Without VNNI, ONNX Runtime adds pairs of products of unsigned and signed integers in 16 bits,
                    # which saturate (24 LSB on "plain") unless weights have 7 bits.
                    narrow = form == QuantFormat.QOperator and kind == QuantType.QUInt8
                    quantization.quantize_static(
                        fp32, path, Windows(windows[:64]), quant_format=form, activation_type=kind,
                        weight_type=QuantType.QInt8, per_channel=per_channel, reduce_range=narrow,
                        extra_options={"WeightSymmetric": True})
                    try:
                        ours, described = compare.ours(path, windows.transpose(0, 2, 1))
                        theirs = compare.theirs(path, windows)
                        assert " int8 " in described, "is not int8: " + described
                        steps = np.unique(np.abs(np.diff(np.sort(ours.ravel()))))
                        lsb = steps[steps > 1e-7].min()
                        worst = np.abs(ours - theirs).max() / lsb
                        same = float((ours.argmax(1) == theirs.argmax(1)).mean())
                        exact = float((np.abs(ours - theirs) < lsb / 2).mean())
                        print(f"{name}: at most {worst:.0f} LSB, {exact:.1%} of values and {same:.1%} of labels equal")
                        assert worst < (5.5 if narrow else 4.5) and same >= 0.97, f"{worst} LSB, {same} of labels"
                    except AssertionError as error:
                        failed.append(f"{name}: {error}")
print(*failed, sep="\n")
sys.exit(bool(failed))
