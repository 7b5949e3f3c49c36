#pragma once

// UCI HAR: human activity recognition with a waist-worn smartphone (Anguita et al., ESANN 2013; UCI
// data set 240). 9 channels at 50 Hz, already cut into windows of 128 samples that overlap by half;
// 30 subjects (the groups), 6 activities, an official split by subject.
//
// body_acc_* are total_acc_* less gravity: derived channels of the same accelerometer, which the
// phone computes by a high-pass, kBodyFilter.

#include <filesystem>

#include "signal/dataset.h"
#include "signal/readers/source.h"

namespace edgeproof::signal {

// `path` is the data set's folder (with train/ and test/ in it), a folder that holds it as "UCI HAR
// Dataset" or as "uci_har_inertial.tar.xz", or a tar or zip archive of it, such as the zip in a zip
// that UCI publishes.
RecordingSet read_uci_har(const std::filesystem::path& path);

// Its entry in registry.cpp.
Source uci_har_source();

}  // namespace edgeproof::signal
