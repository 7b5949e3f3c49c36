#pragma once

// What the SIMD files share outside Highway's per-target namespaces: each file exports its
// functions for one target, and kernels.cpp makes tables of them.

// Register tiles are arrays of vectors, which types of unknown size (SVE) cannot be; NEON serves
// there.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#include <hwy/targets.h>

#include "runtime/kernels/kernels.h"

namespace edgeproof::runtime {

// Highway's fallbacks for machines without SIMD are left out: there our own reference runs (and
// GCC 12.2 compiles one of them wrongly).
#define EDGEPROOF_IS_SIMD(target) ((target) != HWY_SCALAR && (target) != HWY_EMU128)

// Targets whose machines may have dot products of four bytes.
#define EDGEPROOF_HAS_QUADS(target) \
  ((target) == HWY_AVX3 || (HWY_ARCH_ARM_A64 && (target) == HWY_NEON))

// Each fills in its part of the table for a target of SupportedAndGeneratedTargets().
// `dot_products`: by the instructions for dot products of bytes, which the machine has.
void add_conv_int8(Kernels& kernels, std::int64_t target, bool dot_products);
void add_conv_float(Kernels& kernels, std::int64_t target);
void add_elementwise(Kernels& kernels, std::int64_t target);

// The entry for `target` in a table made by HWY_EXPORT; Highway itself only offers the best
// target's.
inline std::size_t dispatch_index(std::int64_t target) {
  if ((HWY_TARGETS & (HWY_TARGETS - 1)) == 0) return 0;
  hwy::ChosenTarget chosen;
  chosen.Update(target);
  return chosen.GetIndex();
}

}  // namespace edgeproof::runtime
