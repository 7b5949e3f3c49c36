#pragma once

// A study's data, made up but of the shape and size of a real one, for the tests of the page.
// Every number is a formula of names and severities: nothing here was measured.

#include "report/report_data.h"

namespace edgeproof::report {

// Nine variants, four of them controls; the five faults of the core suite and one that does not
// apply; six classes; three seeds.
ReportData example_data();

}  // namespace edgeproof::report
