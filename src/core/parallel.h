#pragma once

// Parallel loops over independent pieces of work (TBB).

#include <functional>

namespace edgeproof {

// Calls body(i) for every i in [0, count), on at most `threads` threads; 1 means: on this one, in
// order. The pieces must not depend on each other. The first exception is rethrown after all have
// ended.
void parallel_for(int count, int threads, const std::function<void(int)>& body);

// Cores this process may run on.
int available_cores();

}  // namespace edgeproof
