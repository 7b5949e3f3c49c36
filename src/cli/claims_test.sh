#!/usr/bin/env bash
# claims_test.sh EDGEPROOF: claims of a study's configuration, of a file and of the command line, and bad ones.
. "$(dirname "$0")/testing.sh"

small_study '"fp32", "ptq_int8"' 256 2
mv study.toml small.toml
cat >study.toml <<'TOML'
base = "small.toml"
[study]
name = "claimed"
[[claim]]
text = "Int8 is as right as FP32, to a point"
check = "clean(ptq_int8) >= clean(fp32) - 50 %"
source = "folklore"
[[claim]]
check = "bytes(ptq_int8) > bytes(fp32)"
TOML
"$edgeproof" study study.toml -o out >log.txt 2>err.txt || { cat log.txt err.txt; exit 1; }
has log.txt "supported       Int8 is as right as FP32, to a point (folklore)"
has log.txt "contradicted    bytes(ptq_int8) > bytes(fp32)"
has out/claims.csv '"claimed","bytes(ptq_int8) > bytes(fp32)",contradicted,'
has out/report.html 'Int8 is as right as FP32, to a point'

"$edgeproof" claims out >table.txt || failed=1
has table.txt "supported       Int8 is as right as FP32, to a point (folklore)"
"$edgeproof" claims out --check 'RA(ptq_int8, 3) ≥ 0 %' --check 'latency(fp32) <= 0' --format json >ad-hoc.json || failed=1
cat >mine.toml <<'TOML'
[study]
seeds = [7]
[[claim]]
check = "f1(fp32, gaussian, 3) <= 1"
TOML
"$edgeproof" claims out out/study.db --file mine.toml --check 'ece(fp32) > -1' --format markdown >both.md || failed=1
has both.md "| claim | check | claimed | claimed |"
[ "$(grep -c '\*\*supported\*\*.*\*\*supported\*\*' both.md)" -eq 2 ] || { cat both.md; failed=1; }
python3 - <<'PYTHON' || failed=1
import json
found = json.load(open("ad-hoc.json"))
assert [c["verdict"] for c in found] == ["supported", "contradicted"], found
assert found[0]["p_adjusted"] < 0.05 and found[1]["p_adjusted"] is None
assert found[0]["difference_lo"] <= found[0]["difference"] <= found[0]["difference_hi"]
PYTHON

# Other claims are no other study: nothing is trained again.
cp out/results.csv before.csv
sed -i 's/bytes(ptq_int8) > bytes(fp32)/ram(ptq_int8) <= ram(fp32)/' study.toml
"$edgeproof" study study.toml -o out >log.txt 2>err.txt || { cat err.txt; failed=1; }
has log.txt "supported       ram(ptq_int8) <= ram(fp32)"
grep -q "train:" err.txt && { echo "trained again:"; cat err.txt; failed=1; }
check "results are the same" cmp before.csv out/results.csv
sed -i '/claim/,$d' study.toml
printf 'name = "claimed"\n' >>study.toml
"$edgeproof" study study.toml -o out >log.txt 2>err.txt || { cat err.txt; failed=1; }
check "no claims, no table of them" test ! -e out/claims.csv

fails() { expect_error "$1" claims "${@:2}"; }
fails "out: has no [[claim]]; give --check or --file" out
fails "out: 'RA(ptq_int9) > 0': 'ptq_int9' is no variant of the study, did you mean 'ptq_int8'?" out --check 'RA(ptq_int9) > 0'
fails "expected one of >, <, >=, <=" out --check 'RA(fp32)'
fails "small.toml: has no [[claim]]" out --file small.toml
fails "nowhere" nowhere --check 'RA(fp32) > 0'
printf 'base = "small.toml"\n[[claim]]\ncheck = "RA(fp32) > bytes(fp32)"\n' >wrong.toml
expect_error "wrong.toml:3: 'check' in [[claim]]: 'RA(fp32) > bytes(fp32)': a share and bytes cannot be compared" \
  study wrong.toml -o out2
exit $failed
