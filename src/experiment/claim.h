#pragma once

// A claim that a study checks: a sentence, and an inequality between metrics of variants that says
// the same (docs/howto/check-claims.md).
//
//   RA(qat_int8) - RA(ptq_int8_ft) >= 2 %
//   bytes(ptq_int8) <= 0.3 * bytes(fp32)
//
// Both sides are sums of terms: a number, or a number times a metric. Accuracies are shares from 0
// to 1; "2 %" is 0.02.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "experiment/metric.h"

namespace edgeproof::experiment {

struct Claim {
  std::string text;    // in words; empty: `check` says it
  std::string check;   // an inequality
  std::string source;  // who says so; may be empty
  std::string place;   // file and line it was read from, for messages
};

struct MetricCall {
  Metric metric = Metric::accuracy;
  std::string variant;
  std::string baseline;       // of recovery
  std::string fault;          // empty: clean, or all of them
  std::int64_t severity = 0;  // 0: clean, or all of them
};

// factor, or factor x metric.
struct Term {
  double factor = 1;
  std::optional<MetricCall> call;
};

using Sum = std::vector<Term>;

enum class Relation { greater, less, at_least, at_most };

// Whether left - right = `difference` is as claimed.
bool holds(Relation relation, double difference);

struct Inequality {
  Sum left, right;
  Relation relation = Relation::greater;
  Quantity quantity = Quantity::number;
};

// The names that an inequality may use.
struct ClaimNames {
  std::vector<std::string> variants;
  std::vector<std::string> faults;
  std::vector<std::int64_t> severities;
};

// Error bad_config, quoting the text, for anything that is not of the form above, an unknown
// metric, variant, fault or severity (with a suggestion), and for sides that cannot be compared.
Inequality parse_inequality(std::string_view text, const ClaimNames& names);

}  // namespace edgeproof::experiment
