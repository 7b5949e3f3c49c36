#pragma once

// What a device does between its sensors and the network: missing samples are imputed, channels
// brought to zero mean and unit standard deviation, windows cut.
//
//   const edgeproof::Pipeline& pipeline = *model.pipeline();
//   const edgeproof::Windows windows = edgeproof::cut_windows(pipeline, recording);
//   for (int i = 0; i < windows.count; ++i) workspace.run(windows.window(i));
//
// A pipeline is a value. It comes with a model file (Model::pipeline()), or is made by hand and
// given to a model from elsewhere (Model::with_pipeline()). Functions are pure and thread-safe.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "edgeproof/sensors.h"
#include "edgeproof/visibility.h"

namespace edgeproof {

// What takes the place of a missing sample (NaN). A channel of which nothing was seen becomes its
// mean in every mode.
enum class Imputation {
  hold,    // the last value seen; the training mean before the first one (causal)
  linear,  // between the neighbours in time; held at the ends of the recording
  mean,    // the training mean
  mask,    // the training mean, and one more channel: 1 where any of the sample was missing, else 0
};

// Where a model comes from, for records. What a file does not say is empty.
struct Provenance {
  std::string data_checksum = {};
  std::string config = {};  // the text of the configuration, without folders
  std::uint64_t seed = 0;
  std::string version = {};          // of edgeproof
  std::string variant = {};          // its name in a study
  std::string recipe = {};           // in one line
  std::string config_checksum = {};  // SHA-256 of the configuration's text
  std::string parent_checksum = {};  // SHA-256 of the model file that it was made from
  bool operator==(const Provenance&) const = default;
};

struct Pipeline {
  int window_length = 0;  // samples
  int hop = 0;            // samples from one window to the next
  Sensors sensors = {};   // each channel with its statistics; files do not keep triads
  Imputation imputation = Imputation::hold;
  std::vector<std::string> labels = {};  // one a class, in the order of the network's outputs
  Provenance provenance = {};

  // What the network is given: one more than there are channels with Imputation::mask.
  int input_channels() const {
    return static_cast<int>(sensors.channels.size()) + (imputation == Imputation::mask ? 1 : 0);
  }
  bool operator==(const Pipeline&) const = default;
};

// Windows as a network takes them.
struct Windows {
  int count = 0;
  int length = 0;                  // samples
  int channels = 0;                // of the network's input
  std::vector<float> values = {};  // [count, length, channels]

  // One of them, 0 <= index < count; valid as long as `values` is not changed.
  std::span<const float> window(int index) const {
    const std::size_t size = static_cast<std::size_t>(length) * static_cast<std::size_t>(channels);
    return std::span<const float>(values).subspan(static_cast<std::size_t>(index) * size, size);
  }
};

// One recording of physical samples, [samples, channels], imputed along its whole length and
// z-scored in single precision: [samples, input_channels]. Error bad_config for a channel without
// statistics; bad_input for a part of a sample.
EDGEPROOF_PUBLIC std::vector<float> prepare(const Pipeline& pipeline,
                                            std::span<const float> recording);

// The same, cut at 0, hop, 2 hop, …; a rest shorter than a window is left out. Errors as prepare(),
// and bad_config for a window or hop that is not positive.
EDGEPROOF_PUBLIC Windows cut_windows(const Pipeline& pipeline, std::span<const float> recording);

}  // namespace edgeproof
