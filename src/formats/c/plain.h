#pragma once

// Operations without weights as C: plain C in all forms. They see plain levels: convolutions that
// bias their input (conv_dsp.cpp) undo it before anybody else reads.

#include "formats/c/conv.h"

namespace edgeproof::formats::c {

// Error unsupported, naming the node, for an operation without a C form.
Code plain_code(const Module& module, const Step& step);

}  // namespace edgeproof::formats::c
