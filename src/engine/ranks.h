#pragma once

// The jobs of a study on several machines: ranks of Open MPI, started by mpirun or srun.
//
// Rank 0 owns the store. It hands out what is ready, the start of the longest chain of jobs first,
// with the models that it is made from, works at tasks itself, and stores what comes back. The
// other ranks have the configuration and the data; they know nothing of the store. Results do not
// depend on who makes them.

#include <memory>
#include <string>

#include "engine/models.h"

namespace edgeproof::engine {

// Whether mpirun or srun started this process. Nothing of MPI is touched to find out.
bool started_as_rank();

// MPI for the life of this object. Error unsupported where its plug-in cannot
// be loaded.
class Ranks {
 public:
  Ranks();
  ~Ranks();
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  int rank() const { return rank_; }
  int count() const { return count_; }

  // Rank 0: does what the store does not have of its plan, as run_plan() would. Error bad_input if
  // another rank has another plan (another version, other data); what another rank failed with.
  void run_plan(const experiment::Materials& materials, store::Store& store, int threads);
  // Every other rank: works until rank 0 has no more.
  void work(const experiment::Materials& materials, const std::vector<store::Job>& plan,
            int threads);

 private:
  int rank_ = 0, count_ = 1;
  int exceptions_ = 0;  // in flight when this was made
};

}  // namespace edgeproof::engine
