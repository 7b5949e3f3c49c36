#!/usr/bin/env python3
"""bench/start_time.py EDGEPROOF [MODEL.onnx]: how long commands take that only read.

Medians of 51 runs each, with the number of shared libraries that the program and its plug-ins load;
`true` beside them is what starting any process takes here. The model of `inspect` is made by
`edgeproof study` if none is given. Aims: --version 15 ms, inspect 30 ms, 40 libraries.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 51


def median_ms(command):
    times = []
    for _ in range(RUNS + 3):
        begin = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        times.append(1000 * (time.perf_counter() - begin))
    return statistics.median(times[3:])  # the first ones fill the page cache


def libraries(file):
    return len(subprocess.run(["ldd", file], check=True, capture_output=True).stdout.splitlines())


def small_model(program, folder):
    study = Path(folder) / "study.toml"
    study.write_text('[study]\nseeds = [1]\nvariants = ["fp32", "ptq_int8"]\n[window]\nhop = 512\n'
                     '[train]\nepochs = 1\n[faults]\nsuite = "none"\nlist = ["bias"]\n'
                     'severities = [3]\n[latency]\nruns = 1000\n')
    subprocess.run([program, "study", study, "-o", Path(folder) / "out"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return Path(folder) / "out/models/ptq_int8-seed1.onnx"


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    program = str(Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as folder:
        model = sys.argv[2] if len(sys.argv) == 3 else small_model(program, folder)
        rows = [("true", ["true"]), ("edgeproof --version", [program, "--version"]),
                ("edgeproof study --help", [program, "study", "--help"]),
                ("edgeproof inspect MODEL", [program, "inspect", str(model)])]
        print(f"{'':28} {'median ms':>10}")
        for title, command in rows:
            print(f"{title:28} {median_ms(command):10.1f}")
    print(f"\n{'':28} {'libraries':>10}")
    for file in [Path(program), *sorted((Path(program).parents[2] / "lib/edgeproof").glob("*.so"))]:
        print(f"{file.name:28} {libraries(file):10}")


if __name__ == "__main__":
    main()
