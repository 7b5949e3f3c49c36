#!/usr/bin/env bash
# bench_test.sh EDGEPROOF: figures as table, JSON and picture, forced instruction sets, and bad input.
. "$(dirname "$0")/testing.sh"

fails() { expect_error "$1" bench "${@:2}"; }

"$edgeproof" bench --network r1 --runs 200 --layers --json speed.json --plot speed.svg >table || failed=1
for text in "median us" "% peak" "r1 int8" "r1 fp32" global_average_pool; do has table "$text"; done
for text in '"median_us"' '"share_of_peak"' '"layers"' '"macs": 1233280'; do has speed.json "$text"; done
"$edgeproof" bench --network r1 --runs 100 --hop 16 --json speed.json >table || failed=1
for text in "MACs of a hop" "state B"; do has table "$text"; done
has speed.json '"state_bytes"'
EDGEPROOF_ISA=scalar "$edgeproof" bench --network r1 --runs 100 --isa scalar >table || failed=1
has table scalar

for text in "r1 int8" "r1 fp32" ">average<" GMAC/s; do has speed.svg "$text"; done

fails "give either" --runs 200
fails "give either" model.onnx --network r1
fails "reference network 'r9' is not known" --network r9
fails "instruction set 'mmx' is not known" --network r1 --isa mmx
fails "hop is 200 samples, expected 1 to the window's 128" --network r1 --hop 200
fails "--plot draws times of this machine" --network r1 --target cortex-m4 --plot x.svg
fails "missing.onnx" missing.onnx
exit $failed
