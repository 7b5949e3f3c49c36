#pragma once

// What a study's report shows, from its result store alone.

#include "report/report_data.h"
#include "study/summary.h"

namespace edgeproof::report {

ReportData from_study(const study::Summary& summary, const study::Store& store);

}  // namespace edgeproof::report
