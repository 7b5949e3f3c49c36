#!/usr/bin/env bash
# peers_test.sh EDGEPROOF PEER_MODELS PYTHON: exported models in LiteRT and ONNX Runtime against the runtime here:
# the zoo with random weights in every form, and trained models. Prints the table of docs/exactness.md.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../testing.sh"
peer_models=$2 python=$3

small_study '"fp32", "ptq_int8", "qat_int4", "ds_cnn", "resnet1d", "tcn", "inception"' 128 8 '[finetune]
epochs = 3
[recipes]
qat_int4 = "train > qat(weight_bits=4)"
ds_cnn = "train(architecture=ds_cnn) > ptq"
resnet1d = "train(architecture=resnet1d) > ptq"
tcn = "train(architecture=tcn) > ptq"
inception = "train(architecture=inception) > ptq"'
"$edgeproof" study study.toml -o out >study.txt 2>&1 || { cat study.txt; exit 1; }
mkdir models
"$peer_models" models out/models/*.onnx || exit 1
"$python" "$here/compare.py" models || failed=1
exit $failed
