#pragma once

// How numbers are written for people: a share as "73.4 %" and a difference of shares in points, a
// ratio with three decimals, bytes and multiply-accumulates whole. What is undefined is a dash.

#include <string>

#include "experiment/metric.h"
#include "results/interval.h"

namespace edgeproof::results {

// "73.4 %", "25680 bytes"; with so many more decimals than usual.
std::string value_text(double value, experiment::Quantity quantity, int more_decimals = 0);

// "73.4 [70.1, 75.0] %".
std::string estimate_text(const Interval& estimate, experiment::Quantity quantity,
                          int more_decimals = 0);

// The same without the unit, for a column whose head has it.
std::string estimate_numbers(const Interval& estimate, experiment::Quantity quantity,
                             int more_decimals = 0);

// "+1.2 points".
std::string difference_text(double difference, experiment::Quantity quantity);

// "+1.2 [+0.4, +2.0] points".
std::string difference_text(const Interval& difference, experiment::Quantity quantity);

}  // namespace edgeproof::results
