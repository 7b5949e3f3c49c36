// Test: plan_test.cpp.

#include "engine/plan.h"
#include "experiment/config_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "core/files.h"
#include "core/parallel.h"
#include "core/text.h"
#include "edgeproof/version.h"
#include "engine/steps.h"
#include "formats/onnx.h"

namespace edgeproof::engine {
namespace {

// Texts in their order, each with its length.
class Digest {
 public:
  explicit Digest(std::string_view what) { add(what); }
  Digest& add(std::string_view text) {
    text_ += fmt::format("{}:{}\n", text.size(), text);
    return *this;
  }
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

// Recordings and channels as they are, and what the pipeline makes of them.
std::string data_digest(const experiment::Materials& m) {
  const signal::RecordingSet& source = m.dataset.source;
  Digest digest("data");
  digest.add(EDGEPROOF_VERSION).add(fmt::format("{} {}", source.rate_hz, source.cut));
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

// The lines of a section of the configuration, but for some keys.
std::vector<std::string> lines_of(const std::string& toml, const std::string& section,
                                  const std::vector<std::string>& without = {}) {
  std::vector<std::string> lines;
  bool inside = false;
  for (const std::string_view line : split(toml, '\n')) {
    if (line.starts_with('[')) inside = line == fmt::format("[{}]", section);
    const std::string key(trim(line.substr(0, line.find('='))));
    if (!inside || key.empty() || line.starts_with('[') || line.starts_with('#')) continue;
    if (std::ranges::find(without, key) == without.end()) lines.emplace_back(line);
  }
  return lines;
}

std::string fault_text(const faults::Fault& fault, int severity) {
  std::vector<std::string> texts;
  for (const faults::Part& part : fault.parts) {
    const auto at = part.values.size() == 1 ? 0 : static_cast<size_t>(severity - 1);
    texts.push_back(fmt::format("{}({}; {})", part.definition->name, part.values[at],
                                fmt::join(part.constants, ", ")));
  }
  return fmt::format("{} at {} on {} from {} to {}", join(texts, " + "), severity,
                     join(fault.channels, ", "), fault.from_s, fault.to_s);
}

// Keys of all that a study computes.
class Keys {
 public:
  explicit Keys(const experiment::Materials& m)
      : m_(m), toml_(experiment::to_toml(m.config)), variants_(m.config.all_variants()) {
    const std::string data = data_digest(m);
    training_data_ = Digest("training data")
                         .add(data)
                         .add_bytes(m.dataset.train)
                         .add_bytes(m.dataset.validation)
                         .text();
    test_data_ = Digest("test data").add(data).add_bytes(m.dataset.test).text();
    if (m.network != nullptr) network_ = sha256(formats::to_onnx({*m.network, {}}));
  }

  const experiment::Variants& variants() const { return variants_; }

  std::string network(const experiment::Recipe& recipe, size_t count, std::int64_t seed) const {
    if (count == 0) return start(recipe);
    std::string& known = known_[{recipe.prefix(count), seed}];
    if (known.empty()) known = made(recipe, count, seed);
    return known;
  }

  std::string deployed(const experiment::Variant& variant, std::int64_t seed) const {
    const experiment::Recipe& recipe = variant.recipe;
    return Digest("deployed").add(network(recipe, recipe.steps.size(), seed)).text();
  }

  // `fault` is null if clean. Of an evaluation or a diagnosis.
  std::string shown(store::JobKind kind, const experiment::Recipe& recipe,
                    const std::string& deployed, const faults::Fault* fault,
                    const experiment::Condition& on) const {
    Digest digest(store::job_kind_name(kind));
    digest.add(deployed);
    if (kind == store::JobKind::evaluation) {
      digest.add(test_data_);
      if (recipe.is_quantization_aware()) {
        digest.add(fmt::format("{}", m_.config.agreement_windows));
      }
    }
    if (fault != nullptr) {
      digest.add(fault_text(*fault, on.severity));
      digest.add(fmt::format("{} {}", m_.config.faults.seed, on.realization));
    }
    return digest.text();
  }

  std::string latency(const std::string& deployed) const {
    return Digest("latency")
        .add(deployed)
        .add(fmt::format("{}", m_.config.latency_runs))
        .add(processor_name())
        .text();
  }

 private:
  std::string made(const experiment::Recipe& recipe, size_t count, std::int64_t seed) const {
    const experiment::RecipeStep& step = recipe.steps[count - 1];
    const std::string before = network(recipe, count - 1, seed);
    if (step.kind == experiment::StepKind::train && m_.network != nullptr) return before;
    Digest digest("step");
    digest.add(before).add(training_data_).add(recipe.texts[count - 1]);
    digest.add(step.keep_zeros ? "zeros stay" : "").add(fmt::format("{}", seed));
    add_settings(digest, step);
    for (const std::string& teacher : step.teachers) {
      const experiment::Recipe& its = variants_.at(teacher).recipe;
      digest.add(network(its, its.steps.size(), seed));
    }
    return digest.text();
  }

  std::string start(const experiment::Recipe& recipe) const {
    Digest digest("start");
    if (m_.network != nullptr) return digest.add(training_data_).add(network_).text();
    const std::string& architecture = recipe.steps.front().architecture;
    return digest.add(architecture.empty() ? m_.config.architecture : architecture).text();
  }

  // Those of the configuration that the step uses.
  void add_settings(Digest& digest, const experiment::RecipeStep& step) const {
    const experiment::QuantizeConfig& quantize = m_.config.quantize;
    if (step.faults) digest.add_list(lines_of(toml_, "fault_training"));
    if (step.trains()) {
      const train::TrainOptions options = train_options(m_, step, 0);
      digest.add_list(lines_of(toml_, "train", {"epochs", "learning_rate"}));
      digest.add_list(lines_of(toml_, "augment"));
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

  const experiment::Materials& m_;
  std::string toml_;
  experiment::Variants variants_;
  std::string training_data_, test_data_, network_;
  mutable std::map<std::pair<std::string, std::int64_t>, std::string> known_;
};

// The number of steps up to the last one that trains, of the first `count`.
size_t last_training(const experiment::Recipe& recipe, size_t count) {
  while (count > 0 && !recipe.steps[count - 1].trains()) --count;
  return count;
}

class Planner {
 public:
  explicit Planner(const experiment::Materials& m) : m_(m), keys_(m) {}

  std::vector<store::Job> plan() {
    const experiment::Config& config = m_.config;
    for (const std::int64_t seed : config.seeds) {
      for (const std::string& name : config.variants) add_trainings(name, seed);
    }
    for (const std::string& name : config.variants) {
      const experiment::Variant& variant = keys_.variants().at(name);
      for (const std::int64_t seed : config.seeds) {
        add({store::JobKind::deployment, name, seed}, keys_.deployed(variant, seed),
            {trained_key(variant.recipe, variant.recipe.steps.size(), seed)});
      }
    }
    const experiment::FaultList list =
        experiment::applicable_faults(config.faults.choice, m_.dataset, m_.pipeline);
    std::vector<std::string> names;
    for (const faults::Fault& fault : list.applicable) names.push_back(fault.name);
    for (const experiment::Condition& on :
         experiment::all_conditions(names, config.faults.severities, config.faults.realizations)) {
      add_shown(store::JobKind::evaluation, experiment::fault_of(on, list), on);
    }
    for (const experiment::Condition& on :
         experiment::diagnosis_conditions(names, config.faults.severities)) {
      add_shown(store::JobKind::diagnosis, experiment::fault_of(on, list), on);
    }
    for (const std::string& name : config.variants) {
      const std::int64_t seed = config.seeds.front();
      const std::string deployed = keys_.deployed(keys_.variants().at(name), seed);
      add({store::JobKind::latency, name, seed}, keys_.latency(deployed), {deployed});
      const experiment::Recipe& recipe = keys_.variants().at(name).recipe;
      if (!recipe.is_integer() || recipe.is_simulated()) continue;  // nothing that devices run
      for (const std::string& target : config.device_targets) {
        add({store::JobKind::device, name, seed, {target}},
            Digest("device").add(deployed).add(target).text(), {deployed});
      }
    }
    return std::move(jobs_);
  }

 private:
  void add(store::JobId id, std::string key, std::vector<std::string> needs, double cost = 1) {
    if (!ids_.insert(id).second) return;
    jobs_.push_back({std::move(id), std::move(key), std::move(needs), cost});
  }

  std::string trained_key(const experiment::Recipe& recipe, size_t count, std::int64_t seed) const {
    return keys_.network(recipe, last_training(recipe, count), seed);
  }

  void add_trainings(const std::string& name, std::int64_t seed) {
    const experiment::Recipe& recipe = keys_.variants().at(name).recipe;
    for (size_t count = 1; count <= recipe.trained(); ++count) {
      const experiment::RecipeStep& step = recipe.steps[count - 1];
      if (!step.trains()) continue;
      std::vector<std::string> needs;
      if (last_training(recipe, count - 1) > 0) {
        needs.push_back(trained_key(recipe, count - 1, seed));
      }
      for (const std::string& teacher : step.teachers) {
        add_trainings(teacher, seed);
        const experiment::Recipe& its = keys_.variants().at(teacher).recipe;
        needs.push_back(trained_key(its, its.steps.size(), seed));
      }
      add({store::JobKind::training, recipe.prefix(count), seed},
          keys_.network(recipe, count, seed), std::move(needs), std::max(epochs_of(m_, step), 1));
    }
  }

  // Of all variants and seeds, or, of diagnoses, integer variants on the first seed.
  void add_shown(store::JobKind kind, const faults::Fault* fault, const experiment::Condition& on) {
    for (const std::string& name : m_.config.variants) {
      const experiment::Variant& variant = keys_.variants().at(name);
      const experiment::Recipe& recipe = variant.recipe;
      if (kind == store::JobKind::diagnosis && !recipe.is_integer()) continue;
      for (const std::int64_t seed : m_.config.seeds) {
        if (kind == store::JobKind::diagnosis && seed != m_.config.seeds.front()) continue;
        const std::string deployed = keys_.deployed(variant, seed);
        std::vector<std::string> needs{deployed};
        if (kind == store::JobKind::diagnosis || recipe.is_quantization_aware()) {
          needs.push_back(trained_key(recipe, recipe.steps.size(), seed));
        }
        add({kind, name, seed, on}, keys_.shown(kind, recipe, deployed, fault, on),
            std::move(needs));
      }
    }
  }

  const experiment::Materials& m_;
  Keys keys_;
  std::set<store::JobId> ids_;
  std::vector<store::Job> jobs_;
};

}  // namespace

std::map<std::string, Training> trainings_of(const experiment::Config& config) {
  const experiment::Variants variants = config.all_variants();
  std::map<std::string, Training> all;
  const std::function<void(const std::string&)> add = [&](const std::string& variant) {
    const experiment::Recipe& recipe = variants.at(variant).recipe;
    for (size_t count = 1; count <= recipe.trained(); ++count) {
      const experiment::RecipeStep& step = recipe.steps[count - 1];
      if (!step.trains()) continue;
      for (const std::string& teacher : step.teachers) add(teacher);
      all.emplace(recipe.prefix(count), Training{recipe, count});
    }
  };
  for (const std::string& variant : config.variants) add(variant);
  return all;
}

std::vector<store::Job> plan_of(const experiment::Materials& m) {
  return Planner(m).plan();
}

std::string key_of_network(const experiment::Materials& m, const experiment::Recipe& recipe,
                           size_t count, std::int64_t seed) {
  return Keys(m).network(recipe, count, seed);
}

}  // namespace edgeproof::engine
