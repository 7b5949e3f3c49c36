#!/usr/bin/env python3
"""ort_bench.py EDGEPROOF MODELS [ROUNDS]: ONNX Runtime beside `edgeproof bench`, in turn.

MODELS is the folder that `runtime_bench --models` wrote. Needs the Python packages onnxruntime and
numpy. One pinned thread, batch 1, FP32 in and out, input and output bound beforehand. Of each model
the median of each round is taken, and of both programs the best round; of ONNX Runtime with int8 activations and
with those of its choice (session.qdqisint8allowed).
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy
import onnxruntime

RUNS = 3000


def session_of(path, int8_allowed):
    options = onnxruntime.SessionOptions()
    if int8_allowed:
        options.add_session_config_entry("session.qdqisint8allowed", "1")
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def ort_median_us(session):
    feed = session.get_inputs()[0]
    shape = [1 if isinstance(size, str) else size for size in feed.shape]
    window = numpy.random.default_rng(1).standard_normal(shape, dtype=numpy.float32)
    binding = session.io_binding()
    binding.bind_cpu_input(feed.name, window)
    binding.bind_output(session.get_outputs()[0].name)
    times = []
    for _ in range(RUNS):
        begin = time.perf_counter_ns()
        session.run_with_iobinding(binding)
        times.append(time.perf_counter_ns() - begin)
    return numpy.median(times[RUNS // 10:]) / 1000


def our_median_us(edgeproof, path):
    with tempfile.NamedTemporaryFile() as file:
        subprocess.run([edgeproof, "bench", path, "--runs", str(RUNS), "--json", file.name],
                       check=True, stdout=subprocess.DEVNULL)
        return json.load(open(file.name))[0]["median_us"]


def main(edgeproof, models, rounds=5):
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[-1]})
    print(f"| network | edgeproof us | ONNX Runtime {onnxruntime.__version__} us | ratio |")
    print("|---|---|---|---|")
    for path in sorted(pathlib.Path(models).glob("*.onnx")):
        sessions = [session_of(path, int8_allowed) for int8_allowed in (False, True)]
        ours, theirs = [], []
        for _ in range(int(rounds)):
            ours.append(our_median_us(edgeproof, path))
            theirs += [ort_median_us(session) for session in sessions]
        ratio = min(theirs) / min(ours)
        name = path.stem.replace("_", " ")
        print(f"| {name} | {min(ours):.2f} | {min(theirs):.2f} | {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
