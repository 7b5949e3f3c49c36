#pragma once

// Bearing data of the Case Western Reserve University Bearing Data Center: vibration at the drive
// end of a motor, 12 kHz, artificial faults of the inner race (IR), a ball (B) and the outer race
// at six o'clock (OR...@6) of 7, 14 and 21 mil: nine classes, at four loads of 0 to 3 hp.
//
// Groups are loads. There is no published split; the official part is by load: 0 and 1 train, 2
// validates, 3 tests.

#include <filesystem>
#include <string>
#include <vector>

#include "signal/dataset.h"
#include "signal/readers/source.h"

namespace edgeproof::signal {

struct CwruOptions {
  std::filesystem::path path = {};
  // DE (drive end), FE (fan end), BA (base plate; not in the normal recording).
  std::vector<std::string> sensors = {"DE"};
  // A tenth class. Its only recording is at load 0, so it is never tested, and was sampled at 48
  // kHz, so it is resampled. Good for looking at, not for a claim.
  bool normal = false;
};

// `path` is the folder "cwru" (with "12k_DE" and "normal_48k" in it), a folder that holds it or
// "cwru_12k_de.tar.xz", or a tar or zip archive of it.
RecordingSet read_cwru(const CwruOptions& options);

inline const Key<std::vector<std::string>> kSensors{
    .name = "sensors",
    .value = {"DE"},
    .meaning = "drive end, fan end, base plate.",
    .allowed = one_of(std::vector<std::string>{"DE", "FE", "BA"})};
inline const Key<bool> kNormal{
    .name = "normal",
    .meaning = "the sound bearing as a tenth class; it is trained on, never tested."};

// Its entry in registry.cpp.
Source cwru_source();

}  // namespace edgeproof::signal
