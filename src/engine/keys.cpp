#include "engine/keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/files.h"
#include "core/host.h"
#include "core/text.h"
#include "engine/result_versions.h"
#include "engine/steps.h"
#include "experiment/budget.h"
#include "formats/onnx.h"

namespace edgeproof::engine {

// Texts in their order, each with its length.
class Digest {
 public:
  explicit Digest(std::string_view what) { add(what); }
  Digest& add(std::string_view text) {
    text_ += fmt::format("{}:{}\n", text.size(), text);
    return *this;
  }
  Digest& add_version(int version) { return add(fmt::format("version {}", version)); }
  template <typename T>
  Digest& add_list(const std::vector<T>& list) {
    add(fmt::format("{} of them", list.size()));
    for (const T& value : list) add(fmt::format("{}", value));
    return *this;
  }
  template <typename T>
  Digest& add_bytes(const std::vector<T>& values) {
    static_assert(std::has_unique_object_representations_v<T> || std::is_floating_point_v<T>);
    return add(sha256({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)}));
  }
  std::string text() const { return sha256(text_); }

 private:
  std::string text_;
};

namespace {

// Recordings and channels as they are, and what the pipeline makes of them.
std::string data_digest(const experiment::Materials& m) {
  const signal::RecordingSet& source = m.dataset.source;
  Digest digest("data");
  digest.add_version(kDataVersion).add(fmt::format("{} {}", source.rate_hz, source.cut));
  std::vector<std::string> channels, triads;
  for (const signal::Channel& channel : source.channels) {
    channels.push_back(fmt::format("{} {}", channel.source, channel.name));
  }
  for (const auto& triad : source.triads) {
    triads.push_back(fmt::format("{}", fmt::join(triad, " ")));
  }
  digest.add_list(channels).add_list(triads).add_list(source.classes);
  for (const signal::Recording& recording : source.recordings) {
    digest.add(fmt::format("{}", recording.group)).add_bytes(recording.samples);
  }
  digest.add(fmt::format("{}", m.dataset.window_length));
  digest.add(signal::imputation_name(m.pipeline.imputation));
  return digest.add_list(m.pipeline.statistics.mean).add_list(m.pipeline.statistics.sd).text();
}

// What faults do, beyond what they are: their version, and the way from physical channels to
// derived ones. Clean results know nothing of it.
void add_fault_rules(Digest& digest, const experiment::Materials& m) {
  std::vector<std::string> filters;
  for (const signal::Channel& channel : m.dataset.source.channels) {
    filters.push_back(signal::filter_text(channel.filter));
  }
  digest.add_version(kFaultsVersion).add_list(filters);
}

// The settings of a section of the configuration, but for some keys.
void add_section(Digest& digest, const std::vector<experiment::Setting>& settings,
                 std::string_view section, const std::vector<std::string_view>& without = {}) {
  for (const experiment::Setting& setting : settings) {
    if (setting.section != section) continue;
    if (std::ranges::find(without, setting.key) != without.end()) continue;
    digest.add(setting.key).add(setting.value);
  }
}

std::string fault_text(const faults::Fault& fault, int severity) {
  std::vector<std::string> texts;
  for (const faults::Part& part : fault.parts) {
    const auto at = part.values.size() == 1 ? 0 : static_cast<std::size_t>(severity - 1);
    texts.push_back(fmt::format("{}({}; {})", part.definition->name, part.values[at],
                                fmt::join(part.constants, ", ")));
  }
  return fmt::format("{} at {} on {} from {} to {}", join(texts, " + "), severity,
                     join(fault.channels, ", "), fault.from_s, fault.to_s);
}

}  // namespace

Keys::Keys(const experiment::Materials& m)
    : m_(m), settings_(experiment::settings_of(m.config)), variants_(m.config.all_variants()) {
  const std::string data = data_digest(m);
  training_data_ = Digest("training data")
                       .add(data)
                       .add_bytes(m.dataset.train)
                       .add_bytes(m.dataset.validation)
                       .text();
  test_data_ = Digest("test data").add(data).add_bytes(m.dataset.test).text();
  // The batch size that trainings have, wherever it comes from.
  for (experiment::Setting& setting : settings_) {
    if (setting.section != "train" || setting.key != "batch_size") continue;
    const auto budgets = experiment::budgets_of(m.config, std::ssize(m.dataset.train));
    setting.value = fmt::format("{}", budgets.train.batch_size);
  }
  if (m.network != nullptr) network_ = sha256(formats::to_onnx({*m.network, {}}));
}

std::string Keys::network(const experiment::Recipe& recipe, std::size_t count,
                          std::int64_t seed) const {
  if (count == 0) return start(recipe);
  std::string& known = known_[{recipe.prefix(count), seed}];
  if (known.empty()) known = after_step(recipe, count, seed);
  return known;
}

std::string Keys::deployed(const experiment::Variant& variant, std::int64_t seed) const {
  const experiment::Recipe& recipe = variant.recipe;
  return Digest("deployed")
      .add_version(results_version(store::JobKind::deployment))
      .add(network(recipe, recipe.steps.size(), seed))
      .text();
}

std::string Keys::shown(store::JobKind kind, const experiment::Recipe& recipe,
                        const std::string& deployed, const faults::Fault* fault,
                        const experiment::Condition& on) const {
  Digest digest(store::job_kind_name(kind));
  digest.add_version(results_version(kind)).add(deployed);
  if (kind == store::JobKind::evaluation) {
    digest.add(test_data_);
    if (recipe.is_quantization_aware()) {
      digest.add(fmt::format("{}", m_.config.agreement_windows));
    }
  }
  if (fault != nullptr) {
    add_fault_rules(digest, m_);
    digest.add(fault_text(*fault, on.severity));
    digest.add(fmt::format("{} {}", m_.config.faults.seed, on.realization));
  }
  return digest.text();
}

std::string Keys::latency(const std::string& deployed) const {
  return Digest("latency")
      .add_version(results_version(store::JobKind::latency))
      .add(deployed)
      .add(fmt::format("{}", m_.config.latency_runs))
      .add(processor_name())
      .text();
}

std::string Keys::device(const std::string& deployed, const std::string& target) const {
  return Digest("device")
      .add_version(results_version(store::JobKind::device))
      .add(deployed)
      .add(target)
      .text();
}

std::string Keys::after_step(const experiment::Recipe& recipe, std::size_t count,
                             std::int64_t seed) const {
  const experiment::RecipeStep& step = recipe.steps[count - 1];
  std::string before = network(recipe, count - 1, seed);
  if (step.kind == experiment::StepKind::train && m_.network != nullptr) return before;
  Digest digest("step");
  digest.add_version(results_version(step.kind));
  digest.add(before).add(training_data_).add(recipe.texts[count - 1]);
  digest.add(step.keep_zeros ? "zeros stay" : "").add(fmt::format("{}", seed));
  add_settings(digest, step);
  for (const std::string& teacher : step.teachers) {
    const experiment::Recipe& taught_by = variants_.at(teacher).recipe;
    digest.add(network(taught_by, taught_by.steps.size(), seed));
  }
  return digest.text();
}

std::string Keys::start(const experiment::Recipe& recipe) const {
  Digest digest("start");
  if (m_.network != nullptr) return digest.add(training_data_).add(network_).text();
  const std::string& architecture = recipe.steps.front().architecture;
  return digest.add(architecture.empty() ? m_.config.architecture : architecture).text();
}

// Adds the settings of the configuration that the step uses.
void Keys::add_settings(Digest& digest, const experiment::RecipeStep& step) const {
  const experiment::QuantizeConfig& quantize = m_.config.quantize;
  if (step.faults) {
    add_fault_rules(digest, m_);
    add_section(digest, settings_, "fault_training");
  }
  if (step.trains()) {
    const train::TrainOptions options = train_options(m_, step, 0);
    add_section(digest, settings_, "train", {"epochs", "steps", "learning_rate"});
    add_section(digest, settings_, "augment");
    digest.add(fmt::format("{} {}", options.epochs, options.learning_rate));
  }
  if (step.kind == experiment::StepKind::prune && !step.ratio && step.keep.empty()) {
    digest.add(fmt::format("{}", m_.config.prune_ratio));
  }
  const bool looks_at_windows = step.kind == experiment::StepKind::ptq ||
                                (step.kind == experiment::StepKind::qat && step.calibration) ||
                                step.importance == compress::Importance::taylor ||
                                step.importance == compress::Importance::wanda;
  if (looks_at_windows) digest.add(fmt::format("{}", quantize.windows));
  if (step.kind == experiment::StepKind::ptq ||
      (step.kind == experiment::StepKind::qat && step.calibration)) {
    const std::string method = step.calibration.value_or(quantize.calibration);
    digest.add(method);
    if (method == "percentile") {
      digest.add(fmt::format("{}", step.percentile.value_or(quantize.percentile)));
    }
  }
}

}  // namespace edgeproof::engine
