#pragma once

// The report of a study: one HTML file that holds its data, its charts and the code that draws
// them, and opens without a network.
//
// The page is fixed at build time (page/, see CMakeLists.txt); a report is that page with one JSON
// value in it, from which the page's own JavaScript builds everything. The same data gives the same
// bytes. Thread-safe: pure functions.

#include <string>

#include "report/report_data.h"

namespace edgeproof::report {

// The whole page.
std::string render(const ReportData& data);

// The value in the page, safe inside a <script> element: no '<' is left in it. Members are named as
// in ReportData, but `metrics` lists the metrics that are read from samples, as their table has
// them, and a variant has each as a member of its own, by its key. An Interval is [value, lo, hi];
// NaN is null and +infinity "inf"; text that is not UTF-8 has its bad bytes replaced.
std::string to_json(const ReportData& data);

}  // namespace edgeproof::report
