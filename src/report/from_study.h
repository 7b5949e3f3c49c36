#pragma once

// What a study's report shows, from its result store alone.

#include <filesystem>

#include "report/report_data.h"
#include "study/summary.h"

namespace edgeproof::report {

ReportData from_study(const study::Summary& summary, const study::Store& store);

// The same, with the search that the study in this folder comes from, if there is one.
ReportData from_folder(const study::Summary& summary, const study::Store& store,
                       const std::filesystem::path& folder);

}  // namespace edgeproof::report
