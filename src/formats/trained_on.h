#pragma once

// Which recordings a model was trained on, kept with it, so that whoever evaluates it can tell
// those windows from new ones. A JSON object under "edgeproof.trained_on":
//
//   {"format": 1, "complete": boolean, "digests": text}
//
// A digest is the first 32 bits, little-endian, of the SHA-256 of a recording's samples (float32,
// [length, channels], as they are read, before imputation); "digests" is all of them in ascending
// order, 4 bytes each, little-endian, in base64. If there are more than kMostDigests recordings,
// as in data sets that come cut into windows, the smallest ones of each group are kept, about
// kMostDigests together and at least one, and "complete" is false. A whole group goes to one side
// of a split, so that one known recording tells that its group was trained on.
//
// What it cannot tell: recordings that were resampled, rescaled, cut or ordered in another way have
// other digests. A new recording is taken for a known one with a probability of at most
// (number of digests) / 2^32: at 7,000 recordings against 160 digests 0.03 % for any at all.
//
// Functions are pure and thread-safe.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "signal/dataset.h"

namespace edgeproof::formats {

inline constexpr int kMostDigests = 160;  // 0.9 KB in base64

struct TrainedOn {
  std::vector<std::uint32_t> digests;  // ascending, each once
  bool complete = true;                // all recordings are there
  bool operator==(const TrainedOn&) const = default;
};

// Recordings that have windows in the training part or in the validation part, on which epochs are
// chosen. One whose samples never change has no digest: it is nobody's.
TrainedOn trained_on(const signal::Dataset& dataset);

// What a model was trained on that was trained further.
TrainedOn united(const TrainedOn& first, const TrainedOn& then);

// Of each recording of the set: whether the model was trained on it. Where not all digests are
// known, that is so for all recordings of a group of which one is known.
std::vector<bool> was_trained_on(const TrainedOn& known, const signal::RecordingSet& set);

std::string to_base64(const std::vector<std::uint32_t>& digests);
// Error bad_input for what is not base64 of ascending digests.
std::vector<std::uint32_t> digests_from_base64(std::string_view text);

}  // namespace edgeproof::formats
