#!/usr/bin/env bash
# plugins_test.sh EDGEPROOF: what runs where plug-ins are not installed, and what is said where they are needed.
. "$(dirname "$0")/testing.sh"

small_study '"fp32", "ptq_int8"' 256 2
"$edgeproof" study study.toml -o out >study.txt 2>&1 || { cat study.txt; exit 1; }
model=out/models/ptq_int8-seed1.onnx

mkdir none broken
export EDGEPROOF_PLUGINS=$work/none
check "needs no plug-in" "$edgeproof" --version
check "needs no plug-in" "$edgeproof" inspect $model
check "needs no plug-in" "$edgeproof" evaluate $model --data study.toml --fault gaussian --severity 3
check "needs no plug-in" "$edgeproof" export $model --format c -o c/model --units-per-count 0.001
check "needs no plug-in" "$edgeproof" gate out --min-robust-accuracy 0.01
check "needs no plug-in" "$edgeproof" report out
check "needs no plug-in" "$edgeproof" summary out
check "needs no plug-in" "$edgeproof" study study.toml -o out
seq 1 200 | awk 'BEGIN { print "x,y" } { print $1 "," 3 * $1 }' >walk.csv
check "needs no plug-in" "$edgeproof" inject walk.csv --fault gaussian --severity 3 --rate 50 -o faulty.csv

expect() { # expect TEXT COMMAND…: exit code 2, with TEXT as the last line on standard error
  local text=$1 status
  shift
  "$@" >/dev/null 2>error.txt
  status=$?
  [ $status -eq 2 ] || { echo "$*: exit code $status, expected 2"; failed=1; }
  has <(tail -n 1 error.txt) "$text"
}
sed -i 's/epochs = 2/epochs = 3/' study.toml
expect "training networks needs edgeproof-train.so, which is not installed: install the package edgeproof-train" \
  "$edgeproof" study study.toml -o new
expect "downloading data needs edgeproof-download.so, which is not installed" \
  "$edgeproof" data fetch uci_har --from file:///nowhere -o fetched
OMPI_COMM_WORLD_SIZE=2 expect "a study under mpirun or srun needs edgeproof-mpi.so, which is not installed" \
  "$edgeproof" study study.toml -o new

echo "not a library" >broken/edgeproof-train.so
EDGEPROOF_PLUGINS=$work/broken expect "edgeproof-train.so, which cannot be loaded" "$edgeproof" study study.toml -o new
exit $failed
