#pragma once

// MIT-BIH Arrhythmia Database (Moody & Mark 2001; PhysioNet mitdb 1.0.0): 44 half-hour ECGs at
// 360 Hz in mV, every beat annotated. The four paced records (102, 104, 107, 217) are left out, as
// AAMI EC57 asks. The official parts are the inter-patient split of de Chazal et al. (2004): DS1
// trains, DS2 tests.
//
// Groups are patients: records, except that 201 (DS1) and 202 (DS2) are one man, group "201/202".
// So the published split has one person on both sides; summarize() reports it.

#include <filesystem>

#include "signal/dataset.h"
#include "signal/readers/source.h"

namespace edgeproof::signal {

struct MitBihOptions {
  std::filesystem::path path = {};
  bool rare_classes = false;  // F and Q besides N, S and V
  bool both_leads = false;    // V (V1, V2, V4 or V5, as recorded) besides MLII
};

// `path` is a folder with the records (100.hea, ...), a folder that holds it as "mitdb", or as
// "mitdb_ds1.tar.xz" and "mitdb_ds2.tar.xz", or a tar or zip archive of all records.
RecordingSet read_mitbih(const MitBihOptions& options);

// Its entry in registry.cpp.
Source mitbih_source();

}  // namespace edgeproof::signal
