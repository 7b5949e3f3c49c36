#pragma once

// A data set of the UCR (univariate) or UEA (multivariate) archive by its name (Dau et al. 2018;
// Bagnall et al. 2018), with its published split.
//
// Some data sets are known here, with channels, units, rate and three-axis sensors: BasicMotions,
// Epilepsy, DodgerLoopDay and its like. All others have channels dim0, dim1, ... at 1 Hz.

#include <filesystem>
#include <string>

#include "signal/readers/cases.h"
#include "signal/readers/source.h"

namespace edgeproof::signal {

struct UcrOptions {
  std::filesystem::path path = {};
  std::string name = {};
  double rate_hz = 0;  // 0: the known one, or 1
  UnequalLength unequal_length = UnequalLength::pad;
};

// `path` is a folder with NAME/NAME_TRAIN.ts in it (or in Univariate_ts/ or Multivariate_ts/ below
// it), the folder NAME itself, a tar or zip archive of any of these, or a folder with
// "ucr_uea_sample.tar.xz".
RecordingSet read_ucr(const UcrOptions& options);

// Its entry in registry.cpp.
Source ucr_source();

}  // namespace edgeproof::signal
