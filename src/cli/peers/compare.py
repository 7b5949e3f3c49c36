"""compare.py FOLDER: runs what peer_models wrote in LiteRT, LiteRT for Microcontrollers and ONNX Runtime, and prints
how far each is from edgeproof's own runtime. Exit code 1 if a figure is beyond its bound.

Differences of int8 models are in LSB (levels of the output), those of FP32 models relative to the largest logit
of the window. "labels": share of windows with the same largest logit.
"""

import collections
import os
import sys
import tempfile
import zipfile

import numpy as np
import onnx
import onnxruntime
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from tflite_micro import runtime as micro_runtime

BATCH = 125
MICRO_ARENA = 4 << 20  # bytes
MICRO_STEP = 8  # it runs one window at a time: of networks that are not trained, every eighth
FP32_BOUND = 1e-5  # relative
# Of ONNX Runtime's labels on int8 models that are trained: all of them together, and each, of whose windows two that
# are nearly tied are 0.2 % already.
AGREEMENT_BOUND, EACH_AGREEMENT_BOUND = 0.999, 0.995

onnxruntime.set_default_logger_severity(3)


def litert(path, windows, resolver):
    interpreter = Interpreter(model_path=path, experimental_op_resolver_type=resolver, num_threads=1)
    entry, exit_ = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    results, batch = [], 0
    for start in range(0, len(windows), BATCH):
        part = windows[start : start + BATCH]
        if len(part) != batch:
            batch = len(part)
            interpreter.resize_tensor_input(entry["index"], [batch, *windows.shape[1:]], strict=True)
            interpreter.allocate_tensors()
        interpreter.set_tensor(entry["index"], part)
        interpreter.invoke()
        results.append(interpreter.get_tensor(exit_["index"]).reshape(batch, -1).copy())
    return np.concatenate(results), entry["dtype"], exit_["quantization"]


def expect_pipeline(path, failures):
    """What tools find without edgeproof: the signature, and the labels in an archive at the file's end."""
    interpreter = Interpreter(model_path=path)
    signature = interpreter.get_signature_list()
    if signature != {"serving_default": {"inputs": ["windows"], "outputs": ["logits"]}}:
        failures.append(f"{path}: signatures are {signature}")
    entry = interpreter.get_input_details()[0]
    logits = interpreter.get_signature_runner()(windows=np.zeros(entry["shape"], entry["dtype"]))["logits"]
    with zipfile.ZipFile(path) as archive:
        labels = archive.read("labels.txt").decode().splitlines()
    if len(labels) != logits.shape[-1] or "walking" not in labels:
        failures.append(f"{path}: {logits.shape[-1]} outputs, labels {labels}")


def micro(path, windows):
    interpreter = micro_runtime.Interpreter.from_file(path, arena_size=MICRO_ARENA)
    results = []
    for i in range(len(windows)):
        interpreter.set_input(windows[i : i + 1], 0)
        interpreter.invoke()
        results.append(interpreter.get_output(0).reshape(-1).copy())
    return np.array(results)


def session_of(path, int8_allowed=True):
    """A session, and how many of each operation its optimized graph has."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    if int8_allowed:
        options.add_session_config_entry("session.qdqisint8allowed", "1")
    with tempfile.TemporaryDirectory() as folder:
        options.optimized_model_filepath = os.path.join(folder, "optimized.onnx")
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        nodes = onnx.load(options.optimized_model_filepath).graph.node
        return session, collections.Counter(node.op_type for node in nodes)


def expect_integers(folder, name, failures):
    """8-bit networks must become integer kernels between one QuantizeLinear and one DequantizeLinear: chains as they
    are, networks with branches where int8 activations are allowed."""
    for int8_allowed in (True, False) if name.endswith(("cnn-w8", "cnn-pruned")) else (True,):
        operations = session_of(f"{folder}/{name}.onnx", int8_allowed)[1]
        integer = {"QuantizeLinear": 1, "DequantizeLinear": 1}
        real = [op for op, count in operations.items()
                if not op.startswith(("QLinear", "QGemm", "Nhwc")) and op not in ("Transpose", "Flatten", "MaxPool")
                and count > integer.get(op, 0)]
        if real:
            failures.append(f"{name}: ONNX Runtime computes {', '.join(sorted(real))} in floating point")


def onnx_runtime(path, windows):
    session = session_of(path)[0]
    name = session.get_inputs()[0].name
    channels_first = np.ascontiguousarray(windows.transpose(0, 2, 1))
    parts = [session.run(None, {name: part})[0] for part in np.split(channels_first, range(BATCH, len(windows), BATCH))]
    result = np.concatenate(parts)
    if result.ndim == 3:  # [windows, channels, length]
        result = result.transpose(0, 2, 1)
    return result.reshape(len(windows), -1)


def same_labels(a, b):
    return float(np.mean(a.argmax(axis=1) == b.argmax(axis=1)))


def relative(a, b):
    return float(np.max(np.abs(a - b).max(axis=1) / np.abs(b).max(axis=1)))


def difference(result, expected):
    """The largest one, and a text of it, the share of outputs that differ, and the agreement of labels."""
    apart = np.abs(result.astype(np.int32) - expected.astype(np.int32))
    most = int(apart.max())
    if most == 0:
        return 0, "0 LSB"
    return most, f"{most} LSB ({np.mean(apart > 0):.2%}), labels {same_labels(result, expected):.2%}"


def of_int8(folder, name, windows, expected, failures, agreements):
    levels = np.load(f"{folder}/{name}.input.npy")
    path = f"{folder}/{name}.tflite"
    step = 1 if name.startswith("trained") else MICRO_STEP
    # LiteRT has ELU among its optimized kernels alone; LiteRT for Microcontrollers has its reference kernel.
    has_elu = name == "op-elu"
    resolver = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES if has_elu else OpResolverType.BUILTIN_REF
    reference, dtype, (scale, zero_point) = litert(path, levels, resolver)
    assert dtype == np.int8
    texts = []
    for kind, result, wanted in (
        ("reference kernels", reference, expected),
        ("for Microcontrollers", micro(path, levels[::step]), expected[::step]),
        ("default kernels", litert(path, levels, OpResolverType.AUTO)[0], expected),
    ):
        if has_elu and kind == "reference kernels":
            texts.append("has no ELU")
            continue
        most, text = difference(result, wanted)
        texts.append(text)
        if most and kind != "default kernels":
            failures.append(f"{name}: {most} LSB from LiteRT, {kind}")
    try:
        real = onnx_runtime(f"{folder}/{name}.onnx", windows)
    except Exception as error:  # what this version cannot load is said, never passed over
        too_new = "IR version: 13" in str(error)  # of opset 25, the first with 2 bits
        texts.append("cannot read opset 25" if too_new else "fails")
        if not too_new:
            failures.append(f"{name}: ONNX Runtime: {error}")
        return texts
    if name.endswith(("-w8", "-pruned")) and not name.startswith("op-"):
        expect_integers(folder, name, failures)
    levels = np.rint(real / scale) + zero_point
    texts.append(difference(levels, expected)[1])
    labels = same_labels(levels, expected)
    if name.startswith("trained"):  # random weights decide by next to nothing
        agreements.append(labels)
        if labels < EACH_AGREEMENT_BOUND:
            failures.append(f"{name}: ONNX Runtime agrees on {labels:.3%} of the labels")
    return texts


def of_fp32(folder, name, windows, expected, failures, _):
    path = f"{folder}/{name}.tflite"
    distances = [
        relative(litert(path, windows, OpResolverType.BUILTIN_REF)[0], expected),
        relative(micro(path, windows[::MICRO_STEP]), expected[::MICRO_STEP]),
        relative(litert(path, windows, OpResolverType.AUTO)[0], expected),
        relative(onnx_runtime(f"{folder}/{name}.onnx", windows), expected),
    ]
    if max(distances) > FP32_BOUND:
        failures.append(f"{name}: relative difference {max(distances):.1e}, at most {FP32_BOUND:.0e} is expected")
    return [f"{distance:.1e}" for distance in distances]


def main(folder):
    failures, agreements = [], []
    rows = [["model", "windows", "LiteRT reference", "LiteRT Micro", "LiteRT default", "ONNX Runtime"]]
    for line in open(f"{folder}/models.txt"):
        name, data = line.split()
        windows = np.load(f"{folder}/{data}.windows.npy")
        expected = np.load(f"{folder}/{name}.expected.npy")
        if name.startswith("trained"):
            expect_pipeline(f"{folder}/{name}.tflite", failures)
        compare = of_int8 if expected.dtype == np.int8 else of_fp32
        rows.append([name, str(len(windows)), *compare(folder, name, windows, expected, failures, agreements)])
    agreement = np.mean(agreements)  # of as many windows each
    if not agreement >= AGREEMENT_BOUND:
        failures.append(f"trained networks: ONNX Runtime agrees on {agreement:.3%} of all their labels")
    widths = [max(len(row[c]) for row in rows) for c in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    for failure in failures:
        print(f"failed: {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
