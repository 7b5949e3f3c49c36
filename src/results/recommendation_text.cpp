// Test: recommendation_test.cpp.

#include "results/recommendation_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include <nlohmann/json.hpp>

#include "core/text.h"
#include "results/json_number.h"
#include "results/quantity_text.h"

namespace edgeproof::results {
namespace {

using experiment::Metric;
using experiment::Quantity;
using nlohmann::ordered_json;

constexpr std::size_t kNamed = 6;  // candidates that a sentence names

std::string title_of(Metric metric) {
  return experiment::info(metric).title;
}

std::string share(const Interval& estimate) {
  return estimate_text(estimate, Quantity::share);
}

std::string size_of(const Candidate& one) {
  return value_text(one.costs.weight_bytes, Quantity::bytes);
}

std::string latency_of(const Candidate& one) {
  return value_text(one.costs.latency_us, Quantity::microseconds);
}

// "83.9 [82.1, 85.6] % under faults, 96.4 [95.5, 97.2] % clean".
std::string shares_of(const Candidate& one) {
  return fmt::format("{} under faults, {} clean", share(one.robust), share(one.clean));
}

bool beats_baseline(const Recommendation& r, const Candidate& one) {
  return !no_better_than(r.baseline, r.ranking.robust, one.robust);
}

// Those that tie with the best and beat the baseline, or do not, without the chosen one.
std::vector<std::string> tied_with(const Recommendation& r, const std::string& chosen,
                                   bool beating) {
  std::vector<std::string> names;
  for (const Candidate& one : r.candidates) {
    if (!one.ties || one.variant == chosen || beats_baseline(r, one) != beating) continue;
    names.push_back(one.variant);
  }
  return names;
}

std::string list_of(std::vector<std::string> names) {
  const std::size_t more = names.size() > kNamed ? names.size() - kNamed : 0;
  names.resize(names.size() - more);
  return join(names, ", ") + (more > 0 ? fmt::format(" and {} more", more) : "");
}

// Why it is the one: the rest of "Ship NAME: ".
std::string reason_for(const Recommendation& r, const Candidate& chosen) {
  const std::size_t others = tied_with(r, chosen.variant, true).size();
  const bool excluded = !tied_with(r, chosen.variant, false).empty();
  const std::string better =
      excluded ? fmt::format(" and is better than always answering '{}'", r.baseline.answer) : "";
  std::string reason;
  if (r.candidates.size() == 1) {
    reason = "no other variant is for a device";
  } else if (chosen.variant != r.best) {
    reason = fmt::format("the smallest of {} that tie under faults{}, with {} of weights",
                         others + 1, better, size_of(chosen));
  } else if (others == 0) {
    reason = fmt::format("it holds up best, and no other of {} candidates ties with it{}",
                         r.candidates.size(), better);
  } else {
    reason = fmt::format("it holds up best, and no smaller one ties with it{}", better);
  }
  return fmt::format("{}; {}", reason, shares_of(chosen));
}

std::string against_best(const Recommendation& r, const Candidate& chosen) {
  const Comparison& clean = *r.clean_against_best;
  return fmt::format(
      "The highest {} is {}'s ({}): {} may be behind it, {} under faults and {} clean{}.",
      title_of(r.ranking.robust), r.best, share(r.of(r.best).robust), chosen.variant,
      difference_text(chosen.behind, Quantity::share),
      difference_text(clean.difference, Quantity::share), clean.tie ? "" : ", which is decided");
}

std::string against_fp32(const Recommendation& r, const Candidate& chosen) {
  std::string text = "Against fp32 it has ";
  for (std::size_t i = 0; i < r.against_fp32.size(); ++i) {
    const Comparison& c = r.against_fp32[i];
    text +=
        fmt::format("{}{} {}{}", i == 0 ? "" : ", ", difference_text(c.difference, Quantity::share),
                    title_of(c.metric), c.tie ? " (a tie)" : "");
  }
  return fmt::format("{}; {} of weights{}.", text, size_of(chosen),
                     std::isnan(chosen.costs.latency_us)
                         ? ""
                         : fmt::format(", {} a window on this machine", latency_of(chosen)));
}

ordered_json json_of(const Interval& i) {
  return {{"value", json_number(i.value)}, {"lo", json_number(i.lo)}, {"hi", json_number(i.hi)}};
}

ordered_json json_of(const Comparison& c) {
  ordered_json o = json_of(c.difference);
  o["p_adjusted"] = json_number(c.p_adjusted);
  o["tie"] = c.tie;
  return o;
}

const Candidate& chosen_of(const Recommendation& r) {
  return r.of(r.ship.empty() ? r.best : r.ship);
}

}  // namespace

std::vector<std::string> recommendation_sentences(const Recommendation& r) {
  std::vector<std::string> lines;
  if (r.ranking.clean == Metric::balanced) {
    lines.push_back(
        "Classes are unbalanced: variants are ranked by balanced accuracy, the mean of the "
        "classes' recalls.");
  }
  const Candidate& chosen = chosen_of(r);
  if (r.ship.empty()) {
    lines.push_back(fmt::format(
        "Ship none: under faults {}, the best of {}, is no better than always answering '{}' ({} "
        "{}): {}.",
        chosen.variant, r.candidates.size(), r.baseline.answer, title_of(r.ranking.robust),
        value_text(value_of(r.baseline, r.ranking.robust), Quantity::share), shares_of(chosen)));
  } else {
    lines.push_back(fmt::format("Ship {}: {}.", chosen.variant, reason_for(r, chosen)));
  }
  if (chosen.variant != r.best) lines.push_back(against_best(r, chosen));
  if (!r.against_fp32.empty() && !r.ship.empty()) lines.push_back(against_fp32(r, chosen));
  if (!r.fastest.empty()) {
    const Candidate& fastest = r.of(r.fastest);
    lines.push_back(fmt::format("{} ties too and is faster: {} instead of {} ({}; {}).", r.fastest,
                                latency_of(fastest), latency_of(chosen), size_of(fastest),
                                shares_of(fastest)));
  }
  if (const auto others = tied_with(r, chosen.variant, true); !others.empty() && !r.ship.empty()) {
    lines.push_back(fmt::format("Not decided: whether {} is better under faults than {}.",
                                chosen.variant, list_of(others)));
  }
  return lines;
}

std::string recommendation_json(const Recommendation& r, const std::vector<std::string>& notes) {
  ordered_json all;
  all["ship"] = r.ship.empty() ? ordered_json(nullptr) : ordered_json(r.ship);
  all["ranked_by"] = experiment::info(r.ranking.robust).key;
  all["best"] = r.best;
  all["fastest"] = r.fastest.empty() ? chosen_of(r).variant : r.fastest;
  all["baseline"] = {{"answer", r.baseline.answer},
                     {"accuracy", r.baseline.accuracy},
                     {"balanced_accuracy", r.baseline.balanced_accuracy},
                     {"macro_f1", r.baseline.macro_f1}};
  all["candidates"] = ordered_json::array();
  for (const Candidate& one : r.candidates) {
    all["candidates"].push_back(
        {{"variant", one.variant},
         {"ties_with_best", one.ties},
         {"beats_baseline", !no_better_than(r.baseline, r.ranking.robust, one.robust)},
         {experiment::info(r.ranking.robust).key, json_of(one.robust)},
         {experiment::info(r.ranking.clean).key, json_of(one.clean)},
         {"behind_best", json_of(one.behind)},
         {"weight_bytes", json_number(one.costs.weight_bytes)},
         {"latency_us", json_number(one.costs.latency_us)}});
  }
  all["against_fp32"] = ordered_json::object();
  for (const Comparison& c : r.against_fp32) {
    all["against_fp32"][experiment::info(c.metric).key] = json_of(c);
  }
  all["text"] = recommendation_sentences(r);
  all["notes"] = notes;
  return all.dump(2) + "\n";
}

}  // namespace edgeproof::results
