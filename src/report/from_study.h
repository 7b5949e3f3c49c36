#pragma once

// What a study's report shows, from its result store alone.

#include <filesystem>

#include "report/report_data.h"
#include "results/summary.h"

namespace edgeproof::report {

ReportData from_study(const results::Summary& summary, const store::Store& store);

// Of a study that has nothing to show yet: what it is about.
ReportData without_results(const store::Store& store);

// How far the study is that some process is running.
RunProgress progress_of(const store::Store& store);

// The same as from_study(), with the search that the study in this folder comes from, if there is
// one.
ReportData from_folder(const results::Summary& summary, const store::Store& store,
                       const std::filesystem::path& folder);

}  // namespace edgeproof::report
