#!/usr/bin/env bash
# provenance_test.sh EDGEPROOF: what model files say of where they come from, and what evaluate makes of it.
. "$(dirname "$0")/testing.sh"

# Nine persons, two of whom are test persons; two classes that differ in their amplitude.
private=$work/private-records
mkdir "$private"
awk 'BEGIN { srand(1); print "ax,ay,label,group"
  for (p = 0; p < 9; ++p) for (i = 0; i < 640; ++i) {
    walks = i < 320; a = walks ? 2 : 0.1
    printf "%.5f,%.5f,%s,p%d\n", a * (rand() - 0.5) + p / 9, a * (rand() - 0.5), walks ? "walk" : "sit", p } }' \
  >"$private/walk.csv"
cat >study.toml <<TOML
[study]
seeds = [1]
variants = ["fp32", "pruned_int8"]
[data]
source = "csv"
path = "$private/walk.csv"
rate_hz = 50
group_column = "group"
[window]
length = 64
hop = 32
[split]
by = "groups"
test_groups = ["p7", "p8"]
[train]
epochs = 1
[finetune]
epochs = 1
$quick_sections
TOML
study() { "$edgeproof" study study.toml -o "$work/private-output" "$@" >study.txt 2>&1 || { cat study.txt; exit 1; }; }
models=private-output/models
fp32=$models/fp32-seed1.onnx
int8=$models/pruned_int8-seed1.onnx
export_model() { "$edgeproof" export "$@" >/dev/null || { echo "export $*: failed"; failed=1; }; }
has_no() { # has_no FILE TEXT
  if grep -qaF -- "$2" "$1"; then echo "$1 has: $2"; failed=1; fi
}

# No file that is written by default holds a folder of this machine.
study
mkdir written
cp $models/*.onnx written
export_model $int8 --format tflite -o written/int8.tflite
export_model $fp32 --format tflite -o written/fp32.tflite
export_model $fp32 --format onnx -o written/again.onnx
export_model $int8 --format c -o written/c --units-per-count 0.001
"$edgeproof" compress "$work/$fp32" --data study.toml -o "$work/written/small.onnx" >/dev/null 2>&1 || failed=1
while read -r file; do
  for path in "$work" private-records private-output "$HOME/" /tmp/; do has_no "$file" "$path"; done
done < <(find written -type f)
[ "$(find written -type f | wc -l)" -ge 8 ] || { find written; failed=1; }

# Short is the default; full has the configuration too; none leaves what it takes to run.
cmp $fp32 written/again.onnx || failed=1
export_model $int8 --format onnx --provenance short -o short.onnx
cmp $int8 short.onnx || failed=1
"$edgeproof" inspect $int8 >inspected
has inspected "made by     edgeproof "
has inspected ", seed 1"
has inspected "variant     pruned_int8"
has inspected "recipe      train > prune"
has inspected "data        $(sha256sum <"$private/walk.csv" | head -c 64)"
has inspected "config      "
has inspected "trained on  7 recordings"
"$edgeproof" inspect written/small.onnx >inspected
has inspected "recipe      train > ptq"
has inspected "parent      $(sha256sum <$fp32 | head -c 64)"
has_no inspected "variant "
expect_error "has no configuration's text" export $int8 --format onnx --provenance full -o bad.onnx
expect_error "--provenance is of --format tflite and onnx" export $int8 --format c --provenance none -o bad
expect_error "--provenance" export $int8 --format onnx --provenance some -o bad.onnx

study --provenance full
grep -qa 'path = .\{0,2\}walk.csv' $int8 || { echo "$int8: no configuration"; failed=1; }
export_model $int8 --format tflite --provenance full -o full.tflite
for file in $int8 $fp32 full.tflite; do
  has_no "$file" "$work"
  has_no "$file" private-records
done
export_model $int8 --format onnx -o short_of_full.onnx
cmp short.onnx short_of_full.onnx || failed=1
"$edgeproof" export $int8 --format onnx --provenance full -o full.onnx >/dev/null
cmp $int8 full.onnx || failed=1
[ "$("$edgeproof" inspect $int8 | sed -n 's/^config  *//p')" = "$("$edgeproof" inspect short.onnx | sed -n 's/^config  *//p')" ] || failed=1

export_model $int8 --format onnx --provenance none -o none.onnx
export_model $int8 --format tflite --provenance none -o none.tflite
export_model none.onnx --format c -o none_c
for file in none.onnx none.tflite; do
  for text in provenance trained_on seed train; do has_no $file $text; done
done
[ "$(stat -c %s none.onnx)" -lt "$(stat -c %s short.onnx)" ] || failed=1
[ "$(stat -c %s short.onnx)" -lt "$(($(stat -c %s full.onnx) - 5000))" ] || failed=1
"$edgeproof" inspect none.onnx >inspected
has inspected "made by     not in the file"
study --provenance none
cmp $int8 none.onnx || failed=1
for model in short none; do
  "$edgeproof" evaluate $model.onnx --data study.toml --fault bias --format csv 2>/dev/null | cut -d, -f1-5 >$model.csv
done
[ -s none.csv ] && cmp none.csv short.csv || failed=1

# What the model was trained on is said of the windows that it is judged on.
"$edgeproof" evaluate short.onnx --data study.toml >table.txt 2>/dev/null || failed=1
if grep -q WARNING table.txt; then cat table.txt; failed=1; fi
"$edgeproof" evaluate short.onnx --data "$private/walk.csv" --set rate_hz=50 >table.txt 2>/dev/null || failed=1
has table.txt "WARNING: 126 of 162 windows are of recordings that short.onnx was trained on: accuracy "
has table.txt "% on the 36 others"
"$edgeproof" evaluate short.onnx --data "$private/walk.csv" --set rate_hz=50 --format json --outputs windows.csv \
  >all.json 2>warning.txt || failed=1
has warning.txt "WARNING: 126 of 162 windows"
python3 - <<'PYTHON' || failed=1
import csv, json
found = json.load(open("all.json"))
assert found["trained_on_windows"] == 126 and found["windows"] == 162, found
windows = list(csv.DictReader(open("windows.csv")))
new = [w for w in windows if w["recording"][:2] in ("p7", "p8")] or windows[126:]
assert len(new) == 36, len(new)
right = sum(w["label"] == w["predicted"] for w in new) / 36
assert abs(found["conditions"][0]["accuracy_others"] - right) < 1e-9
assert abs(found["clean_accuracy"] - (126 * found["conditions"][0]["accuracy_trained_on"] + 36 * right) / 162) < 1e-9
PYTHON
"$edgeproof" evaluate none.onnx --data "$private/walk.csv" --set rate_hz=50 --format json 2>/dev/null >none.json
has none.json '"trained_on_windows": null'
"$edgeproof" evaluate written/small.onnx --data "$private/walk.csv" --set rate_hz=50 --format csv 2>/dev/null >small.csv
has small.csv ",126,"

# A file of a newer edgeproof.
LC_ALL=C sed 's/"format":2,/"format":3,/' short.onnx >newer.onnx
for command in "inspect newer.onnx" "evaluate newer.onnx --data study.toml" "export newer.onnx --format onnx -o bad.onnx"; do
  # shellcheck disable=SC2086
  expect_error "newer.onnx: metadata 'edgeproof.provenance', 'format': found 3, expected 2" $command
done
exit $failed
