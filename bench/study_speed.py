#!/usr/bin/env python3
"""A study's training and evaluation beside the same work in plain PyTorch, one after the other, on one thread each.

Usage: bench/study_speed.py "UCI HAR Dataset" [edgeproof] [python]
  edgeproof: the program (default: build/release/src/cli/edgeproof)
  python: one with torch and numpy (default: /usr/bin/python3; Debian: python3-torch)
Prints CPU-seconds of training and evaluation of both, their ratios, and the models' clean accuracies.
"""
import csv, pathlib, re, subprocess, sys, tempfile


def cpu_seconds(text, title):
    return float(re.search(rf"^{title}: .*\(([\d.]+) CPU-seconds\)", text, re.M).group(1))


def main():
    here = pathlib.Path(__file__).parent
    data, program, python = (sys.argv[1:] + [None] * 3)[:3]
    if data is None:
        sys.exit(__doc__)
    program = program or str(here.parent / "build/release/src/cli/edgeproof")
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run([program, "study", here / "study_speed.toml", "--data-dir", data, "--threads", "1",
                              "-o", folder], text=True, capture_output=True)
        if run.returncode != 0:
            sys.exit(run.stderr)
        with open(f"{folder}/summary.csv") as file:
            clean = {row["variant"]: row for row in csv.DictReader(file)}
    ours = {phase: cpu_seconds(run.stderr, phase) for phase in ("train", "evaluate")}
    print("edgeproof, clean accuracy:", ", ".join(f"{name} {100 * float(row['clean_accuracy']):.1f}"
                                                  for name, row in clean.items()), flush=True)
    peer = subprocess.run([python or "/usr/bin/python3", here / "pytorch_study.py", data], text=True,
                          capture_output=True)
    if peer.returncode != 0:
        sys.exit(peer.stderr)
    print(peer.stdout)
    theirs = dict(re.findall(r"(train|evaluate): wall [\d.]+ s, cpu ([\d.]+) s", peer.stdout))
    for phase in ours:
        print(f"{phase}: PyTorch {float(theirs[phase]):.1f}, edgeproof {ours[phase]:.1f} CPU-seconds: "
              f"{ours[phase] / float(theirs[phase]):.3f}")


if __name__ == "__main__":
    main()
