#!/usr/bin/env bash
# slurm_test.sh EDGEPROOF: the batch script of docs/howto/run-on-a-cluster.md under a real Slurm of this one machine, with
# two tasks: it gives the bytes of a single process; a job that was cancelled on the way goes on when it is submitted again.
howto=$(realpath "$(dirname "$0")/../../docs/howto/run-on-a-cluster.md")
. "$(dirname "$0")/testing.sh"

user=$(id -un)
port=$((20000 + $$ % 20000))
export SLURM_CONF=$work/slurm.conf PATH=$work/bin:$PATH OMPI_MCA_btl=tcp,self
mkdir -p bin state spool munge
chmod 755 "$work" munge
ln -s "$edgeproof" bin/edgeproof
head -c 1024 /dev/urandom >munge/key && chmod 400 munge/key
cat >"$SLURM_CONF" <<CONF
ClusterName=test
SlurmctldHost=$(hostname)(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
AuthInfo=socket=$work/munge/socket
SlurmUser=$user
SlurmdUser=$user
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
ReturnToService=2
KillWait=2
SlurmdParameters=config_overrides
NodeName=$(hostname) NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF

munged --force --foreground --key-file munge/key --socket munge/socket --pid-file munge/pid --log-file munge/log \
  --seed-file munge/seed >munge.out 2>&1 &
slurmctld -D -L slurmctld.log 2>/dev/null &
sleep 2
slurmd -D -L slurmd.log 2>/dev/null &
trap 'kill $(jobs -p); wait; rm -rf "$work"' EXIT
for ((i = 0; i < 30; ++i)); do
  [ "$(sinfo -h -o %T 2>/dev/null)" = idle ] && break
  sleep 1
done
if [ "$(sinfo -h -o %T)" != idle ]; then
  cat munge.out munge/log slurmctld.log slurmd.log
  if [ ! -e /sys/fs/cgroup/cgroup.controllers ] && [ ! -d /sys/fs/cgroup/freezer ]; then
    echo "SKIPPED: Slurm cannot start where there are no cgroups, as in this chroot or container"
    exit 77
  fi
  echo "Slurm did not come up"
  exit 1
fi

small_study '"fp32", "ptq_int8", "qat_int8"' 128 3 '[finetune]
epochs = 2'
sed -i 's/seeds = \[1\]/seeds = [1, 2, 3, 4]/' study.toml
sed -n 's/^    //; /^#!\/bin\/bash$/,/^srun/p' "$howto" |
  sed 's/--ntasks=64/--ntasks=2/; s| --data-dir /shared/data||; s|/shared/out|out|' >job.sh
has job.sh "srun --mpi=pmix edgeproof study study.toml -o out"
submit() {
  sbatch --parsable --output job.out job.sh
}
until_done() { # sbatch --wait looks ever more rarely
  for ((i = 0; i < 600; ++i)); do
    [ -z "$(squeue -h)" ] && return
    sleep 0.5
  done
  echo "the job does not end"; failed=1
}

"$edgeproof" study study.toml -o single >/dev/null 2>single.err || { cat single.err; failed=1; }

job=$(submit)
for ((i = 0; i < 600; ++i)); do
  "$edgeproof" study -o out --status 2>/dev/null | grep -q '^training *[1-9]' && break
  sleep 0.1
done
scancel "$job"
until_done
"$edgeproof" study -o out --status >status.txt || failed=1
has status.txt "training"
grep -q '^finished' status.txt && { echo "the job was not cancelled on its way"; failed=1; }

submit >/dev/null
until_done
has job.out "report: out/report.html"
for file in results.csv summary.csv diagnosis.csv; do cmp "single/$file" "out/$file" || failed=1; done
diff -r single/models out/models || failed=1

exit $failed
