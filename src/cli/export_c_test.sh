#!/usr/bin/env bash
# export_c_test.sh EDGEPROOF: the C module of a study's model compiles without a warning and runs; bench
# measures it where a cross-compiler and QEMU are; bad input leaves nothing.
. "$(dirname "$0")/testing.sh"

fails() { expect_error "$1" export "${@:2}"; }

small_study '"fp32", "ptq_int8"' 256 1
"$edgeproof" study study.toml -o out >/dev/null 2>&1 || { echo "study failed"; failed=1; }
int8=$(ls out/models/ptq_int8*.onnx) fp32=$(ls out/models/fp32*.onnx)

check "export" "$edgeproof" export "$int8" --format c -o module --units-per-count 0.001
has module/model.h "int ep_push("
has module/README.md "ep_push()"
cat >main.c <<'C'
#include "model.h"
int main(void)
{
  int16_t counts[EP_SENSORS] = {0};
  int8_t scores[EP_OUTPUT_SIZE];
  int i;
  for (i = 1; i < EP_INPUT_LENGTH; ++i) {
    if (ep_push(counts, scores) != -1) return 1;
  }
  return ep_push(counts, scores) < 0;
}
C
check "export" "$edgeproof" export "$int8" --format c -o streaming --units-per-count 0.001 --stream 16
has streaming/model.h "#define EP_HOP 16"
has streaming/README.md "starts 16 samples after the last one"
check "compile" cc -std=c99 -Wall -Wextra -Wpedantic -Wconversion -Werror -Istreaming streaming/model.c main.c -o streaming/main
check "run" streaming/main
check "compile" cc -std=c99 -Wall -Wextra -Wpedantic -Wconversion -Werror -Imodule module/model.c main.c -o main
check "run" ./main

if command -v arm-none-eabi-gcc >/dev/null && command -v qemu-system-arm >/dev/null; then
  "$edgeproof" bench "$int8" --target cortex-m4 --layers --json cost.json >table || failed=1
  for text in instructions cortex-m4 layer1_ "arena B"; do has table "$text"; done
  "$edgeproof" bench "$int8" --target cortex-m4 --max-flash 64KB --max-ram 16KB >/dev/null || failed=1
  "$edgeproof" bench "$int8" --target cortex-m4 --hop 16 --json hop.json >table || failed=1
  has table " hop 16 "
  has hop.json '"hop": 16'
  expect_error "more than --max-ram 1024" bench "$int8" --target cortex-m4 --max-ram 1KB
  expect_error "more than --max-flash 2048" bench "$int8" --target cortex-m4 --max-flash 2KB
  for text in '"instructions"' '"stack_bytes"' '"estimated_cycles"'; do has cost.json "$text"; done
  # A study that has been run already measures devices alone, and has the same figures.
  printf '\n[devices]\ntargets = ["cortex-m4"]\n' >>study.toml
  "$edgeproof" study study.toml -o out >table 2>log || failed=1
  has log "devices: "
  grep -q "^train: " log && { echo "devices train nothing"; failed=1; }
  has table "instructions"
  has out/devices.csv "cortex-m4,$(sed -n 's/.*"instructions": \([0-9]*\).*/\1/p' cost.json | head -1),"
fi
expect=$(PATH=/nowhere "$edgeproof" bench "$int8" --target cortex-m4 2>&1)
case $expect in
  *"install Debian's package gcc-arm-none-eabi") ;;
  *) echo "expected the missing package, found: $expect"; failed=1 ;;
esac

check "within the budget" "$edgeproof" export "$int8" --format c -o within --max-flash 64KB --max-ram 16KB
fails "of flash for tables, code apart, more than --max-flash 1024" "$int8" --format c -o bad --max-flash 1KB
fails "of RAM, stack apart, more than --max-ram 1024" "$int8" --format c -o bad --max-ram 1KB
fails "are of --format c" "$int8" --format onnx -o bad --max-ram 1KB
fails "--max-ram" "$int8" --format c -o bad --max-ram many
fails "missing.onnx" missing.onnx --format c -o bad
fails "unknown format 'wasm'" "$int8" --format wasm -o bad
fails "is FP32" "$fp32" --format c -o bad
fails "expected 'linear'" "$int8" --format c -o bad --units-per-count 1 --look-ahead 5
fails "needs --units-per-count" "$int8" --format c -o bad --look-ahead 5
fails "are of --format c" "$int8" --format onnx -o bad --look-ahead 5
fails "are of --format c" "$int8" --format onnx -o bad --stream 16
fails "--stream" "$int8" --format c -o bad --stream 0
fails "hop is 10000 samples, expected 1 to" "$int8" --format c -o bad --stream 10000
fails "saves nothing from node" "$int8" --format c -o bad --stream 128
fails "one positive number" "$int8" --format c -o bad --units-per-count 1,2
expect_error "unknown target 'cortex-m44'" bench "$int8" --target cortex-m44
expect_error "is FP32" bench "$fp32" --target cortex-m4
exit $failed
