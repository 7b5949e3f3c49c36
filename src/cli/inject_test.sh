#!/usr/bin/env bash
# inject_test.sh EDGEPROOF: the command on files and pipes, its laws, and its errors.
. "$(dirname "$0")/testing.sh"

fails() { expect_error "$1" inject "${@:2}" -o out.csv; }

awk 'BEGIN { print "time,ax,ay,az,note"
             for (i = 0; i < 5000; ++i) printf "%.2f,%.4f,%.4f,%.4f,n%d\n", i / 50, sin(i / 9), cos(i / 7), sin(i / 5), i }' >in.csv
printf 'channel,mean,sd\nax,0,0.7\nay,0,0.7\naz,0,0.7\n' >statistics.csv

inject() { "$edgeproof" inject "$@"; }
inject in.csv --fault drift --severity 0 -o same.csv
check "severity 0 is the identity" cmp in.csv same.csv

faults=$("$edgeproof" faults --format json | grep -o '^    "name": "[a-z_]*"' | cut -d'"' -f4)
check "there are twenty faults" test "$(wc -w <<<"$faults")" -eq 20
for fault in $faults; do
  common=(--fault "$fault" --severity 4 --triad ax,ay,az --statistics statistics.csv --length 5000)
  inject in.csv "${common[@]}" -o file.csv --truth truth.csv --plot plot.svg || failed=1
  cat in.csv | inject - "${common[@]}" -o - >pipe.csv || failed=1
  check "$fault: a pipe gives what a file gives" cmp file.csv pipe.csv
  check "$fault: something happened" test "$(wc -l <truth.csv)" -gt 1
  check "$fault: all rows are there" test "$(wc -l <file.csv)" -eq 5001
  check "$fault: text columns are untouched" cmp <(cut -d, -f1,5 in.csv) <(cut -d, -f1,5 file.csv)
  check "$fault: a picture" grep -q '</svg>' plot.svg
done

inject in.csv --fault impulse --fault missing_burst --channels ax,ay --from 10 --to 20 -o part.csv
check "channels not named are untouched" cmp <(cut -d, -f4 in.csv) <(cut -d, -f4 part.csv)
check "nothing before --from" cmp <(head -501 in.csv) <(head -501 part.csv)
check "nothing after --to" cmp <(tail -4000 in.csv) <(tail -4000 part.csv)
inject in.csv --fault 'bias(sd=1) on az' --seed 1 -o a.csv
inject in.csv --fault 'bias(sd=1)' --channels az --seed 1 -o b.csv
check "'on' is --channels" cmp a.csv b.csv

fails "unknown fault 'drfit', did you mean 'drift'?" in.csv --fault drfit
fails "no parameter 's', did you mean 'sd'?" in.csv --fault 'drift(s=1)'
fails "p is '2', expected a number, 0 to 1" in.csv --fault 'missing(p=2)'
fails "--severity" in.csv --fault drift --severity 7
fails "there is no channel 'aw', did you mean 'ax'?" in.csv --fault drift --channels aw
fails "does not apply: it needs two physical channels" in.csv --fault dropout --channels ax
fails "does not apply: it needs a declared three-axis sensor" in.csv --fault rotation
fails "--triad is 'ax,ay'" in.csv --fault rotation --triad ax,ay
fails "the stream ends after 5000 samples, expected 5001" in.csv --fault missing --length 5001
fails "longer than the 100 samples" in.csv --fault missing --length 100
fails "cannot open" nowhere.csv --fault missing
fails "expected --from before --to" in.csv --fault bias --from 3 --to 2
fails "needs to know how long the stream is" - --fault stuck
fails "give --statistics" - --fault gaussian
sed '9s/^[^,]*/0.01/' in.csv >bad.csv && fails "line 9: time 0.01 after 0.12" bad.csv --fault missing
sed '9s/^[^,]*/0.155/' in.csv >bad.csv && fails "is the rate mixed?" bad.csv --fault missing
head -3 statistics.csv >short.csv && fails "no row for channel 'az'" in.csv --fault bias --statistics short.csv
head -c 999 /dev/urandom >bad.npz && fails "bad.npz" bad.npz --fault missing
exit $failed
