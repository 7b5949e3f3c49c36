#!/usr/bin/env bash
# test.sh PREFIX DATA WORK CC CXX [FLAGS]: configures, builds and runs the examples against the edgeproof that is
# installed in PREFIX, and compares with what is in DATA (src/api/example_data). Needs nothing of the sources.
# Exit code 77: the compiler is not there.
set -euo pipefail
prefix=$1 data=$2 work=$3 cc=$4 cxx=$5 flags=${6:-}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

for compiler in "$cc" "$cxx"; do
  command -v "$compiler" >/dev/null || { echo "skipped: there is no $compiler"; exit 77; }
done
rm -rf "$work"
cmake -S "$here" -B "$work" -D CMAKE_PREFIX_PATH="$prefix" -D CMAKE_BUILD_TYPE=Release \
  -D CMAKE_C_COMPILER="$cc" -D CMAKE_CXX_COMPILER="$cxx" -D CMAKE_C_FLAGS="$flags" -D CMAKE_CXX_FLAGS="$flags" >"$work.log"
cmake --build "$work" >>"$work.log" || { cat "$work.log"; exit 1; }

[ "$(sort -u "$data/labels.txt" | wc -l)" -gt 1 ] || { echo "all windows have one label: nothing is compared"; exit 1; }
"$work/use_runtime" "$data/model.onnx" <"$data/recording.txt" | diff - "$data/labels.txt"
"$work/use_runtime_c" "$data/model.onnx" <"$data/recording.txt" | diff - "$data/labels.txt"
"$work/inject" 'missing(p=0.1) + drift(sd=1)' 3 50 <"$data/signal.txt" | diff - "$data/broken.txt"

# A file that ends too early: one line that names it.
head -c 2000 "$data/model.onnx" >"$work/half.onnx"
for program in use_runtime use_runtime_c; do
  if "$work/$program" "$work/half.onnx" <"$data/recording.txt" 2>"$work/message"; then echo "$program: no error"; exit 1; fi
  [ "$(wc -l <"$work/message")" -eq 1 ] && grep -q half.onnx "$work/message" || { cat "$work/message"; exit 1; }
done

# The same C program by pkg-config, without CMake.
export PKG_CONFIG_PATH=$(echo "$prefix"/lib*/pkgconfig "$prefix"/lib/*/pkgconfig | tr ' ' ':')
"$cc" -std=c99 -Wall -Wextra -pedantic -Werror $flags "$here/use_runtime.c" -o "$work/by_pkg_config" \
  $(pkg-config --cflags --libs edgeproof)
LD_LIBRARY_PATH=$(pkg-config --variable=libdir edgeproof) "$work/by_pkg_config" "$data/model.onnx" \
  <"$data/recording.txt" | diff - "$data/labels.txt"

# What a user of the library must not need.
if ldd "$work/use_runtime" | grep -iE 'torch|sqlite|curl|matio|archive|soxr'; then echo "needs too much"; exit 1; fi
echo "the same as inside, by $cxx"
