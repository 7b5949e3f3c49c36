#pragma once

// Damage to bytes.

#include <cstdint>
#include <string>

#include "core/random.h"

namespace edgeproof::fuzz {

// Numbers that follow from a seed, a name and an index.
class Draws {
 public:
  Draws(std::uint64_t seed, const std::string& name, std::uint32_t index)
      : rng_(seed, name), index_(index) {}
  // 0 to count - 1; 0 for none.
  std::size_t below(std::size_t count) {
    return count == 0 ? 0 : rng_.words(index_, next_++)[0] % count;
  }

 private:
  CounterRng rng_;
  std::uint32_t index_, next_ = 0;
};

// Up to eight changes: bits, bytes, numbers in text, pieces left out, doubled, or taken from
// `other`.
std::string mutated(std::string bytes, const std::string& other, Draws& draws);

}  // namespace edgeproof::fuzz
