#pragma once

// Records of PhysioNet's WFDB format: a header (NAME.hea), signal files, and annotations
// (NAME.atr). Each record is a recording and a group of its own, with its annotations of the given
// classes as events; there are no labels of samples.
//
// Every signal's checksum and first value are compared with what the header says, also those that
// are not asked for. Missing samples are NaN.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "signal/dataset.h"
#include "signal/readers/source.h"

namespace edgeproof::signal {

// A channel is the first signal of a record whose name is one of `signals`.
struct WfdbChannelOptions {
  std::string name = {};
  std::vector<std::string> signals = {};  // if empty: the channel's name
};

// Annotations whose symbol is among `symbols` ("NLRej") are of this class.
struct WfdbClassOptions {
  std::string name = {};
  std::string symbols = {};
};

struct WfdbOptions {
  std::vector<std::filesystem::path> sources = {};  // folders, tar or zip archives
  std::vector<std::string> records = {};            // "100", "folder/100"; if empty: all there are
  std::vector<WfdbChannelOptions> channels = {};    // if empty: the signals of the first record
  std::vector<WfdbClassOptions> classes = {};       // if empty: no annotations are read
  std::string annotator = "atr";                    // how the names of annotation files end
  bool check_sums = true;
  std::uint64_t max_file_bytes = std::uint64_t{1} << 30;
};

// The classes of heart beats that AAMI EC57 has, as the symbols of PhysioNet: N, S and V; with
// `rare`, F (fusion) and Q (paced, unknown) too.
std::vector<WfdbClassOptions> aami_classes(bool rare = false);

// Errors name the file, and the line or byte in it. All records must have the same rate, and a
// channel the same unit everywhere.
RecordingSet read_wfdb(const WfdbOptions& options);

// Its entry in registry.cpp.
Source wfdb_source();

}  // namespace edgeproof::signal
