#pragma once

// The table of a study, one row a variant, for people and for scripts.

#include <string>

#include "results/summary.h"

namespace edgeproof::results {

enum class Format { table, csv, json };

// With `latency`, the machine's own figures too; without, a pure function of configuration and
// data. A number that is undefined is a dash in the table, empty in CSV and null in JSON.
std::string render(const Summary& summary, Format format, bool latency = true);

}  // namespace edgeproof::results
