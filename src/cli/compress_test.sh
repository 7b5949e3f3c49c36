#!/usr/bin/env bash
# compress_test.sh EDGEPROOF: an FP32 model made small on data, and bad input.
. "$(dirname "$0")/testing.sh"

fails() { expect_error "$1" compress "${@:2}" -o bad.onnx; }

matches() { # matches FILE PATTERN
  if ! grep -qE -- "$2" "$1"; then echo "expected in $1: $2"; cat "$1"; failed=1; fi
}
compress() { "$edgeproof" compress "$@" 2>/dev/null || { echo "compress $*: failed"; failed=1; }; }

small_study '"fp32"' 256 2 '[finetune]
epochs = 1'
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

# A study of that model: fp32 is the model itself on every seed, without any training.
sed -e 's/seeds = .*/seeds = [1, 2]/' -e 's/variants = .*/variants = ["fp32", "qat_int8"]/' study.toml >own.toml
printf '[model]\nonnx = "%s"\n' "$model" >>own.toml
"$edgeproof" study own.toml -o own >/dev/null 2>own.err || { cat own.err; failed=1; }
for seed in 1 2; do
  cmp <(sed -n 's/^fp32,1,//p' out/results.csv) <(sed -n "s/^fp32,$seed,//p" own/results.csv) || failed=1
done
[ "$(grep -c '^fp32,2,' own/results.csv)" -ge 2 ] || { echo "no results of fp32"; failed=1; }
"$edgeproof" study own.toml -o own >/dev/null 2>own.err || failed=1
[ ! -s own.err ] || { echo "a finished study worked again:"; cat own.err; failed=1; }
cp $model kept.onnx
cp own/models/fp32-seed2.onnx $model # the same weights in another file
"$edgeproof" study own.toml -o own >/dev/null 2>own.err || failed=1
[ ! -s own.err ] || { echo "another file of the same weights is trained again:"; cat own.err; failed=1; }
cp kept.onnx $model

own() { # own TEXT SED: an error of the study above with another configuration
  sed "$2" own.toml >bad.toml
  expect_error "$1" study bad.toml -o bad
}
touch bad.toml
own "'onnx' in [model]: none.onnx" 's/onnx = .*/onnx = "none.onnx"/'
own "'onnx' in [model]: int8.onnx is int8" 's/onnx = .*/onnx = "int8.onnx"/'
own "windows of 128 samples x 9 channels, the study's are 64 x 9" 's/hop = .*/&\nlength = 64/'
own "'imputation' in [pipeline] is 'mean'" '$a [pipeline]\nimputation = "mean"'
own "'onnx' in [model] exclude each other" '$a architecture = "tcn"'
own "expected 'train' without parameters" '$a [recipes]\nx = "train(faults=true) > ptq"'
expect_error "expected 'train' without parameters" search own.toml -o bad

fails "is int8 already" int8.onnx --data study.toml
fails "'finetune' trains a model further" $model --data study.toml --recipe 'train > ptq'
fails "expected fp32" $model --data study.toml --recipe 'finetune(teacher=big)'
fails "did you mean 'conv1'" $model --data study.toml --recipe 'ptq(weight_bits=4 conv0:8)'
fails "0 to 0.99" $model --data study.toml --recipe 'prune(ratio=1)'
fails "channels of bearing: 1" $model --data bearing --recipe ptq
fails "no such file" $model --data walk.csv
fails "none.onnx" none.onnx --data study.toml
exit $failed
