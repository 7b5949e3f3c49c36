#!/usr/bin/env bash
# completion_test.sh EDGEPROOF: what bash completes with the script of `edgeproof completion bash`, zsh's script, the manual.
. "$(dirname "$0")/testing.sh"

"$edgeproof" completion bash >complete.bash || failed=1
. ./complete.bash
completes() { # completes WORDS EXPECTED: of the last word
  local IFS=$' \t\n'
  COMP_WORDS=($1)
  [ "${1: -1}" != " " ] || COMP_WORDS+=("")
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  _edgeproof
  [ "${COMPREPLY[*]}" = "$2" ] || { echo "'$1' completes to '${COMPREPLY[*]}', expected '$2'"; failed=1; }
}
touch mine.onnx
completes "edgeproof sum" summary
completes "edgeproof --ver" --version
completes "edgeproof gate --min-rob" "--min-robust-accuracy --min-robust-balanced-accuracy"
completes "edgeproof data fe" fetch
completes "edgeproof data fetch --fr" --from
completes "edgeproof inspect mi" mine.onnx
completes "edgeproof summary out --format j" json

"$edgeproof" completion zsh >_edgeproof || failed=1
has _edgeproof "#compdef edgeproof"
has _edgeproof "'--min-robust-accuracy:Mean accuracy over all faults and severities'"
if command -v zsh >/dev/null; then zsh -n _edgeproof || { echo "zsh does not take its script"; failed=1; }; fi
expect_error "bash" completion fish

"$edgeproof" man pages || failed=1
for command in study summary report faults inject data data-fetch inspect compress search bench evaluate export gate compare claims; do
  has pages/edgeproof.1 "edgeproof\\-${command%%-*}"
  has pages/edgeproof-$command.1 ".SH OPTIONS"
done
if command -v groff >/dev/null; then
  for page in pages/*.1; do
    groff -K utf8 -man -Tutf8 -ww "$page" 2>&1 >/dev/null | grep . && { echo "$page: groff warns"; failed=1; }
  done
fi
exit $failed
