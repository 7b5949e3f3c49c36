#!/usr/bin/env python3
"""microcontrollers.py EDGEPROOF: instructions of an inference on emulated processors: of R1, R2 and R3
beside those of CMSIS-NN (commit 99f736a, the fastest of up to nine builds: GCC 12 and clang 19, -O2 and
-O3, inline-assembly requantization; the same networks, QEMU 7.2, the same way of counting), then of the
rest of the zoo, and of hops in streaming modules beside whole windows."""

import json
import os
import subprocess
import sys
import tempfile

CMSIS_NN = {
    "cortex-m0": (9092850, 15721437, 10381354),
    "cortex-m3": (3602314, 7156001, 4479024),
    "cortex-m4": (2583062, 3860149, 3378112),
    "cortex-m7": (2607090, 3833336, 3437646),
    "cortex-m55": (405678, 728158, 448076),
    "rv32": (6087628, 9040270, 6779362),
}
CMSIS_NN_RAM = {"cortex-m4": (7676, 9340, 7644), "cortex-m55": (7212, 10512, 9168)}
NETWORKS = ("r1", "r2", "r3")
REST = ("resnet1d", "tcn", "inception")
REST_TARGETS = ("cortex-m3", "cortex-m4", "cortex-m7", "cortex-m55", "rv32")  # M0's board has too little RAM
HOPS = (("r1", 16), ("r2", 16), ("r3", 64))


def measure(edgeproof, target, networks, hop=None):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "cost.json")
        command = [edgeproof, "bench", "--target", target, "--json", path]
        for network in networks:
            command += ["--network", network]
        if hop is not None:
            command += ["--hop", str(hop)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with open(path, encoding="utf-8") as file:
            return json.load(file)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print("| target | net | CMSIS-NN | edgeproof | ratio | code | tables | RAM | CMSIS-NN's RAM |")
    print("|---|---|---|---|---|---|---|---|---|")
    for target, peers in CMSIS_NN.items():
        rams = CMSIS_NN_RAM.get(target, ("", "", ""))
        for net, peer, peer_ram, ours in zip(NETWORKS, peers, rams, measure(sys.argv[1], target, NETWORKS)):
            ram = ours["arena_bytes"] + ours["stack_bytes"]
            print(f"| {target} | {net} | {peer} | {ours['instructions']} | "
                  f"{ours['instructions'] / peer:.2f} | {ours['code_bytes']} | {ours['table_bytes']} | "
                  f"{ram} | {peer_ram} |")
    print("\n| target | net | instructions | per MAC | code | tables | RAM |")
    print("|---|---|---|---|---|---|---|")
    for target in REST_TARGETS:
        for net, ours in zip(REST, measure(sys.argv[1], target, REST)):
            ram = ours["arena_bytes"] + ours["stack_bytes"]
            per_mac = ours["instructions"] / ours["macs"]
            print(f"| {target} | {net} | {ours['instructions']} | {per_mac:.2f} | "
                  f"{ours['code_bytes']} | {ours['table_bytes']} | {ram} |")
    print("\n| target | net | hop, samples | MACs of a hop | instructions of a hop | of a window | ratio | "
          "code of both | RAM of both |")
    print("|---|---|---|---|---|---|---|---|---|")
    for target in ("cortex-m4", "cortex-m55"):
        for net, hop in HOPS:
            window, streaming = measure(sys.argv[1], target, [net], hop)
            rams = [cost["arena_bytes"] + cost["stack_bytes"] for cost in (window, streaming)]
            print(f"| {target} | {net} | {hop} | {streaming['macs']} | {streaming['instructions']} | "
                  f"{window['instructions']} | {window['instructions'] / streaming['instructions']:.1f} | "
                  f"{window['code_bytes']}, {streaming['code_bytes']} | {rams[0]}, {rams[1]} |")


if __name__ == "__main__":
    main()
