#pragma once

// The text of `edgeproof data info`: what is in a data set, as a table for people or as JSON.

#include <string>

#include "signal/dataset.h"
#include "signal/summary.h"

namespace edgeproof::cli {

struct DataInfo {
  const signal::RecordingSet& source;
  const signal::Summary& summary;
  int window_length = 0;  // samples; 0: not cut
  int hop = 0;
};

std::string info_table(const DataInfo& info);
std::string info_json(const DataInfo& info);

}  // namespace edgeproof::cli
