#!/usr/bin/env bash
# reuse_test.sh EDGEPROOF: one folder for changing configurations: what is there is not computed again, and ends with
# the same bytes as in a folder of its own; two processes at once; disks that are full; queries of docs/store.md.
export DOCS
DOCS=$(realpath "$(dirname "$0")/../../docs/store.md")
. "$(dirname "$0")/testing.sh"

run() { "$edgeproof" study "$@" >out.txt 2>err.txt || { echo "study $*"; cat err.txt; failed=1; }; }
same() { # same A B: two folders' results and models
  for file in results.csv summary.csv diagnosis.csv; do cmp "$1/$file" "$2/$file" || failed=1; done
  diff -r "$1/models" "$2/models" || failed=1
}

small_study '"fp32", "ptq_int8", "qat_int8"' 256 2 $'[finetune]\nepochs = 1'
cp study.toml first.toml
sed 's/"qat_int8"/"fault_qat_int8"/; s/\["gaussian"\]/["gaussian", "bias"]/; s/^seeds = .*/seeds = [1]/' first.toml >second.toml

run first.toml -o shared --threads 2
has err.txt " in batches of "
has err.txt "; 2 epochs ("
run second.toml -o shared --threads 2
has err.txt "evaluate: "
grep -q '"train": \|train > qat seed\|train seed' err.txt && { echo "trained again:"; cat err.txt; failed=1; }
run second.toml -o second --threads 2
same shared second

# The first one is still there: nothing is computed, and nothing of the second one is shown.
run first.toml -o shared --threads 2
[ ! -s err.txt ] || { echo "worked again:"; cat err.txt; failed=1; }
run first.toml -o first --threads 2
same shared first

# What the second one alone used is freed, and nothing else; then there is nothing to free.
"$edgeproof" study -o shared --prune --dry-run >would.txt
has would.txt "that --prune without --dry-run would free"
bytes=$(stat -c %s shared/study.db)
"$edgeproof" study -o shared --prune >pruned.txt
has pruned.txt "MB freed"
[ "$(sed 's/ MB .*//' would.txt)" = "$(sed 's/ MB .*//' pruned.txt)" ] || { echo "freed something else:"; cat would.txt pruned.txt; failed=1; }
[ "$(stat -c %s shared/study.db)" -lt "$bytes" ] || { echo "the store is no smaller"; failed=1; }
"$edgeproof" study -o shared --prune >pruned.txt
has pruned.txt "nothing to free"
run first.toml -o shared --threads 2
[ ! -s err.txt ] || { echo "worked again after pruning:"; cat err.txt; failed=1; }
same shared first
expect_error "no such file" study -o nowhere --prune

# Two at once on a new folder, and one more configuration beside them.
run_quietly() { "$edgeproof" study "$@" >/dev/null 2>>both.txt || { echo "study $* beside others"; failed=1; cat both.txt; }; }
run_quietly first.toml -o both --threads 1 & one=$!
run_quietly first.toml -o both --threads 1 & two=$!
seen=0
for _ in $(seq 100); do
  if "$edgeproof" study -o both --status 2>/dev/null | tee running.txt | grep -q '^running: training of train'; then seen=1; break; fi
  sleep 0.1
done
[ $seen -eq 1 ] || { echo "nobody was seen training"; cat running.txt; failed=1; }
grep -q '"progress":{' both/report.html || { echo "no report of a running study"; failed=1; }
wait $one; wait $two
grep -q '"progress":null' both/report.html || { echo "the report of a finished study says that it is running"; failed=1; }
[ ! -f both.txt ] || ! grep -q "edgeproof:" both.txt || { cat both.txt; failed=1; }
same both first

# A disk that is full: one line that names the file, and the store goes on from where it was.
(ulimit -f 400; "$edgeproof" study first.toml -o full >/dev/null 2>full.txt)
[ $? -eq 2 ] || { echo "a full disk did not end the study with 2"; failed=1; }
tail -1 full.txt | grep -q "full/study.db: " || { cat full.txt; failed=1; }
run first.toml -o full
same full first

# A copy that cannot be written can be read: where mounts are allowed, on a read-only one.
cp -r first copy && rm -f copy/study.db-*
unshare -m bash -c 'mount --bind copy copy && mount -o remount,ro,bind copy' 2>/dev/null &&
  { unshare -m bash -c "mount --bind copy copy && mount -o remount,ro,bind copy && '$edgeproof' summary copy" >ro.txt || failed=1
    has ro.txt "qat_int8"
    unshare -m bash -c "mount --bind copy copy && mount -o remount,ro,bind copy && '$edgeproof' study first.toml -o copy" 2>ro.txt
    [ $? -eq 2 ] || { echo "a study in a folder that cannot be written did not end with 2"; failed=1; }
    has ro.txt "copy: cannot write in this folder"; }

# What there is to do, how far it is, and every evaluation as a table.
"$edgeproof" study second.toml -o none --dry-run >dry.txt || failed=1
grep -qE '^training +0 +2 +2 +no estimate' dry.txt || { cat dry.txt; failed=1; }
has dry.txt "no estimate of all"
grep -qE '^training: [0-9]+ windows in batches of [0-9]+; 2 epochs \([0-9]+ steps\), each further one 1 ' dry.txt || { cat dry.txt; failed=1; }
[ ! -e none ] || { echo "a dry run left something behind"; failed=1; }
"$edgeproof" study second.toml -o first --dry-run >dry.txt || failed=1
grep -qE '^training +1 +1 +2 +about ' dry.txt || { cat dry.txt; failed=1; }
grep -qE '^about .* on ' dry.txt || { cat dry.txt; failed=1; }
"$edgeproof" study -o first --status >status.txt || failed=1
has status.txt "finished"
"$edgeproof" study -o first --export csv >long.csv || failed=1
"$edgeproof" study -o first --export json >long.json || failed=1

python3 - <<'PYTHON' || failed=1
import re, sqlite3, os, sys
docs = os.environ["DOCS"]
queries = re.findall(r'sqlite3 study\.db "([^"]*)"', open(docs).read())
assert len(queries) >= 3, queries
db = sqlite3.connect("shared/study.db")
for query in queries:
    rows = db.execute(query).fetchall()
    assert rows, query
for variant, accuracy in db.execute("SELECT variant, accuracy FROM accuracy WHERE severity = 3"):
    assert 0 < accuracy <= 1
found = {(v, str(s), f, str(x), str(r)): "%.6f" % a for v, s, f, x, r, a in
         db.execute("SELECT variant, seed, fault, severity, realization, accuracy FROM accuracy")}
lines = [line.strip().split(",") for line in open("shared/results.csv")][1:]
assert found == {tuple(l[:5]): l[5] for l in lines}, found
import csv, json
rows, records = list(csv.DictReader(open("long.csv"))), json.load(open("long.json"))
assert len(rows) == len(records) == 3 * 2
for row, record in zip(rows, records):
    assert list(row) == list(record)
    for name, value in record.items():
        same = float(row[name]) == value if isinstance(value, (int, float)) else row[name] == (value or "")
        assert same, (row, record)
PYTHON
exit $failed
