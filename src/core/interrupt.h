#pragma once

// A polite way to stop at Ctrl-C.

namespace edgeproof {

// Makes the first SIGINT or SIGTERM set a flag and the second one end the process. A write beyond
// the largest file that is allowed (SIGXFSZ) becomes an error of that write.
void install_interrupt_handler();

// Throws Error(interrupted) once the flag is set. Call it between steps that leave nothing
// half-done.
void throw_if_interrupted();

// For plug-ins (core/plugin.h), which have copies of this module: where the flag is, and that the
// program's counts here.
const void* interrupt_flag();
void share_interrupt_flag(const void* flag);

}  // namespace edgeproof
