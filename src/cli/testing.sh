# Sourced by the *_test.sh EDGEPROOF: an empty folder to work in, and checks that set $failed.
set -uo pipefail
edgeproof=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export XDG_CACHE_HOME=$work/cache
failed=0

check() { # check MESSAGE COMMAND…: the command succeeds
  local message=$1
  shift
  if ! "$@" >/dev/null 2>&1; then echo "$message: $*"; failed=1; fi
}
has() { # has FILE TEXT
  if ! grep -qF -- "$2" "$1"; then echo "expected in $1: $2"; cat "$1"; failed=1; fi
}
expect_error() { # expect_error TEXT ARGUMENT…: exit code 2, one line on standard error with TEXT, no new file
  local text=$1 status output before
  shift
  before=$(ls -A)
  output=$("$edgeproof" "$@" 2>&1 >/dev/null)
  status=$?
  if [ $status -ne 2 ] || [ "$(wc -l <<<"$output")" -ne 1 ] || ! grep -qF -- "$text" <<<"$output"; then
    printf 'edgeproof %s\n  expected: exit code 2 and one line with: %s\n  found: exit code %d and: %s\n' \
      "$*" "$text" $status "$output"
    failed=1
  fi
  if [ "$before" != "$(ls -A)" ]; then echo "edgeproof $*: left something behind"; failed=1; rm -rf out* bad*; fi
}
# The last sections of a study that is done in seconds.
quick_sections='[faults]
suite = "none"
list = ["gaussian"]
severities = [3]
[statistics]
resamples = 100
[latency]
runs = 1000'
small_study() { # small_study VARIANTS HOP EPOCHS [SECTIONS]: study.toml of one seed on generated motion data, done in seconds
  cat >study.toml <<TOML
[study]
seeds = [1]
variants = [$1]
[window]
hop = $2
[train]
epochs = $3
${4:-}
$quick_sections
TOML
}
