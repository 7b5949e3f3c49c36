#!/usr/bin/env bash
# export_c_test.sh EDGEPROOF: a C module compiles without a warning, and bad input leaves nothing.
. "$(dirname "$0")/testing.sh"

cat >study.toml <<'TOML'
TOML
fails() { expect_error "$1" export "${@:2}"; }

fails "missing.onnx" missing.onnx --format c -o out
fails "unknown format 'wasm'" missing.onnx --format wasm -o out
exit $failed
