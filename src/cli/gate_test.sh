#!/usr/bin/env bash
# gate_test.sh EDGEPROOF: thresholds of a finished study, what changed between two, and bad input.
. "$(dirname "$0")/testing.sh"

fails() { expect_error "$1" gate "${@:2}"; }
status() { # status CODE ARGUMENT…
  "$edgeproof" gate "${@:2}" >gate.txt 2>gate.err
  local found=$?
  if [ $found -ne "$1" ]; then echo "gate ${*:2}: exit code $found, expected $1"; cat gate.txt gate.err; failed=1; fi
}

small_study '"fp32", "ptq_int8"' 256 2
sed 's/seeds = \[1\]/seeds = [2]/; s/, "ptq_int8"/, "qat_int8"/; s/^epochs = 2/epochs = 1/' study.toml >other.toml
printf '[finetune]\nepochs = 1\n' >>other.toml
sed 's/severities = \[3\]/severities = [4]/' study.toml >severe.toml
for name in study other severe; do
  "$edgeproof" study $name.toml -o $name >log.txt 2>&1 || { cat log.txt; exit 1; }
done

status 0 study --min-clean-accuracy 0 --min-robust-accuracy 0 --min-worst-fault 0 --min-macro-f1 0 --max-drop 1 \
  --max-weight-bytes 1MB --max-arena-bytes 1MB --max-latency-us 1000ms --max-macs 1000M --max-mfe 1000 --max-flip-rate 1 --max-clip-rate 1 --junit ok.xml --markdown ok.md
has gate.txt "checked: ptq_int8, which the study recommends"
has gate.txt "13 of 13 checks hold"
has gate.txt "worst fault (gaussian)"
status 1 study --variant fp32 --variant ptq_int8 --min-clean-accuracy 0 --max-weight-bytes 100B --junit gate.xml --markdown gate.md
has gate.txt "at most 100 bytes"
has gate.txt "FAILED"
has gate.txt "2 of 4 checks hold"
has gate.md "**FAILED**"
python3 - <<'PYTHON' || failed=1
import xml.etree.ElementTree as xml
good, bad = (xml.parse(f).getroot().find("testsuite") for f in ("ok.xml", "gate.xml"))
assert (good.get("tests"), good.get("failures")) == ("13", "0")
assert len(good.findall("testcase")) == 13 and not good.findall("testcase/failure")
assert (bad.get("tests"), bad.get("failures")) == ("4", "2")
assert [c.get("classname") for c in bad if c.find("failure") is not None] == ["fp32", "ptq_int8"]
PYTHON
status 0 study --max-drop 0 --baseline study
status 0 study --max-drop 1 --baseline other --against qat_int8
has gate.txt "robust accuracy, drop from qat_int8"

fails "no threshold to check: give one or more of --min-clean-accuracy" study
fails "has no variant 'ptq_int9', did you mean 'ptq_int8'?" study --variant ptq_int9 --max-drop 0.1
fails "--max-weight-bytes is 'lots'" study --max-weight-bytes lots
fails "--min-clean-accuracy" study --min-clean-accuracy 90
fails "--max-mfe" study --max-mfe -1
fails "--max-macs is 'many'" study --max-macs many
fails "has no variant 'ptq_int8'" study --max-drop 0.1 --baseline other
fails "--against and --baseline" study --against fp32 --min-clean-accuracy 0
fails "'fp32' is FP32, which has no clip rate" study --variant fp32 --max-clip-rate 0.1 --junit bad.xml
fails "nowhere" nowhere --max-drop 0.1
fails "'[faults] severities" study --max-drop 0.1 --baseline severe

"$edgeproof" compare study study >same.txt || failed=1
[ "$(grep -c ' tie$' same.txt)" -eq 14 ] || { cat same.txt; failed=1; }
[ "$(grep -cF '+0.0 [+0.0, +0.0] points' same.txt)" -eq 14 ] || { cat same.txt; failed=1; }
"$edgeproof" compare study other --format json >other.json || failed=1
python3 - <<'PYTHON' || failed=1
import json
found = json.load(open("other.json"))
assert found["only_before"] == ["ptq_int8"] and found["only_after"] == ["qat_int8"]
assert [c["variant"] for c in found["changes"]] == ["fp32"] * 7
for c in found["changes"]:
    assert c["difference_lo"] <= c["difference"] <= c["difference_hi"]
    assert abs(c["after"] - c["before"] - c["difference"]) < 1e-9
PYTHON
"$edgeproof" compare study other --format csv >other.csv || failed=1
has other.csv "qat_int8,,,,,,,,only after"
expect_error "they differ in '[faults] severities" compare study severe
expect_error "nowhere" compare study nowhere
exit $failed
