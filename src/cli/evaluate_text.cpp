// Test: evaluate_test.sh.

#include "cli/evaluate_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/text.h"
#include "results/json_number.h"

namespace edgeproof::cli {
namespace {

using engine::EvaluatedCondition;
using engine::ModelEvaluation;
using nlohmann::ordered_json;

struct OfClass {
  std::int64_t windows = 0;
  double precision = 0, recall = 0, f1 = 0;  // 0 where there is nothing to divide by
};

double share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

OfClass of_class(const std::vector<std::int64_t>& confusion, std::size_t classes, std::size_t c) {
  std::int64_t truth = 0, predicted = 0;
  for (std::size_t i = 0; i < classes; ++i) {
    truth += confusion[c * classes + i];
    predicted += confusion[i * classes + c];
  }
  const std::int64_t hits = confusion[c * classes + c];
  return {truth, share(hits, predicted), share(hits, truth), share(2 * hits, truth + predicted)};
}

// First column flush left, the others numbers.
std::string aligned(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line = fmt::format("{:<{}}", row[0], widths[0]);
    for (std::size_t c = 1; c < row.size(); ++c) line += fmt::format("  {:>{}}", row[c], widths[c]);
    text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
  }
  return text;
}

std::string percent(double value) {
  return fmt::format("{:.1f}", 100 * value);
}

std::string class_table(const ModelEvaluation& e) {
  std::vector<std::vector<std::string>> rows{{"class", "windows", "precision", "recall", "F1"}};
  for (std::size_t c = 0; c < e.labels.size(); ++c) {
    const OfClass of = of_class(e.conditions.front().confusion, e.labels.size(), c);
    rows.push_back({e.labels[c], std::to_string(of.windows), percent(of.precision),
                    percent(of.recall), percent(of.f1)});
  }
  return aligned(rows);
}

std::string confusion_table(const ModelEvaluation& e) {
  const std::size_t classes = e.labels.size();
  std::vector<std::vector<std::string>> rows{{"true \\ predicted"}};
  rows[0].insert(rows[0].end(), e.labels.begin(), e.labels.end());
  for (std::size_t truth = 0; truth < classes; ++truth) {
    std::vector<std::string> row{e.labels[truth]};
    for (std::size_t p = 0; p < classes; ++p) {
      row.push_back(std::to_string(e.conditions.front().confusion[truth * classes + p]));
    }
    rows.push_back(std::move(row));
  }
  return aligned(rows);
}

// One row per fault: accuracy at each severity, and their mean.
std::string fault_table(const ModelEvaluation& e, const std::vector<FaultAccuracy>& means) {
  std::vector<int> severities;
  for (const EvaluatedCondition& c : e.conditions) {
    if (c.severity > 0 && std::ranges::find(severities, c.severity) == severities.end()) {
      severities.push_back(c.severity);
    }
  }
  std::ranges::sort(severities);
  std::vector<std::vector<std::string>> rows{{"accuracy % by severity"}};
  for (const int severity : severities) rows[0].push_back(std::to_string(severity));
  rows[0].emplace_back("mean");
  for (const FaultAccuracy& mean : means) {
    std::vector<std::string> row{mean.fault};
    for (const int severity : severities) {
      const auto found = std::ranges::find_if(e.conditions, [&](const EvaluatedCondition& c) {
        return c.fault == mean.fault && c.severity == severity;
      });
      row.push_back(found == e.conditions.end() ? "" : percent(found->accuracy));
    }
    row.push_back(percent(mean.accuracy));
    rows.push_back(std::move(row));
  }
  return aligned(rows);
}

// Empty where it is undefined.
std::string field(double value) {
  return std::isnan(value) ? std::string() : fmt::format("{}", value);
}

double mean_of(const std::vector<FaultAccuracy>& faults) {
  double sum = 0;
  for (const FaultAccuracy& fault : faults) sum += fault.accuracy;
  return sum / static_cast<double>(faults.size());
}

const FaultAccuracy& worst_of(const std::vector<FaultAccuracy>& faults) {
  return *std::ranges::min_element(faults, {}, &FaultAccuracy::accuracy);
}

}  // namespace

std::vector<FaultAccuracy> fault_accuracies(const ModelEvaluation& e) {
  std::vector<FaultAccuracy> faults;
  std::vector<int> counts;
  for (const EvaluatedCondition& c : e.conditions) {
    if (c.severity == 0) continue;
    if (faults.empty() || faults.back().fault != c.fault) {
      faults.push_back({c.fault, 0});
      counts.push_back(0);
    }
    faults.back().accuracy += c.accuracy;
    ++counts.back();
  }
  for (std::size_t i = 0; i < faults.size(); ++i) faults[i].accuracy /= counts[i];
  return faults;
}

std::string trained_on_warning(const ModelEvaluation& e) {
  const int known = e.trained_on_windows.value_or(0);
  if (known == 0) return {};
  const EvaluatedCondition& clean = e.conditions.front();
  const std::string rest = known == e.windows
                               ? "none is new to it"
                               : fmt::format("accuracy {} % on those, {} % on the {} others",
                                             percent(clean.accuracy_trained_on),
                                             percent(clean.accuracy_others), e.windows - known);
  return fmt::format("WARNING: {} of {} windows are of recordings that {} was trained on: {}\n",
                     known, e.windows, e.model, rest);
}

std::string evaluation_table(const ModelEvaluation& e) {
  const EvaluatedCondition& clean = e.conditions.front();
  std::string text = fmt::format("{} ({}) on {} windows of {}{}\n", e.model, e.type, e.windows,
                                 e.data, e.part == "test" ? ", its test part" : "");
  text += trained_on_warning(e);
  text += fmt::format("accuracy {} %, macro F1 {} %\n\n", percent(clean.accuracy),
                      percent(clean.macro_f1));
  text += class_table(e) + '\n' + confusion_table(e);
  const auto faults = fault_accuracies(e);
  if (faults.empty()) return text;
  text += '\n' + fault_table(e, faults);
  for (const auto& [name, reason] : e.left_out) {
    text += fmt::format("{} does not apply: {}\n", name, reason);
  }
  const FaultAccuracy& worst = worst_of(faults);
  return text + fmt::format("\nrobust accuracy {} %, worst fault {} with {} %\n",
                            percent(mean_of(faults)), worst.fault, percent(worst.accuracy));
}

std::string evaluation_json(const ModelEvaluation& e) {
  const std::size_t classes = e.labels.size();
  ordered_json conditions = ordered_json::array();
  for (const EvaluatedCondition& c : e.conditions) {
    ordered_json per_class = ordered_json::array();
    ordered_json confusion = ordered_json::array();
    for (std::size_t i = 0; i < classes; ++i) {
      const OfClass of = of_class(c.confusion, classes, i);
      per_class.push_back({{"class", e.labels[i]},
                           {"windows", of.windows},
                           {"precision", of.precision},
                           {"recall", of.recall},
                           {"f1", of.f1}});
      const auto row = c.confusion.begin() + static_cast<std::ptrdiff_t>(i * classes);
      confusion.push_back(
          std::vector<std::int64_t>(row, row + static_cast<std::ptrdiff_t>(classes)));
    }
    conditions.push_back({{"fault", c.fault},
                          {"severity", c.severity},
                          {"accuracy", c.accuracy},
                          {"accuracy_trained_on", results::json_number(c.accuracy_trained_on)},
                          {"accuracy_others", results::json_number(c.accuracy_others)},
                          {"macro_f1", c.macro_f1},
                          {"per_class", per_class},
                          {"confusion", confusion}});
  }
  ordered_json object = {{"model", e.model}, {"type", e.type},       {"data", e.data},
                         {"part", e.part},   {"windows", e.windows}, {"labels", e.labels}};
  object["trained_on_windows"] =
      e.trained_on_windows ? ordered_json(*e.trained_on_windows) : ordered_json();
  object["clean_accuracy"] = e.conditions.front().accuracy;
  const auto faults = fault_accuracies(e);
  if (!faults.empty()) {
    const FaultAccuracy& worst = worst_of(faults);
    object["robust_accuracy"] = mean_of(faults);
    object["worst_fault"] = {{"fault", worst.fault}, {"accuracy", worst.accuracy}};
    object["not_applicable"] = ordered_json::object();
    for (const auto& [name, reason] : e.left_out) object["not_applicable"][name] = reason;
  }
  object["conditions"] = conditions;
  return object.dump(2) + "\n";
}

std::string evaluation_csv(const ModelEvaluation& e) {
  std::string text =
      "fault,severity,windows,accuracy,macro_f1,trained_on_windows,accuracy_trained_on,"
      "accuracy_others\n";
  const std::string known =
      e.trained_on_windows ? std::to_string(*e.trained_on_windows) : std::string();
  for (const EvaluatedCondition& c : e.conditions) {
    text += fmt::format("{},{},{},{},{},{},{},{}\n", csv_field(c.fault), c.severity, e.windows,
                        c.accuracy, c.macro_f1, known, field(c.accuracy_trained_on),
                        field(c.accuracy_others));
  }
  return text;
}

}  // namespace edgeproof::cli
