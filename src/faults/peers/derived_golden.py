#!/usr/bin/env python3
"""What derived channels must be, by SciPy and by docs/faults.md alone.

    derived_golden.py filters > src/signal/filter_golden_testing.h
    derived_golden.py faults > src/faults/derived_golden_testing.h

`filters` are inputs by formula through scipy.signal.sosfilt; `faults` are what a fault of a channel
of zeros adds to the one that is derived from it, with the draws made here from their definition.
Needs python3-scipy (made with 1.10.1).
"""
import math
import sys

import numpy as np
from scipy import signal

LENGTH = 200
PLACES = [0, 1, 5, 17, 60, 199]
MASK = 2**64 - 1


def design(kind, order, hz, rate):
    return signal.butter(order, hz, kind, fs=rate, output="sos")


def filtered(sos, d, past):
    """d through the filter: at rest before `past`, which goes before it, or settled at d[0]."""
    if past is None:
        return signal.sosfilt(sos, d, zi=signal.sosfilt_zi(sos) * d[0])[0]
    return signal.sosfilt(sos, np.concatenate([past, d]))[len(past):]


def settling(sos):
    poles = signal.sos2zpk(sos)[1]
    return math.ceil(math.log(0.01) / math.log(max(abs(poles))))


def lcg(count):
    state, values = 1, []
    for _ in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        values.append(state / 2**32 - 0.5)
    return np.array(values)


def inputs():
    t = np.arange(LENGTH)
    impulses = np.zeros(LENGTH)
    impulses[10], impulses[40] = 5, -3
    return {
        "bias": (np.full(LENGTH, 1.5), None),
        "drift": (t / 128, None),
        "hum": (np.sin(0.75 * t + 1), None),
        "impulse": (impulses, np.zeros(0)),
        "gaussian": (lcg(LENGTH), np.zeros(0)),
    }


# The draws of docs/faults.md, "The draws, to the word".


def mix(x):
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB & MASK
    return x ^ (x >> 31)


def key_of(seed, name):
    h = 0xCBF29CE484222325
    for c in name.encode():
        h = (h ^ c) * 0x100000001B3 & MASK
    return mix(seed ^ mix((h + 0x9E3779B97F4A7C15) & MASK))


def philox(key, counter):
    c, k = list(counter), [key & 0xFFFFFFFF, key >> 32]
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & 0xFFFFFFFF, (a >> 32) ^ c[3] ^ k[1], a & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


SEED, RECORDING, RATE, SEGMENT = 42, 7, 50, 128
SOS = design("highpass", 3, 0.3, RATE)


def block(name, number):
    number %= 2**62
    return philox(key_of(SEED, name), [RECORDING, 0, number & 0xFFFFFFFF, number >> 32])


def normal(t):
    w = block("gaussian", t // 4)
    radius, angle = w[t % 4 // 2 * 2], w[t % 4 // 2 * 2 + 1]
    r = math.sqrt(-2 * math.log((radius + 0.5) / 2**32))
    turn = 2 * math.pi * angle / 2**32
    return r * (math.cos(turn) if t % 2 == 0 else math.sin(turn))


def spike(t, p):
    word = block("impulse", t // 4)[t % 4]
    if not word < p * 2**32:
        return 0.0
    h = (word ^ (word >> 16)) * 0x9E3779B1 & 0xFFFFFFFF
    h = (h ^ (h >> 15)) * 0xC2B2AE3D & 0xFFFFFFFF
    h ^= h >> 16
    a = 3 + 5 * (h >> 8) / 2**24
    return -a if h & 1 else a


def hum(t):
    w = block("hum", 0)
    hz = (60 if w[0] >> 31 else 50) + (w[1] + 0.5) / 2**32 - 0.5
    phase = (w[2] * 2**32 + w[3]) / 2**64
    return math.sin(2 * math.pi * (hz * t / RATE + phase))


def sign(name):
    return -1 if block(name, 0)[0] >> 31 else 1


def faults():
    past = range(-settling(SOS), 0)
    segment = range(SEGMENT)
    single = lambda values: np.array(list(values), dtype=np.float32).astype(float)
    return {
        "bias(sd=1)": (single(sign("bias") for _ in segment), None),
        "drift(sd=2)": (single(sign("drift") * 2 * t / (SEGMENT - 1) for t in segment), None),
        "hum(sd=1)": (single(hum(t) for t in segment), None),
        "gaussian(sd=0.5)": (single(0.5 * normal(t) for t in segment),
                             single(0.5 * normal(t) for t in past)),
        "impulse(p=0.05)": (single(spike(t, 0.05) for t in segment),
                            single(spike(t, 0.05) for t in past)),
    }


def table(name, rows):
    text = ",\n".join("    {%s}" % row for row in rows)
    return f"inline const std::vector<{name[0]}> {name[1]} = {{\n{text}}};\n"


def numbers(values):
    return "{" + ", ".join(repr(float(v)) for v in values) + "}"


def print_header(comment, namespace, body):
    print("#pragma once\n")
    print(f"// {comment}\n// Made by src/faults/peers/derived_golden.py with SciPy 1.10.1.\n")
    print("#include <string>\n#include <vector>\n")
    print(f"namespace {namespace} {{\n\n{body}\n}}  // namespace {namespace}")


def print_filters():
    rows = []
    for kind, order, hz, rate in [("high_pass", 3, 0.3, 50), ("low_pass", 3, 0.3, 50),
                                  ("high_pass", 1, 10, 25), ("low_pass", 2, 5, 50),
                                  ("high_pass", 4, 2, 100), ("low_pass", 8, 60, 360),
                                  ("high_pass", 5, 170, 360)]:
        sos = design(kind.replace("_", ""), order, hz, rate)
        for name, (d, past) in inputs().items():
            out = filtered(sos, d, past)[PLACES]
            rows.append(f'"{kind}({order}, {hz})", {rate}, "{name}", {numbers(out)}')
    body = ("// Samples %s of the filtered input.\n" % ", ".join(map(str, PLACES)) +
            "struct FilterGolden {\n  std::string filter;\n  double rate_hz;\n"
            "  std::string input;\n  std::vector<double> samples;\n};\n\n" +
            table(("FilterGolden", "kFilterGolden"), rows))
    print_header("Inputs of filter_test.cpp through Butterworth filters.",
                 "edgeproof::signal::testing", body)


def print_faults():
    rows = []
    for name, (d, past) in faults().items():
        out = filtered(SOS, d, past)
        rows.append(f'"{name}", {numbers(d[:4])}, {numbers(out[::9])}')
    body = ("// The first samples of the physical channel, of sd 1 at 50 Hz, and every ninth of the\n"
            "// %d of its high_pass(3, 0.3), in recording %d with seed %d.\n" %
            (SEGMENT, RECORDING, SEED) +
            "struct DerivedGolden {\n  std::string fault;\n  std::vector<double> physical, derived;"
            "\n};\n\n" + table(("DerivedGolden", "kDerivedGolden"), rows))
    print_header("What faults of zeros add to a derived channel.",
                 "edgeproof::faults::testing", body)


if __name__ == "__main__":
    {"filters": print_filters, "faults": print_faults}[sys.argv[1]]()
