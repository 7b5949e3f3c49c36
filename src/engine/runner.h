#pragma once

// Who does the jobs of a study: the threads of one process.

#include "engine/models.h"

namespace edgeproof::engine {

// Does what the store does not have of its plan, and puts it there as it arrives. What is in the
// store then is the same whatever the threads, and however often it was stopped.
void run_plan(const experiment::Materials& materials, store::Store& store, int threads);

}  // namespace edgeproof::engine
