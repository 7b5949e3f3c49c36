#pragma once

// Whether data fits a deployed model, and how it is made to: windows are cut as the model takes
// them, and labels become the model's. In messages `source` is what the data is called, `model`
// the model. Functions are pure and thread-safe.

#include <optional>
#include <string>
#include <vector>

#include "experiment/config.h"
#include "formats/metadata.h"
#include "signal/dataset.h"
#include "signal/windows.h"

namespace edgeproof::engine {

// Error bad_input for another number of channels, or a rate that is more than 1 % off. Channels of
// other names are taken in their order; the text then tells the user so.
std::optional<std::string> expect_same_sensors(const signal::RecordingSet& set,
                                               const formats::Deployment& deployment,
                                               const std::string& source, const std::string& model);

// [window] of the configuration with the model's length and hop; recordings that come cut stay as
// they are. Errors as experiment::window_options().
signal::WindowOptions window_options(const experiment::Config& config,
                                     const signal::RecordingSet& set,
                                     const formats::Deployment& deployment);

// Error bad_input for windows of another length than the model takes.
void expect_same_length(const signal::Dataset& dataset, const formats::Deployment& deployment,
                        const std::string& source, const std::string& model);

// The data set with the model's labels: it may know its classes in another order. Error bad_input
// for a class that the model does not have.
signal::Dataset with_labels(signal::Dataset dataset, const std::vector<std::string>& labels,
                            const std::string& source, const std::string& model);

}  // namespace edgeproof::engine
