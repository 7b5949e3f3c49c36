#!/usr/bin/env bash
# errors_test.sh EDGEPROOF: bad input gives exit code 2, one line that says what is wrong, and no half-written
# output.
. "$(dirname "$0")/testing.sh"

# study TEXT TOML: the same for a study of that configuration.
study() {
  printf '%b' "$2" >study.toml
  expect_error "$1" study study.toml -o out
}

csv='[data]\nsource = "csv"\npath = "data.csv"\nlabel_column = "label"\ngroup_column = "who"\nrate_hz = 50\n[window]\nlength = 4\nhop = 4\n'

expect_error "unknown command 'stduy', did you mean 'study'?" stduy
expect_error "required" summary
expect_error "no-such.toml: cannot open" study no-such.toml -o out
expect_error "no-such: no such file; expected the result store of a study" summary no-such
expect_error "--threads" study --threads -1 -o out
study "study.toml:2: unknown key 'epoch' in [train], did you mean 'epochs'?" '[train]\nepoch = 3\n'
study "study.toml:2: 'epochs' in [train] is 'x', expected a whole number" '[train]\nepochs = "x"\n'
study "study.toml:1: unknown section [trian], did you mean 'train'?" '[trian]\n'
study "study.toml:1: not TOML" '[train\n'
study "study.toml:3: 'annotator' in [data] is for wfdb, not for csv" \
  '[data]\nsource = "csv"\nannotator = "ecg"\npath = "data.csv"\n'
study "needs a 'path'" '[data]\nsource = "csv"\n'
study "'edgeproof data fetch uci_har' downloads it" '[data]\nsource = "uci_har"\n'
study "unknown value 'mitbhi', did you mean 'mitbih'?" '[data]\nsource = "mitbhi"\n'
study "nowhere" '[data]\nsource = "uci_har"\npath = "nowhere"\n'
study "longer than every recording" '[window]\nlength = 1000000\n'
study "no group 'p99', did you mean 'p09'?" '[split]\nby = "groups"\ntest_groups = ["p99"]\n'
study "does not fit windows of 16 samples x 9 channels" \
  '[window]\nlength = 16\n[model]\narchitecture = "wdcnn"\n'
study "'rotation_deg' in [augment] needs three-axis sensors" \
  '[data]\nsource = "bearing"\n[window]\nlength = 2048\nhop = 2048\n[augment]\nrotation_deg = 5\n'

head -c 3000 /dev/urandom >broken.tar.xz
study "broken.tar.xz" '[data]\nsource = "uci_har"\npath = "broken.tar.xz"\n'

row() { printf '%s,%s,%s\n' "$1" "$2" "$3"; }
good() { echo "x,label,who"; for who in a b c d; do for i in 1 2 3 4 5 6 7 8; do row $i.$i $((i > 4)) $who; done; done; }
good >data.csv && sed -i '5s/.*/1,2/' data.csv && study "data.csv, line 5" "$csv"
good | sed '7s/^[^,]*/oops/' >data.csv && study "data.csv, line 7" "$csv"
good | sed '9s/^[^,]*/inf/' >data.csv && study "data.csv, line 9" "$csv"
good | sed 's/,1,/,0,/' >data.csv && study "class" "$csv"
good | sed 's/who/whom/' >data.csv && study "did you mean 'whom'" "$csv"
: >data.csv && study "data.csv" "$csv"

if [ "$failed" -eq 0 ]; then
  # Unwritable output: a file where the folder should be, and a file system that takes none.
  touch taken
  "$edgeproof" study -o taken 2>err >/dev/null; [ $? -eq 2 ] && grep -q 'taken: ' err || { cat err; failed=1; }
  "$edgeproof" study -o /proc/edgeproof 2>err >/dev/null; [ $? -eq 2 ] && grep -q '/proc/edgeproof: cannot' err || { cat err; failed=1; }
fi
exit $failed
