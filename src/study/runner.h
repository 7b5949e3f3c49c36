#pragma once

// Who does the jobs of a study: the threads of one process.

#include "study/models.h"

namespace edgeproof::study {

// Does what the store does not have of its plan, and puts it there as it arrives. What is in the
// store then is the same whatever the threads, and however often it was stopped.
void run_plan(const Materials& materials, Store& store, int threads);

}  // namespace edgeproof::study
