#pragma once

// A model file, and data that fits it.

#include <string>

#include "cli/data_source.h"
#include "cli/inspect_text.h"
#include "formats/onnx.h"
#include "signal/dataset.h"

namespace CLI {
class App;
}

namespace edgeproof::cli {

// An ONNX file; weights in other files are read from its folder. What was left out
// at the end is said on standard error. Error as from_onnx(), or io.
formats::Model read_model(const std::string& path);

// Error as read_model(); bad_input for a file without a pipeline, if that is `with_pipeline`.
InspectedFile load_model(const std::string& path, bool with_pipeline);

// --data-dir and --set, of a command that has --data.
void add_source_options(CLI::App& command, SourceOptions& source);

// The source's windows, cut as the model `path` has them, whatever the source says. Error bad_input
// for other channels, another rate, or windows of another length; channels of other names are said
// on standard error.
signal::Dataset load_data(const DataSource& source, const SourceOptions& options,
                          const formats::Deployment& deployment, const std::string& path);

// The same with the model's labels: a data set may know its classes in another order. Error
// bad_input, too, for a class that the model does not have.
signal::Dataset load_labelled_data(const DataSource& source, const SourceOptions& options,
                                   const formats::Deployment& deployment, const std::string& path);

}  // namespace edgeproof::cli
