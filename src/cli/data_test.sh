#!/usr/bin/env bash
# data_test.sh EDGEPROOF: the commands of 'edgeproof data' on small files, their errors, and downloads (by file://);
# on real data sets if EDGEPROOF_DATA_DIR holds them.
. "$(dirname "$0")/testing.sh"

fails() { expect_error "$1" data "${@:2}"; }

data() { "$edgeproof" data "$@" || { echo "data $*: failed"; failed=1; }; }

awk 'BEGIN { print "time,ax,ay,az,label,group"
             for (g = 0; g < 4; ++g) for (i = 0; i < 400; ++i)
               printf "%.2f,%.4f,%.4f,%s,%s,p%d\n", 1000 * g + i / 50, sin(i / 9), g, i == 7 ? "" : i, i < 200 ? "walk" : "sit", g }' >walk.csv

# info
data info walk.csv >info.txt
has info.txt "50 Hz"
has info.txt "0.25 %"
has info.txt "800"
data info walk.csv --set split.by=fractions --set window.length=100 --set 'triads=["ax,ay,az"]' --format json \
  --statistics statistics.csv >info.json
has info.json '"window_length": 100'
has info.json '"name": "validation"'
has statistics.csv "channel,mean,sd"
head -401 walk.csv >one.csv
check "inject reads the statistics" "$edgeproof" inject one.csv --ignore label,group --time time --fault gaussian \
  --statistics statistics.csv -o noisy.csv
data info bearing >info.txt
has info.txt "2048 samples"
printf '[data]\nsource = "csv"\npath = "walk.csv"\ntime_column = "time"\ngroup_column = "group"\n' >study.toml
data info study.toml >info.txt
has info.txt "groups, test"

# convert: there and back again, and the same windows from the one as from the other
data convert walk.csv -o stream.csv
data convert stream.csv -o again.csv
check "CSV again is the same" cmp stream.csv again.csv
data convert walk.csv -o a.npz
data convert stream.csv -o b.npz
check "windows are the same" cmp a.npz b.npz
data convert walk.csv --streams -o stream.npz
data info stream.npz --set rate_hz=50 --set 'channels=["ax","ay","az"]' --set groups_array=recordings >info.txt
has info.txt "recordings  4"
has info.txt "0.25 %"

# plot
data plot walk.csv -o walk.svg
has walk.svg "</svg>"

# fetch: a small data set as an archive, by its address
mkdir published
for part in TRAIN TEST; do
  { printf '@problemName %s\n@timeStamps false\n@univariate false\n@classLabel true a b\n@data\n' Little
    for i in $(seq 300); do echo "$i,2,3,4:4,5,6,$i:7,8,$i,9:$([ $((i % 2)) = 0 ] && echo a || echo b)"; done; } >published/Little_$part.ts
done
tar -C published -cf Little.tar Little_TRAIN.ts Little_TEST.ts
from=file://$work/Little.tar
mkdir -p fetched/.fetching-ucr-Little
head -c 5000 Little.tar >fetched/.fetching-ucr-Little/Little.zip.partial
data fetch ucr:Little -o fetched --from "$from" >fetch.txt 2>progress.txt
has progress.txt "goes on after"
has fetch.txt "checksum"
check "the rest was appended" cmp Little.tar fetched/Little.zip
check "nothing else is left" test "$(ls -A fetched)" = Little.zip
data fetch ucr:Little -o fetched --from file:///nowhere >fetch.txt
has fetch.txt "already"
data fetch ucr:Little --from "$from" >fetch.txt
data info ucr:Little >info.txt # from the cache
has info.txt "checksum"
# What was left of another, larger file is begun anew.
rm -r fetched && mkdir -p fetched/.fetching-ucr-Little
{ cat Little.tar; echo more; } >fetched/.fetching-ucr-Little/Little.zip.partial
data fetch ucr:Little -o fetched --from "$from" >/dev/null 2>&1
check "a stale partial file is replaced" cmp Little.tar fetched/Little.zip

mkdir other noise
# A known data set with other contents.
for part in TRAIN TEST; do
  sed 's/^\([0-9].*\):\([ab]\)$/\1:\1:\2/' published/Little_$part.ts >published/BasicMotions_$part.ts
done
tar -C published -cf BasicMotions.tar BasicMotions_TRAIN.ts BasicMotions_TEST.ts
fails "expected 9b18975a8e4a7ad6404dd1a7174edceb09f36b7dfa0e5ef937b7b0299d725c0f" \
  fetch ucr:BasicMotions -o other --from "file://$work/BasicMotions.tar"
check "the wrong file is not kept" test -z "$(ls -A other)"
head -c 3000 /dev/urandom >noise.zip
fails "Little.zip" fetch ucr:Little -o noise --from "file://$work/noise.zip"
fails "by hand: put it there as other/cwru/12k_DE/B007_0.mat, and 36 files alike" \
  fetch cwru -o other --from "file://$work/nowhere/"
fails "no-such-host.invalid" fetch ucr:Little -o other --from https://no-such-host.invalid/x.zip

# Bad input
fails "unknown source 'mitbhi', did you mean 'mitbih'?" info mitbhi
fails "known: imu, bearing, uci_har" info something
fails ".csv, .npz, .hea, .mat, .ts, .arff; or a study's .toml" info something.txt
fails "unknown data set 'uci_hra', did you mean 'uci_har'?" fetch uci_hra
fails "'edgeproof data fetch mitbih' downloads it" info mitbih --data-dir "$work"
fails "nowhere.csv: no such file" info nowhere.csv
fails "expected KEY=VALUE" info walk.csv --set rate_hz
fails "unknown key 'rate_h' in [data], did you mean 'rate_hz'?" info walk.csv --set rate_h=50
fails "'annotator' in [data] is for wfdb, not for csv" info walk.csv --set annotator=ecg
fails "'rare_classes' in [data] is for mitbih, not for imu" info imu --set rare_classes=true
fails "'path' in [data] is for" info imu --set path=walk.csv
fails "the rate is given as 60 Hz" info walk.csv --set rate_hz=60
fails "does not go with a study's file" info study.toml --set rate_hz=50
fails "ends in .npz or .csv" convert walk.csv -o out.txt
fails "no stream" convert ucr:Little -o out.csv
fails "longer than every recording" plot walk.csv --set window.length=5000 -o out.svg
fails "rate_hz is 0" info stream.npz
fails "required" info
fails "A subcommand is required"

real=${EDGEPROOF_DATA_DIR:-}
if [ -n "$real" ] && [ -e "$real/mitdb_ds1.tar.xz" ]; then
  data info mitbih --data-dir "$real" >info.txt
  has info.txt "such as 201/202"
  has info.txt "44241"
  data plot cwru --data-dir "$real" -o cwru.svg
  has cwru.svg "OR021@6"
  data convert ucr:Epilepsy --data-dir "$real" -o epilepsy.npz
  check "Epilepsy, 275 windows" test "$(stat -c %s epilepsy.npz)" -gt $((275 * 206 * 3 * 4))
  fails "has events" convert mitbih --data-dir "$real" -o out.csv
else
  echo "skipped: the parts on real data sets; EDGEPROOF_DATA_DIR holds none"
fi
exit $failed
