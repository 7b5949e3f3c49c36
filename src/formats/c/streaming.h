#pragma once

// Pieces of a streaming module: ep_advance() moves what stays of each activation and has each layer
// compute the rest. A layer's function that has both ways takes `hop`: 0 computes the whole window.

#include <string>

#include "formats/c/module.h"

namespace edgeproof::formats::c {

// Declarations of model.h; nothing without streaming, as below. `has_push`: ep_push() declares
// EP_HOP.
std::string advance_header(const Module& module, bool has_push);
// ep_advance().
std::string advance_source(const Module& module);
// Of the module's README.
std::string advance_readme(const Module& module);

// All steps, of a hop or of a whole window, and then the output: the end of ep_advance() and
// ep_run().
std::string steps_text(const Module& module, bool hop);

// What the module's functions use.
std::string move_prelude(const Module& module);
// Moves what stays of a step's output.
std::string move_text(const Module& module, const Step& step);
// Statements that run for positions from `first` to before `end` of a step's output: once for a
// window, for both ends of it at a hop.
std::string over_parts(const Module& module, const Step& step, const std::string& statements);

}  // namespace edgeproof::formats::c
