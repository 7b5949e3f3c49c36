#!/usr/bin/env bash
# mpi_test.sh EDGEPROOF: a study under mpirun gives the bytes of a single process, also when a rank was killed with
# SIGKILL on the way and the same command was given again.
. "$(dirname "$0")/testing.sh"

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
ranks() { mpirun --oversubscribe --bind-to none -n "$@"; }
same() { # same A B: two folders' results and models
  for file in results.csv summary.csv diagnosis.csv; do cmp "$1/$file" "$2/$file" || failed=1; done
  diff -r "$1/models" "$2/models" || failed=1
}

small_study '"fp32", "ptq_int8", "qat_int8", "tiny"' 256 2 '[finetune]
epochs = 1
[recipes]
tiny = "train > prune > finetune(teacher=fp32) > qat(faults=true)"'
sed -i 's/seeds = \[1\]/seeds = [1, 2]/; s/severities = \[3\]/severities = [2, 4]/' study.toml

begin=$(date +%s%N)
"$edgeproof" study study.toml -o single --threads 2 >single.txt 2>single.err || { cat single.err; failed=1; }
took=$((($(date +%s%N) - begin) / 1000000))
ranks 3 "$edgeproof" study study.toml -o three >three.txt 2>three.err || { cat three.err; failed=1; }
same single three
[ "$(grep -c '^report: ' three.txt)" -eq 1 ] || { echo "not one report"; cat three.txt; failed=1; }
has three.err "jobs: "
ranks 2 "$edgeproof" study study.toml -o three >/dev/null 2>again.err || failed=1
[ ! -s again.err ] || { echo "a finished study worked again:"; cat again.err; failed=1; }

# One rank is killed. What was finished is not done again: fewer jobs are left for those who come after.
kills=0
for percent in 40 70; do
  mpirun --oversubscribe --bind-to none -n 3 "$edgeproof" study study.toml -o killed >/dev/null 2>>killed.err &
  leader=$! # its children are the ranks
  until [ -s killed/study.db ] || ! kill -0 $leader 2>/dev/null; do sleep 0.05; done # on a busy machine starting takes long
  sleep "$(awk "BEGIN { print $took * $percent / 100000 }")"
  victim=$(pgrep -P $leader -x edgeproof | tail -1)
  if [ -n "$victim" ] && kill -KILL "$victim"; then
    kills=$((kills + 1))
    wait $leader && { echo "a killed rank went unnoticed"; failed=1; }
  fi
  wait $leader
done
[ $kills -gt 0 ] || { echo "no rank was killed"; failed=1; }
"$edgeproof" study -o killed --status >status.txt || failed=1
has status.txt "training"
ranks 3 "$edgeproof" study study.toml -o killed >/dev/null 2>rest.err || { cat rest.err; failed=1; }
same single killed

# Two hosts: ranks in network namespaces of their own, that talk over TCP; where namespaces can be made.
cat >remote.sh <<'AGENT'
#!/bin/bash
exec ip netns exec "n${1##*.}" unshare -u bash -c "hostname n${1##*.}; ${*:2}"
AGENT
cat >hosts.sh <<'HOSTS'
set -e
mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns
ip link set lo up
ip link add br0 type bridge && ip addr add 10.77.0.254/24 dev br0 && ip link set br0 up
for i in 1 2; do
  ip netns add n$i
  ip link add v$i type veth peer name e0 netns n$i && ip link set v$i master br0 up
  ip -n n$i addr add 10.77.0.$i/24 dev e0 && ip -n n$i link set e0 up && ip -n n$i link set lo up
done
[ $# -gt 0 ] || exit 0
timeout 120 mpirun -mca plm_rsh_agent "$PWD/remote.sh" -mca oob_tcp_if_include 10.77.0.0/24 -mca btl_tcp_if_include 10.77.0.0/24 \
  -mca btl tcp,self --bind-to none --host 10.77.0.1:1,10.77.0.2:2 -n 3 "$@"
HOSTS
chmod +x remote.sh
if unshare -nmu bash hosts.sh >hosts.log 2>&1; then
  unshare -nmu bash hosts.sh "$edgeproof" study "$PWD/study.toml" -o "$PWD/hosts" >hosts.log 2>&1 || { cat hosts.log; failed=1; }
  same single hosts
else
  echo "no network namespaces here: ranks on one host only"
fi

# Ranks must agree on what is to be done.
sed 's/epochs = 2/epochs = 3/' study.toml >other.toml
timeout 60 mpirun --oversubscribe -n 1 "$edgeproof" study study.toml -o bad : -n 1 "$edgeproof" study other.toml -o bad \
  >/dev/null 2>bad.err && failed=1
has bad.err "edgeproof: rank 1 on "

"$edgeproof" study study.toml -o three --dry-run --simulate-ranks 1,64 >simulated.txt || failed=1
has simulated.txt "all of it on 1 rank: about"
has simulated.txt "100 % of their time at work"
has simulated.txt "all of it on 64 ranks: about"

# Errors: one line, and no rank waits for ever.
sed -i 's/epochs = 2/epochs = -1/' study.toml
timeout 60 mpirun --oversubscribe -n 2 "$edgeproof" study study.toml -o bad >/dev/null 2>bad.err
[ $? -eq 2 ] || { echo "not exit code 2"; cat bad.err; failed=1; }
has bad.err "'epochs' in [train]"
timeout 60 mpirun --oversubscribe -n 2 "$edgeproof" search -o bad >/dev/null 2>bad.err && failed=1
has bad.err "a search runs in one process"
exit $failed
