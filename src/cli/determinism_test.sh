#!/usr/bin/env bash
# determinism_test.sh EDGEPROOF: a study gives byte-identical tables on 1 and 2 threads, and when it is killed
# with SIGKILL at several moments and resumed.
set -euo pipefail
edgeproof=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >study.toml <<'TOML'
[study]
seeds = [1, 2]
variants = ["fp32", "ptq_int8", "qat_int8", "pruned_int8", "fault_qat_int8"]
[window]
hop = 256
[train]
epochs = 2
[finetune]
epochs = 1
[faults]
severities = [2, 4]
[statistics]
resamples = 200
[latency]
runs = 1000
TOML

"$edgeproof" study study.toml -o two --threads 2 >two.txt 2>two.log
"$edgeproof" study study.toml -o one --threads 1 >/dev/null 2>one.log

jobs_done() { # jobs_done FOLDER
  "$edgeproof" study -o "$1" --status 2>/dev/null |
    awk '$1 ~ /^(training|deployment|evaluation|diagnosis|latency)$/ { done += $2 } END { print done + 0 }'
}

# Killed by how much is done, not by the clock: a busy machine tests as much as an idle one.
all=$(jobs_done two)
kills=0
for percent in 2 10 30 50 70; do
  "$edgeproof" study study.toml -o killed --threads 2 >/dev/null 2>>killed.log &
  pid=$!
  while kill -0 $pid 2>/dev/null && [ "$(jobs_done killed)" -lt $((all * percent / 100)) ]; do sleep 0.05; done
  if kill -KILL $pid 2>/dev/null; then kills=$((kills + 1)); fi
  wait $pid 2>/dev/null || true
done
[ "$kills" -ge 3 ] || { echo "the study was killed only $kills times of 5"; exit 1; }
"$edgeproof" study study.toml -o killed --threads 2 >/dev/null 2>>killed.log

for table in results.csv summary.csv diagnosis.csv; do
  cmp two/$table one/$table || { echo "$table differs between 1 and 2 threads"; exit 1; }
  cmp two/$table killed/$table || { echo "$table differs after $kills kills"; exit 1; }
done
for model in two/models/*.onnx; do
  cmp "$model" "one/models/${model##*/}"
  cmp "$model" "killed/models/${model##*/}"
done
[ -s two/report.html ]
# Clean and five faults, of eight layers in each of the four integer variants, one of them to blame.
[ "$(wc -l <two/diagnosis.csv)" -eq $((1 + 6 * 8 * 4)) ]
[ "$(awk -F, '$6 == 1' two/diagnosis.csv | wc -l)" -eq $((6 * 4)) ]

# A finished study is not run again, and its table can be had in every format.
"$edgeproof" study study.toml -o two --threads 2 >again.txt 2>again.log
[ ! -s again.log ] || { echo "a finished study worked again:"; cat again.log; exit 1; }
cmp two.txt again.txt
"$edgeproof" summary two --format json >summary.json
grep -q '"robust_accuracy_lo"' summary.json
"$edgeproof" summary two --format csv >summary.csv
grep -q '^variant,clean_accuracy,clean_accuracy_lo,clean_accuracy_hi,' summary.csv
echo "identical after $kills kills"
