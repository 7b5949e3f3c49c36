#pragma once

// Small valid files of every format.

#include <vector>

#include "fuzz/driver.h"

namespace edgeproof::fuzz {

std::vector<Files> onnx_samples();
std::vector<Files> csv_samples();
std::vector<Files> npz_samples();
std::vector<Files> wfdb_samples();
std::vector<Files> mat_samples();
std::vector<Files> ts_samples();
std::vector<Files> arff_samples();

}  // namespace edgeproof::fuzz
