#!/usr/bin/env bash
# firmware_test.sh EDGEPROOF: the example firmware, under QEMU, gives a recording with gaps, which it interpolates, the labels
# that the host gives.
for tool in arm-none-eabi-gcc qemu-system-arm cmake; do
  if ! command -v $tool >/dev/null; then
    echo "skipped: $tool is not installed (tools/packages-targets.txt)"
    exit 77
  fi
done
example=$(cd "$(dirname "$0")/../../docs/examples/firmware" && pwd)
. "$(dirname "$0")/testing.sh"

small_study '"fp32", "ptq_int8"' 64 2 '[pipeline]
imputation = "linear"'
check "study" "$edgeproof" study study.toml -o out
int8=out/models/ptq_int8-seed1.onnx
check "export" "$edgeproof" export $int8 --format c -o model --units-per-count 0.0009765625 --look-ahead 20
check "convert" "$edgeproof" data convert imu -o imu.csv

# Ten seconds of every 400, so that there are several labels: as counts, and as the values that they stand for. Single samples
# are missing, and up to 20 in a row.
awk -F, 'NR == 1 { print "counts"; print "a,b,c,d,e,f,g,h,i,label" >"host.csv" }
         NR > 1 && int(NR / 500) % 40 == 0 && rows++ < 3000 {
           for (i = 2; i <= 10; ++i) {
             count = int($i * 1024 + ($i < 0 ? -0.5 : 0.5))
             missing = (rows * 7 + i * 13) % 11 == 0 || (rows + i * 10) % 100 < 20
             printf "%s%s", missing ? "EP_MISSING" : count, i < 10 ? "," : "\n"
             printf missing ? "," : "%.12g,", count / 1024 >"host.csv"
           }
           print "walking" >"host.csv"
         }' imu.csv >recording.csv
check "evaluate" "$edgeproof" evaluate $int8 --data host.csv --set rate_hz=50 --outputs outputs.csv
awk -F, 'NR > 1 { print $4, $6 }' outputs.csv >host.txt

check "configure" cmake -S "$example" -B build -D CMAKE_TOOLCHAIN_FILE="$example/arm-none-eabi.cmake" \
  -D MODEL="$work/model" -D RECORDING="$work/recording.csv" \
  -D CMAKE_COMPILE_WARNING_AS_ERROR=ON
check "build" cmake --build build
timeout 300 cmake --build build --target run 2>&1 | grep -E '^[0-9]+ [a-z_]+$' >firmware.txt
if ! diff host.txt firmware.txt >difference; then
  echo "the firmware's labels (>) are not the host's (<):"
  head difference
  failed=1
fi
labels=$(cut -d' ' -f2 firmware.txt | sort -u | wc -l)
[ "$labels" -ge 2 ] || { echo "expected several labels, found $labels"; failed=1; }
[ "$(wc -l <firmware.txt)" -ge 20 ] || { echo "expected at least 20 windows"; failed=1; }

if cmake -S "$example" -B bad -D CMAKE_TOOLCHAIN_FILE="$example/arm-none-eabi.cmake" -D MODEL=nowhere >bad.txt 2>&1; then
  echo "expected an error without a model"
  failed=1
fi
has bad.txt "no file '"
exit $failed
