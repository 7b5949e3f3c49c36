// Floats are written as the shortest decimals of their double values, which nlohmann_json reads
// back exactly.

#include "formats/metadata.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/files.h"
#include "graph/shapes.h"

namespace edgeproof::formats {
namespace {

using nlohmann::json;

constexpr int kMaxLength = 1 << 20;
constexpr int kProvenanceFormat = 2, kTrainedOnFormat = 1;
constexpr int kLargestFormat = 1 << 30;

// A value being read, and its path for messages.
class Field {
 public:
  Field(json value, std::string path) : value_(std::move(value)), path_(std::move(path)) {}

  Field at(const std::string& name) const {
    if (!value_.is_object() || !value_.contains(name))
      wrong(fmt::format("an object with '{}'", name));
    return {value_[name], fmt::format("{}, '{}'", path_, name)};
  }

  bool has(const std::string& name) const {
    if (!value_.is_object()) wrong("an object");
    return value_.contains(name);
  }
  // Empty if it is not there.
  std::string text_at(const std::string& name) const {
    return has(name) ? at(name).text() : std::string();
  }

  bool boolean() const {
    if (!value_.is_boolean()) wrong("true or false");
    return value_.get<bool>();
  }

  std::vector<Field> items() const {
    if (!value_.is_array()) wrong("a list");
    std::vector<Field> fields;
    for (std::size_t i = 0; i < value_.size(); ++i) {
      fields.emplace_back(value_[i], fmt::format("{}, item {}", path_, i));
    }
    return fields;
  }

  int integer(int min, int max) const {
    const double value = value_.is_number_integer() ? value_.get<double>() : NAN;
    if (!(value >= min && value <= max)) {
      wrong(fmt::format("an integer from {} to {}", min, max));
    }
    return value_.get<int>();
  }

  std::uint64_t unsigned_integer() const {
    if (!value_.is_number_unsigned()) wrong("an integer from 0 to 2^64 - 1");
    return value_.get<std::uint64_t>();
  }

  double number() const {
    if (!value_.is_number() || !std::isfinite(value_.get<double>())) wrong("a number");
    return value_.get<double>();
  }

  std::string text() const {
    if (!value_.is_string()) wrong("a text");
    return value_.get<std::string>();
  }

  std::vector<float> floats() const {
    std::vector<float> values;
    for (const Field& item : items()) values.push_back(static_cast<float>(item.number()));
    return values;
  }

  std::vector<std::string> texts() const {
    std::vector<std::string> values;
    for (const Field& item : items()) values.push_back(item.text());
    return values;
  }

  [[noreturn]] void wrong(const std::string& expected) const {
    const std::string found = value_.dump(-1, ' ', true, json::error_handler_t::replace);
    fail(ErrorCode::bad_input, "{}: found {}, expected {}", path_,
         found.size() > 40 ? found.substr(0, 40) + "…" : found, expected);
  }

 private:
  json value_;
  std::string path_;
};

// What the types do not say.
void check(const Deployment& d, const std::string& source) {
  const auto expect = [&source](bool ok, const std::string& key, const std::string& what) {
    if (!ok) fail(ErrorCode::bad_input, "{}: metadata 'edgeproof.{}': {}", source, key, what);
  };
  const auto& [mean, sd] = d.pipeline.statistics;
  const std::size_t channels = d.channels.size();
  expect(d.window_length >= 1 && d.window_length <= kMaxLength, "window",
         fmt::format("length is {}, expected 1 to {}", d.window_length, kMaxLength));
  expect(d.hop >= 1 && d.hop <= kMaxLength, "window",
         fmt::format("hop is {}, expected 1 to {}", d.hop, kMaxLength));
  expect(std::isfinite(d.rate_hz) && d.rate_hz > 0, "rate_hz",
         fmt::format("is {}, expected a positive number", d.rate_hz));
  expect(channels > 0, "channels", "is empty");
  for (const signal::Channel& channel : d.channels) {
    expect(channel.source >= 0 && static_cast<std::size_t>(channel.source) < channels, "channels",
           fmt::format("channel '{}' has the source {}, expected 0 to {}", channel.name,
                       channel.source, channels - 1));
    const auto reason = signal::obstacle(channel.filter, d.rate_hz);
    expect(!reason, "channels",
           fmt::format("channel '{}' has the filter {}", channel.name, reason.value_or("")));
  }
  expect(mean.size() == channels && sd.size() == channels, "statistics",
         fmt::format("{} means and {} sd for {} channels", mean.size(), sd.size(), channels));
  for (const float value : mean) expect(std::isfinite(value), "statistics", "a mean is not finite");
  for (const float value : sd) {
    expect(std::isfinite(value) && value > 0, "statistics", "an sd is not positive and finite");
  }
  expect(!d.labels.empty(), "labels", "is empty");
}

json to_json(const std::vector<signal::Channel>& channels) {
  json list = json::array();
  for (const signal::Channel& channel : channels) {
    json one{{"name", channel.name}, {"unit", channel.unit}, {"source", channel.source}};
    if (channel.source != static_cast<int>(list.size())) {
      one["filter"] = signal::filter_text(channel.filter);
    }
    list.push_back(std::move(one));
  }
  return list;
}

// Models of 0.1.0 say nothing of filters: derived channels were copies.
signal::Filter filter_of(const Field& channel) {
  if (!channel.has("filter")) return {};
  const Field field = channel.at("filter");
  const auto filter = signal::filter_from(field.text());
  if (!filter) field.wrong(std::string(signal::kFilterForms));
  return *filter;
}

// The texts of a provenance, by their names in a file.
constexpr std::pair<const char*, std::string Provenance::*> kProvenanceTexts[] = {
    {"version", &Provenance::version},
    {"variant", &Provenance::variant},
    {"recipe", &Provenance::recipe},
    {"data_checksum", &Provenance::data_checksum},
    {"config_checksum", &Provenance::config_checksum},
    {"parent_checksum", &Provenance::parent_checksum},
    {"config", &Provenance::config}};

json to_json(const Provenance& provenance) {
  json object = {{"format", kProvenanceFormat}, {"seed", provenance.seed}};
  for (const auto& [name, text] : kProvenanceTexts) {
    if (!(provenance.*text).empty()) object[name] = provenance.*text;
  }
  return object;
}

json to_json(const TrainedOn& trained_on) {
  return {{"format", kTrainedOnFormat},
          {"complete", trained_on.complete},
          {"digests", to_base64(trained_on.digests)}};
}

void expect_format(const Field& object, int known) {
  const Field format = object.at("format");
  if (format.integer(0, kLargestFormat) == known) return;
  format.wrong(fmt::format(
      "{}: a newer edgeproof wrote the file; use that, or take this key out of the file's metadata",
      known));
}

Provenance provenance_from(const Field& object) {
  if (object.has("format")) expect_format(object, kProvenanceFormat);
  Provenance provenance;
  for (const auto& [name, text] : kProvenanceTexts) provenance.*text = object.text_at(name);
  if (object.has("seed")) provenance.seed = object.at("seed").unsigned_integer();
  return provenance;
}

TrainedOn trained_on_from(const Field& object, const std::string& source_name) {
  expect_format(object, kTrainedOnFormat);
  try {
    return {digests_from_base64(object.at("digests").text()), object.at("complete").boolean()};
  } catch (const Error& error) {
    const std::string message = error.what();
    if (message.starts_with(source_name)) throw;
    fail(ErrorCode::bad_input, "{}: metadata 'edgeproof.trained_on', 'digests': {}", source_name,
         message);
  }
}

}  // namespace

std::map<std::string, std::string> to_metadata(const Deployment& deployment) {
  check(deployment, "deployment");
  const signal::Statistics& statistics = deployment.pipeline.statistics;
  json values = {
      {"edgeproof.window", {{"length", deployment.window_length}, {"hop", deployment.hop}}},
      {"edgeproof.rate_hz", deployment.rate_hz},
      {"edgeproof.channels", to_json(deployment.channels)},
      {"edgeproof.statistics", {{"mean", statistics.mean}, {"sd", statistics.sd}}},
      {"edgeproof.imputation", signal::imputation_name(deployment.pipeline.imputation)},
      {"edgeproof.labels", deployment.labels},
  };
  if (deployment.provenance != Provenance{}) {
    values["edgeproof.provenance"] = to_json(deployment.provenance);
  }
  if (deployment.trained_on) values["edgeproof.trained_on"] = to_json(*deployment.trained_on);
  std::map<std::string, std::string> metadata;
  for (const auto& [key, value] : values.items()) {
    try {
      metadata[key] = value.dump();
    } catch (const json::type_error&) {
      fail(ErrorCode::bad_input, "deployment: metadata '{}': a text is not UTF-8", key);
    }
  }
  return metadata;
}

Deployment from_metadata(const std::map<std::string, std::string>& metadata,
                         const std::string& source_name) {
  const auto field = [&](const std::string& key) {
    const std::string path = fmt::format("{}: metadata '{}'", source_name, key);
    const auto found = metadata.find(key);
    if (found == metadata.end()) {
      fail(ErrorCode::bad_input,
           "{} is missing; expected a model with its pipeline (docs/howto/bring-a-model.md says "
           "how to "
           "add it)",
           path);
    }
    json value = json::parse(found->second, nullptr, false);
    if (value.is_discarded()) fail(ErrorCode::bad_input, "{}: not JSON", path);
    return Field(std::move(value), path);
  };
  Deployment deployment;
  const Field window = field("edgeproof.window");
  deployment.window_length = window.at("length").integer(1, kMaxLength);
  deployment.hop = window.at("hop").integer(1, kMaxLength);
  deployment.rate_hz = field("edgeproof.rate_hz").number();
  for (const Field& channel : field("edgeproof.channels").items()) {
    deployment.channels.push_back({channel.at("name").text(), channel.at("unit").text(),
                                   channel.at("source").integer(0, kMaxLength),
                                   filter_of(channel)});
  }
  const Field statistics = field("edgeproof.statistics");
  deployment.pipeline.statistics = {statistics.at("mean").floats(), statistics.at("sd").floats()};
  const Field imputation = field("edgeproof.imputation");
  try {
    deployment.pipeline.imputation = signal::imputation_from_name(imputation.text());
  } catch (const Error& error) {
    fail(ErrorCode::bad_input, "{}: metadata 'edgeproof.imputation': {}", source_name,
         error.what());
  }
  deployment.labels = field("edgeproof.labels").texts();
  if (metadata.contains("edgeproof.provenance")) {
    deployment.provenance = provenance_from(field("edgeproof.provenance"));
  }
  if (metadata.contains("edgeproof.trained_on")) {
    deployment.trained_on = trained_on_from(field("edgeproof.trained_on"), source_name);
  }
  check(deployment, source_name);
  return deployment;
}

Deployment with_provenance(Deployment deployment, ProvenanceDetail detail) {
  Provenance& provenance = deployment.provenance;
  switch (detail) {
    case ProvenanceDetail::full:
      break;
    case ProvenanceDetail::brief:
      if (provenance.config_checksum.empty() && !provenance.config.empty()) {
        provenance.config_checksum = sha256(provenance.config);
      }
      provenance.config.clear();
      break;
    case ProvenanceDetail::none:
      provenance = {};
      deployment.trained_on.reset();
      break;
  }
  return deployment;
}

void expect_fits(const Deployment& deployment, const graph::Graph& graph,
                 const std::string& source_name) {
  const graph::Shape in = graph.input_shape();
  const int outputs = graph::infer_shapes(graph).back().size();
  const auto expect = [&source_name](const char* what, int network, int pipeline) {
    if (network == pipeline) return;
    fail(ErrorCode::bad_input, "{}: the network has {} {}, its metadata says {}", source_name,
         network, what, pipeline);
  };
  expect("samples a window", in.length, deployment.window_length);
  expect("input channels", in.channels, deployment.pipeline.input_channels());
  expect("outputs", outputs, static_cast<int>(deployment.labels.size()));
  if (outputs > signal::kMostClasses) {
    fail(ErrorCode::unsupported, "{}: the network has {} classes, at most {} are supported",
         source_name, outputs, signal::kMostClasses);
  }
}

}  // namespace edgeproof::formats
