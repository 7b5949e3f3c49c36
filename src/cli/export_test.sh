#!/usr/bin/env bash
# export_test.sh EDGEPROOF: what is written and said, and bad input. What LiteRT makes of the files: peers/.
. "$(dirname "$0")/testing.sh"

fails() { expect_error "$1" export "${@:2}"; }

small_study '"fp32", "ptq_int8"' 256 1
"$edgeproof" study study.toml -o out >study.txt 2>&1 || { cat study.txt; exit 1; }
int8=out/models/ptq_int8-seed1.onnx
fp32=out/models/fp32-seed1.onnx

"$edgeproof" export $int8 --format tflite -o int8.tflite >int8.txt || failed=1
has int8.txt "int8.tflite: tflite, $(stat -c %s int8.tflite) bytes"
has int8.txt "operations: 3 conv1d, 2 max_pool, 1 global_average_pool, 1 dense"
has int8.txt "input:  128 x 9 int8, real = "
has int8.txt "output: 6 int8, real = "
[ "$(head -c 8 int8.tflite | tail -c 4)" = TFL3 ] || { echo "int8.tflite: no TFL3"; failed=1; }
grep -qa walking int8.tflite || { echo "int8.tflite: no labels"; failed=1; }
"$edgeproof" export $fp32 --format tflite -o fp32.tflite >fp32.txt || failed=1
has fp32.txt "output: 6 float32, logits"
"$edgeproof" export $int8 --format onnx -o again.onnx >/dev/null || failed=1
cmp $int8 again.onnx || failed=1
"$edgeproof" export $int8 --format tflite -o again.tflite >/dev/null || failed=1
cmp int8.tflite again.tflite || failed=1

fails "unknown format 'tflit', did you mean 'tflite'?" $int8 --format tflit -o bad.tflite
fails "unknown format 'zip' (known: c, tflite, onnx)" $int8 --format zip -o bad.zip
fails "nowhere.onnx" nowhere.onnx --format tflite -o bad.tflite
fails "int8.tflite: " int8.tflite --format onnx -o bad.onnx
fails "nowhere/" $int8 --format tflite -o nowhere/bad.tflite
fails "--format" $int8 -o bad.tflite
exit $failed
