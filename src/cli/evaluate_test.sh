#!/usr/bin/env bash
# evaluate_test.sh EDGEPROOF: a model on data, clean and under faults, against the study that made it; bad input.
. "$(dirname "$0")/testing.sh"

fails() { expect_error "$1" evaluate "${@:2}"; }
evaluate() { "$edgeproof" evaluate "$@" 2>/dev/null || { echo "evaluate $*: failed"; failed=1; }; }

small_study '"fp32", "ptq_int8"' 256 2
sed -i 's/list = .*/list = ["gaussian", "bias"]/; s/severities = .*/severities = [2, 4]/' study.toml
"$edgeproof" study study.toml -o out >study.txt 2>&1 || { cat study.txt; exit 1; }
int8=out/models/ptq_int8-seed1.onnx
fp32=out/models/fp32-seed1.onnx

# The same numbers as the study's own evaluation of the same windows.
faults=(--fault gaussian --fault bias --severity 2 --severity 4)
for variant in fp32 ptq_int8; do
  evaluate out/models/$variant-seed1.onnx --data study.toml "${faults[@]}" --format json --outputs $variant.csv >$variant.json
  python3 - "$variant" <<'PYTHON' || failed=1
import csv, json, sys
variant = sys.argv[1]
found = json.load(open(f"{variant}.json"))
of_study = [row for row in csv.DictReader(open("out/results.csv")) if row["variant"] == variant]
accuracies = {(c["fault"], c["severity"]): c["accuracy"] for c in found["conditions"]}
assert len(of_study) == len(accuracies) == 5, (len(of_study), len(accuracies))
for row in of_study:
    ours = accuracies[row["fault"], int(row["severity"])]
    assert abs(float(row["accuracy"]) - ours) < 1e-6, (row, ours)
faulty = [c["accuracy"] for c in found["conditions"] if c["severity"] > 0]
assert abs(found["robust_accuracy"] - sum(faulty) / 4) < 1e-9
assert found["worst_fault"]["accuracy"] <= found["robust_accuracy"]
windows = list(csv.DictReader(open(f"{variant}.csv")))
assert len(windows) == 5 * found["windows"]
clean = [w for w in windows if w["fault"] == "clean"]
right = sum(w["label"] == w["predicted"] for w in clean) / len(clean)
assert abs(right - found["clean_accuracy"]) < 1e-9
for w in clean:
    logits = {k[6:]: float(v) for k, v in w.items() if k.startswith("logit ")}
    assert logits[w["predicted"]] == max(logits.values())
PYTHON
done

evaluate $int8 --data study.toml --faults core --severity 3 >table.txt
has table.txt "$int8 (int8) on "
has table.txt "of study.toml, its test part"
has table.txt "macro F1"
has table.txt "true \\ predicted"
has table.txt "robust accuracy"
has table.txt "worst fault"
evaluate $fp32 --data imu --format csv >table.csv
[ "$(wc -l <table.csv)" -eq 2 ] || { cat table.csv; failed=1; }

evaluate $fp32 --data imu --fault 'hum(sd=1, hz=5)' --fault drift --format csv >faults.csv
python3 -c '
import csv
rows = list(csv.DictReader(open("faults.csv")))
assert [(r["fault"].split("(")[0], r["severity"]) for r in rows] == \
    [("clean", "0"), ("hum", "1"), *(("drift", str(s)) for s in range(1, 6))], rows
assert all(0 <= float(r["accuracy"]) <= 1 for r in rows)' || failed=1

# A file of one's own: all its windows, in the model's labels.
awk 'BEGIN { print "a,b,c,d,e,f,g,h,i,label"
             for (i = 0; i < 600; ++i) printf "%d,1,2,3,4,5,6,7,8,%s\n", i % 9, i < 300 ? "walking" : "sitting" }' >nine.csv
evaluate $int8 --data nine.csv --set rate_hz=50 >own.txt
has own.txt "windows of nine.csv"

fails "nine.csv has 100 samples a second" $int8 --data nine.csv --set rate_hz=100
fails "channels of bearing: 1 (acceleration)" $int8 --data bearing
fails "did you mean 'gaussian'?" $int8 --data imu --fault gausian --outputs bad.csv
fails "unknown suite 'cor', did you mean 'core'?" $int8 --data imu --faults cor
fails "--severity" $int8 --data imu --faults core --severity 6
fails "--format" $int8 --data imu --format xml
fails "nowhere" $int8 --data imu --outputs nowhere/bad.csv
fails "nowhere.onnx" nowhere.onnx --data imu
exit $failed
