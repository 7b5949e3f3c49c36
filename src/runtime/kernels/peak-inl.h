// What this core can do at most: the tile's multiply-adds on registers alone, once per Highway
// target.

#include "runtime/kernels/simd.h"
#include "runtime/kernels/tile-inl.h"

#if defined(EDGEPROOF_PEAK_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef EDGEPROOF_PEAK_INL_H
#undef EDGEPROOF_PEAK_INL_H
#else
#define EDGEPROOF_PEAK_INL_H
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace edgeproof::runtime {
namespace HWY_NAMESPACE {
#if EDGEPROOF_IS_SIMD(HWY_TARGET)

// The compiler may not assume anything of v afterwards.
template <class V>
HWY_INLINE void forget(V& v) {
#if HWY_ARCH_X86
  asm volatile("" : "+x"(v.raw));
#else
  asm volatile("" : "+w"(v.raw));
#endif
}

// Twelve independent sums hide the latency of a multiply-add, and fit 16 registers.
template <class Ops>
std::int64_t measure_peak(std::int64_t rounds) {
  constexpr int kSums = 12;
  HWY_ALIGN typename Ops::Weight ones[64] = {1};
  typename Ops::Sum sums[kSums];
  typename Ops::Vector x = Ops::load(ones), w = x;
  for_each<kSums>([&](auto i) EDGEPROOF_LAMBDA {
    sums[i.value] = Ops::start(hn::Zero(typename Ops::SumTag()));
  });
  for (std::int64_t round = 0; round < rounds; ++round) {
    for_each<kSums>([&](auto i) EDGEPROOF_LAMBDA {
      forget(x);  // nothing of one product serves the next
      Ops::multiply_add(sums[i.value], x, w);
    });
  }
  for_each<kSums>([&](auto i) EDGEPROOF_LAMBDA {
    auto total = Ops::total(sums[i.value]);
    forget(total);
  });
  return rounds * kSums * Ops::lanes() * Ops::kInputsPerStep;
}

#endif
}  // namespace HWY_NAMESPACE
}  // namespace edgeproof::runtime
HWY_AFTER_NAMESPACE();

#endif  // toggle
