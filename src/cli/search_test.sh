#!/usr/bin/env bash
# search_test.sh EDGEPROOF: a search from budget to report, stopped on the way, and bad input.
. "$(dirname "$0")/testing.sh"

fails() { expect_error "$1" search "${@:2}" -o bad; }

cat >study.toml <<TOML
[study]
seeds = [1]
[window]
hop = 256
[train]
epochs = 1
[finetune]
epochs = 1
[search]
trials = 6
epochs = 1
population = 5
windows = 50
$quick_sections
TOML
budget=(--max-flash 8KB --max-ram 4.5KiB)

# Killed on the way and started again: as if it had not been.
timeout -s KILL 6 "$edgeproof" search study.toml "${budget[@]}" -o a >/dev/null 2>&1
"$edgeproof" search study.toml "${budget[@]}" -o a >a.txt 2>a.err || { cat a.err; failed=1; }
"$edgeproof" search study.toml "${budget[@]}" -o b --threads 1 >b.txt 2>/dev/null || failed=1
cmp a/found.toml b/found.toml || failed=1
cmp a/summary.csv b/summary.csv || failed=1
grep -qE '^nsga2 +6 ' a.txt || { cat a.txt; failed=1; }
grep -q '"search_budget":"at most 8192 bytes of flash, 4608 bytes of RAM"' a/report.html || failed=1
awk -F, 'NR > 1 && ($1 ~ /found|random|uniform/) { for (i = 1; i <= NF; ++i) if (names[i] == "weight_bytes" && $i > 8192) exit 1 }
         NR == 1 { split($0, names, ",") }' a/summary.csv || { echo "over the budget"; failed=1; }

fails "no network fits the budget" study.toml --max-flash 100B
fails "--max-ram is 'lots', expected a number above 0, with B, KB, KiB, MB, MiB or nothing" study.toml --max-ram lots
fails "--max-flash is '0'" study.toml --max-flash 0
fails "none.toml" none.toml
exit $failed
