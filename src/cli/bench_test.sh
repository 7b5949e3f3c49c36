#!/usr/bin/env bash
# bench_test.sh EDGEPROOF: figures as table and JSON, forced instruction sets, and bad input.
set -uo pipefail
edgeproof=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failed=0

fails() { # fails TEXT ARGUMENT…: exit code 2, one line with TEXT
  local text=$1 status output
  shift
  output=$("$edgeproof" bench "$@" 2>&1 >/dev/null)
  status=$?
  if [ $status -ne 2 ] || [ "$(wc -l <<<"$output")" -ne 1 ] || ! grep -qF -- "$text" <<<"$output"; then
    printf 'bench %s\n  expected: %s\n  found: code %d, %s\n' "$*" "$text" $status "$output"
    failed=1
  fi
}
has() { # has FILE TEXT
  if ! grep -qF -- "$2" "$1"; then echo "expected in $1: $2"; cat "$1"; failed=1; fi
}

"$edgeproof" bench --network r1 --runs 200 --layers --json speed.json >table || failed=1
for text in "median us" "% peak" "r1 int8" "r1 fp32" global_average_pool; do has table "$text"; done
for text in '"median_us"' '"share_of_peak"' '"layers"' '"macs": 1233280'; do has speed.json "$text"; done
EDGEPROOF_ISA=scalar "$edgeproof" bench --network r1 --runs 100 --isa scalar >table || failed=1
has table scalar

fails "give either" --runs 200
fails "give either" model.onnx --network r1
fails "reference network 'r9' is not known" --network r9
fails "instruction set 'mmx' is not known" --network r1 --isa mmx
fails "missing.onnx" missing.onnx
exit $failed
