#pragma once

// What a device does between the sensor and the network: missing samples are imputed, channels
// brought to zero mean and unit standard deviation, windows cut.
//
//   hold    the last value seen; the training mean before the first one (causal)
//   linear  between the neighbours in time; held at the ends of the recording
//   mean    the training mean
//   mask    the training mean, and one more channel that is 1 where any channel of the sample was
//           missing, else 0 (it is not z-scored)
//
// z = (x - mean) / sd, in single precision. Imputation runs along the whole recording, so that a
// window knows what was seen before it. A channel of which nothing was seen becomes its mean in
// every mode, and so does padding (dataset.h): a held value would be a constant signal that was
// never there, and of many samples. Everything is a pure function.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/enum_words.h"
#include "signal/dataset.h"

namespace edgeproof::signal {

enum class Imputation { hold, linear, mean, mask };

inline constexpr auto kImputationWords = enum_words<Imputation>({{Imputation::hold, "hold"},
                                                                 {Imputation::linear, "linear"},
                                                                 {Imputation::mean, "mean"},
                                                                 {Imputation::mask, "mask"}});

std::string_view imputation_name(Imputation imputation);
Imputation imputation_from_name(const std::string& name);  // bad_config, with a suggestion

// Mean and population standard deviation of each channel.
struct Statistics {
  std::vector<float> mean, sd;
};

// Over the samples that the training windows cover, each counted once however many windows hold it;
// missing ones are ignored. A constant channel has sd 1: it becomes zero, and a fault of k sd
// reaches the network with the size k, as on every other channel. Error bad_input if a channel is
// missing throughout.
Statistics training_statistics(const Dataset& dataset);

struct Pipeline {
  Imputation imputation = Imputation::hold;
  Statistics statistics;
  // What the network is given: one more than there are sensors if there is a mask.
  int input_channels() const {
    return static_cast<int>(statistics.mean.size()) + (imputation == Imputation::mask ? 1 : 0);
  }
};

// Windows as a network takes them.
struct WindowSet {
  int count = 0;
  int length = 0;
  int channels = 0;
  std::vector<float> values;         // [count, length, channels]
  std::vector<std::int32_t> labels;  // [count], indices into the data set's classes
  std::vector<std::int32_t> groups;  // [count], indices into the data set's group_names
  std::span<const float> window(int index) const {
    const std::size_t size = static_cast<std::size_t>(length) * static_cast<std::size_t>(channels);
    return std::span(values).subspan(static_cast<std::size_t>(index) * size, size);
  }
};

// One recording [length, sensors], imputed and z-scored: [length, input_channels]. The last
// `padding` samples are none.
std::vector<float> prepare_recording(const Pipeline& pipeline, std::span<const float> samples,
                                     int padding = 0);

// The windows in their order. `samples`, if given, stand in for the samples of each of the data
// set's recordings (a fault's output); those of recordings without a window may be left empty.
WindowSet prepare(const Pipeline& pipeline, const Dataset& dataset,
                  std::span<const Window> windows);
WindowSet prepare(const Pipeline& pipeline, const Dataset& dataset, std::span<const Window> windows,
                  std::span<const std::vector<float>> samples);

}  // namespace edgeproof::signal
