#!/usr/bin/env bash
# conclusions_test.sh EDGEPROOF: splits that are used, refused and warned of; the baseline; which variant to ship.
. "$(dirname "$0")/testing.sh"

# A published split of twelve and eight cases, of two classes, some shorter than the others.
python3 - <<'PYTHON'
import math
def cases(name, count, shift):
    with open(name, "w") as file:
        file.write("@problemName M\n@timestamps false\n@univariate true\n@equalLength false\n@classLabel true up down\n@data\n")
        for i in range(count):
            sign, length = (1, 20) if i % 2 else (-1, 16)
            file.write(",".join(f"{sign * t + math.sin(i + t + shift):.3f}" for t in range(length)))
            file.write(":up\n" if i % 2 else ":down\n")
cases("M_TRAIN.ts", 12, 0)
cases("M_TEST.ts", 8, 100)
for label in "ab":
    with open(f"{label}.csv", "w") as file:
        file.write("t,x,activity\n")
        for t in range(400):
            file.write(f"{t / 10},{math.sin(t * (1 if label == 'a' else 3) / 5) + t / 1e5:.5f},{label}\n")
PYTHON

study() { # study NAME DATA [SPLIT]: a study of seconds
  cat >"$1.toml" <<TOML
[study]
seeds = [1]
variants = ["fp32", "ptq_int8"]
[data]
$2
[window]
length = 20
hop = 10
${3:-}
[train]
epochs = 2
batch_size = 4
$quick_sections
TOML
}
run() { # run NAME: its messages are in NAME.err, its table in NAME.out
  "$edgeproof" study "$1.toml" -o "$1" >"$1.out" 2>"$1.err" || { cat "$1.err"; failed=1; }
}

study official 'source = "ts"
files = ["M_TRAIN.ts", "M_TEST.ts"]'
run official
has official.err "split of M_TRAIN: the official split (as published: a training and a test file)"
has official.err "10 windows train, 2 validate, 8 test"
has official.err "warning: 10 windows have fewer than 20 samples, 16 at least, and are filled up"
has official.out "majority_class"
has official.out "Split: the official split"
has official.out "Warning: classes with fewer than 30 training windows"
grep -q "the official split" official/report.html || { echo "the report does not name the split"; failed=1; }

one_each='source = "csv"
path = "a.csv"
paths = ["b.csv"]
time_column = "t"
channels = ["x"]
label_column = "activity"'
study apart "$one_each"
expect_error 'by = "time" in [split]' study apart.toml -o none
study apart "$one_each" '[split]
by = "groups"
test_groups = ["b"]
validation_groups = []
validation_fraction = 0'
sed -i 's/^epochs = 2/epochs = 2\nkeep = "last"/' apart.toml
expect_error 'windows of one class only' study apart.toml -o none
study timed "$one_each" '[split]
by = "time"'
run timed
has timed.err "each recording in time: its last 25 % test"
has timed.err "the same groups (people, machines, sessions) are in train and test: 2"

"$edgeproof" summary timed --recommend >recommended.txt || failed=1
grep -q '^Ship ' recommended.txt || { echo "no recommendation:"; cat recommended.txt; failed=1; }
grep -qF -- "$(grep '^Ship ' recommended.txt)" timed.out || { echo "the table ends otherwise"; failed=1; }
"$edgeproof" summary timed --recommend --format json >recommended.json || failed=1
"$edgeproof" summary timed --format json >summary.json || failed=1
python3 - <<'PYTHON' || failed=1
import json
recommended, rows = json.load(open("recommended.json")), json.load(open("summary.json"))
assert recommended["ship"] in (None, "ptq_int8"), recommended["ship"]
assert [c["variant"] for c in recommended["candidates"]] == ["ptq_int8"]
assert recommended["text"] == [line for line in open("recommended.txt").read().splitlines() if not line.startswith("Warning: ")]
assert rows[-1]["variant"] == "majority_class" and abs(rows[-1]["balanced_accuracy"] - 0.5) < 1e-9
PYTHON
expect_error "--recommend is sentences or JSON" summary timed --recommend --format csv

exit $failed
