// Test: summary_test.cpp.

#include "results/study_files.h"

#include <fmt/format.h>

#include <regex>

#include <nlohmann/json.hpp>

#include "core/files.h"
#include "experiment/config_file.h"
#include "experiment/metrics.h"
#include "formats/metadata.h"
#include "formats/onnx.h"
#include "results/claims_text.h"
#include "results/diagnosis_text.h"
#include "results/summary_text.h"

namespace edgeproof::results {
namespace {

std::string devices_csv(const Summary& summary) {
  std::string text = "variant,target,instructions,cycles,flash_bytes,ram_bytes\n";
  for (const auto& [variant, target, cost] : summary.devices) {
    text += fmt::format("{},{},{},{},{},{}\n", variant, target, cost.instructions, cost.cycles,
                        cost.flash_bytes, cost.ram_bytes);
  }
  return text;
}

std::string latency_csv(const Summary& summary) {
  std::string text = "variant,median_us,p99_us,runs,disturbed\n";
  for (const SummaryRow& row : summary.rows) {
    text += fmt::format("{},{:.3f},{:.3f},{},{:d}\n", row.statistics.variant, row.latency.median_us,
                        row.latency.p99_us, row.latency.runs, row.latency.disturbed);
  }
  return text;
}

// The files of deployed models: their networks with the pipeline of the current configuration.
void write_models(const store::Store& store, const std::filesystem::path& folder,
                  formats::ProvenanceDetail detail) {
  const store::StudyFacts facts = *store.facts();
  const experiment::Config config = experiment::parse_config(facts.config, "the result store");
  const experiment::Variants variants = config.all_variants();
  formats::Deployment made = formats::from_metadata(facts.metadata, "the result store");
  made.provenance.config = experiment::to_toml(experiment::without_folders(config));
  made.provenance.config_checksum = sha256(made.provenance.config);
  for (const std::string& name : config.variants) {
    made.provenance.variant = name;
    made.provenance.recipe = variants.at(name).recipe.text();
    const std::string source = fmt::format("variant '{}' in the result store", name);
    for (const std::int64_t seed : config.seeds) {
      made.provenance.seed = static_cast<std::uint64_t>(seed);
      const auto network = formats::from_onnx(store.deployed(name, seed).onnx, source).graph;
      write_file(folder / fmt::format("{}-seed{}.onnx", name, seed),
                 formats::to_onnx(
                     {network, formats::to_metadata(formats::with_provenance(made, detail))}));
    }
  }
}

// Those that a configuration before this one has left.
void remove_models(const std::filesystem::path& folder) {
  static const std::regex ours(".*-seed[0-9]+\\.onnx");
  std::vector<std::filesystem::path> left;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (std::regex_match(entry.path().filename().string(), ours)) left.push_back(entry.path());
  }
  for (const auto& path : left) std::filesystem::remove(path);
}

}  // namespace

std::string results_csv(const Summary& summary, const store::Store& store) {
  const auto classes = static_cast<int>(summary.predictions.test.classes.size());
  const auto& truth = summary.predictions.test.labels;
  std::string text = "variant,seed,fault,severity,realization,accuracy,macro_f1,ece,flip_rate\n";
  for (const std::string& name : summary.config.variants) {
    for (const std::int64_t seed : summary.config.seeds) {
      std::vector<std::uint8_t> clean;
      for (const experiment::Condition& on : summary.predictions.conditions()) {
        const store::Evaluation e = store.evaluation(name, seed, on);
        if (on.severity == 0) clean = e.labels;
        const auto confusion = experiment::confusion_matrix(truth, e.labels, classes);
        text += fmt::format("{},{},{},{},{},{:.6f},{:.6f},{:.6f},{:.6f}\n", name, seed, on.fault,
                            on.severity, on.realization, experiment::accuracy(confusion, classes),
                            experiment::macro_f1(confusion, classes), e.ece,
                            experiment::flip_rate(e.labels, clean));
      }
    }
  }
  return text;
}

void write_files(const Summary& summary, const store::Store& store,
                 const std::filesystem::path& output, formats::ProvenanceDetail detail) {
  write_file(output / "results.csv", results_csv(summary, store));
  write_file(output / "summary.csv", render(summary, Format::csv, false));
  write_file(output / "latency.csv", latency_csv(summary));
  write_file(output / "diagnosis.csv",
             diagnosis_csv(summary.config, summary.predictions.faults, store));
  if (summary.devices.empty()) {
    std::filesystem::remove(output / "devices.csv");
  } else {
    write_file(output / "devices.csv", devices_csv(summary));
  }
  if (summary.claims.empty()) {
    std::filesystem::remove(output / "claims.csv");
  } else {
    write_file(output / "claims.csv", claims_csv({{summary.config.title(), summary.claims}}));
  }
  make_writable_directory(output / "models");
  remove_models(output / "models");
  write_models(store, output / "models", detail);
}

}  // namespace edgeproof::results
