#pragma once

// Parallel loops over independent pieces of work (TBB), and a polite way to stop.

#include <functional>
#include <string>

namespace edgeproof {

// Calls body(i) for every i in [0, count), on at most `threads` threads; 1 means: on this one, in
// order. The pieces must not depend on each other. The first exception is rethrown after all have
// ended.
void parallel_for(int count, int threads, const std::function<void(int)>& body);

// Cores this process may run on.
int available_cores();

// As /proc/cpuinfo has it.
std::string processor_name();

// Ctrl-C: install_interrupt_handler() makes the first SIGINT or SIGTERM set a flag and the second
// one end the process; throw_if_interrupted() throws Error(interrupted) once the flag is set. Call
// it between steps that leave nothing half-done.
void install_interrupt_handler();
void throw_if_interrupted();

}  // namespace edgeproof
