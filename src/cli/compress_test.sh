#!/usr/bin/env bash
# compress_test.sh EDGEPROOF: an FP32 model made small on data, and bad input.
. "$(dirname "$0")/testing.sh"

fails() { expect_error "$1" compress "${@:2}" -o bad.onnx; }

matches() { # matches FILE PATTERN
  if ! grep -qE -- "$2" "$1"; then echo "expected in $1: $2"; cat "$1"; failed=1; fi
}
compress() { "$edgeproof" compress "$@" 2>/dev/null || { echo "compress $*: failed"; failed=1; }; }

cat >study.toml <<'TOML'
[study]
seeds = [1]
variants = ["fp32"]
[window]
hop = 256
[train]
epochs = 2
[finetune]
epochs = 1
[faults]
suite = "none"
list = ["gaussian"]
severities = [3]
[statistics]
resamples = 100
[latency]
runs = 1000
TOML
"$edgeproof" study study.toml -o out >/dev/null 2>&1 || { echo "study: failed"; exit 1; }
model=out/models/fp32-seed1.onnx

compress $model --data study.toml -o int8.onnx >table
matches table '^int8.onnx +2[0-9]{4}'
matches table 'accuracy on [0-9]+ test windows'
"$edgeproof" inspect int8.onnx >inspected
matches inspected 'int8, 1[0-9]* MACs'
matches inspected 'walking'

# The same command makes the same file, on any number of processors.
recipe='prune(ratio=0.5, importance=taylor) > finetune(teacher=fp32) > qat(weight_bits=4 dense:8, faults=true, calibration=min_max)'
compress $model --data study.toml --recipe "$recipe" -o a.onnx >table
matches table '^a.onnx +[3-5][0-9]{3} '
taskset -c 0 "$edgeproof" compress $model --data study.toml --recipe "$recipe" -o b.onnx >/dev/null 2>&1
cmp a.onnx b.onnx || failed=1

fails "is int8 already" int8.onnx --data study.toml
fails "'finetune' trains a model further" $model --data study.toml --recipe 'train > ptq'
fails "expected fp32" $model --data study.toml --recipe 'finetune(teacher=big)'
fails "did you mean 'conv1'" $model --data study.toml --recipe 'ptq(weight_bits=4 conv0:8)'
fails "0 to 0.99" $model --data study.toml --recipe 'prune(ratio=1)'
fails "channels of bearing: 1" $model --data bearing --recipe ptq
fails "no such file" $model --data walk.csv
fails "none.onnx" none.onnx --data study.toml
exit $failed
