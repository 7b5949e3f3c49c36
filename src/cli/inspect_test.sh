#!/usr/bin/env bash
# inspect_test.sh EDGEPROOF: what a model file holds, its diagnosis on data, and bad input.
. "$(dirname "$0")/testing.sh"

fails() { expect_error "$1" inspect "${@:2}"; }

inspect() { "$edgeproof" inspect "$@" || { echo "inspect $*: failed"; failed=1; }; }

small_study '"fp32", "coarse"' 256 1 '[recipes]
coarse = "train > ptq(weight_bits=3)"'
"$edgeproof" study study.toml -o out >study.txt 2>&1 || { cat study.txt; exit 1; }
int8=out/models/coarse-seed1.onnx
fp32=out/models/fp32-seed1.onnx

# What a file holds
inspect $int8 >int8.txt
has int8.txt "int8, 1233280 MACs, 13504 bytes of weights ("
has int8.txt "weight bytes  coded "
has int8.txt "128 samples (2.56 s), hop 256, 50 Hz"
has int8.txt "conv1d, kernel 5, relu"
inspect $fp32 --format json >fp32.json
has fp32.json '"type": "fp32"'
has fp32.json '"weight_bytes": 5888'
has fp32.json '"coded_weight_bytes": 5888'

# Diagnosis: on the model's windows, not the source's own; weights of 3 bits show only against FP32.
inspect $int8 --data imu --against $fp32 --fault 'drift(sd=2)' --fault hum --severity 4 >diagnosis.txt
has diagnosis.txt "validation windows of imu"
has diagnosis.txt "hum, severity 4: "
[ "$(grep -c '^most to blame: ' diagnosis.txt)" -eq 3 ] || { cat diagnosis.txt; failed=1; }
inspect $int8 --data imu >alone.txt
has alone.txt "its own weights"
has alone.txt "exact"
if grep -q exact diagnosis.txt; then echo "3 bits are exact"; failed=1; fi
inspect $int8 --data study.toml --against $fp32 --format json >diagnosis.json
has diagnosis.json '"part": "validation"'
has diagnosis.json '"blamed": "'
inspect $int8 --data study.toml --against $fp32 --format json | cmp - diagnosis.json || failed=1

# Bad input
head -c 3000 /dev/urandom >broken.onnx
fails "broken.onnx: " broken.onnx
fails "nowhere.onnx: cannot open" nowhere.onnx
fails "channels of bearing: 1 (acceleration), $int8 takes 9 (body_acc_x, " $int8 --data bearing
fails "$fp32: is FP32, nothing is quantized" $fp32 --data imu
fails "the reference is an int8 model" $int8 --data imu --against $int8
fails "--fault and --against need --data" $int8 --fault drift
fails "did you mean 'drift'?" $int8 --data imu --fault drfit
fails "--severity" $int8 --data imu --fault drift --severity 9
fails "unknown source 'imo', did you mean 'imu'?" $int8 --data imo
awk 'BEGIN { print "a,b,c,d,e,f,g,h,i,label"
             for (i = 0; i < 600; ++i) printf "%d,1,2,3,4,5,6,7,8,%s\n", i % 9, i < 300 ? "walk" : "sit" }' >nine.csv
fails "has 100 samples a second, $int8 takes 50; resample it with --set resample_hz=50" \
  $int8 --data nine.csv --set rate_hz=100
inspect $int8 --data nine.csv --set rate_hz=50 >nine.txt 2>channels.txt
has nine.txt "training windows of nine.csv"
has channels.txt "channels a, b, c, d, e, f, g, h, i of nine.csv are taken to be body_acc_x, "
exit $failed
