#pragma once

// Recordings, windows on them, and the data set that a study works on.
//
// A recording is one uninterrupted segment of physical samples, [length, channels], channels last;
// a missing sample is NaN. Data that comes already cut into windows is a list of recordings of one
// window each. Windows refer to recordings and are never copied here, so that a fault can act on
// the physical stream and be cut afterwards (docs/faults.md). Splits are by group (a person, a
// load, a patient), never by window. Where a data set has events, windows are cut around them.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "signal/filter.h"

namespace edgeproof::signal {

// Labels are bytes wherever predictions are kept: a data set or network of more classes is an
// error.
inline constexpr int kMostClasses = 256;

struct Channel {
  std::string name;
  std::string unit;
  // Index of the physical channel that this one is derived from; its own index if it is physical.
  int source = 0;
  // How the device computes a derived channel from its source: what a fault changes in the source
  // goes through it (docs/faults.md).
  Filter filter = {};
};

enum class Part { unassigned, train, validation, test };

// Something that happened at a sample, such as a heart beat.
struct Event {
  int sample = 0;
  std::int32_t label = -1;  // an index into classes; -1: none
};

struct Recording {
  std::string name;
  int group = 0;                     // index into group_names
  Part part = Part::unassigned;      // where a data set's own (official) split puts it
  std::vector<float> samples;        // [length, channels]; NaN is missing
  std::vector<std::int32_t> labels;  // one per sample, an index into classes; -1: no label
  std::vector<Event> events = {};    // in order of their samples
  // Samples at the end that no sensor delivered: all missing, they fill up a window that the
  // recording is too short for, and the pipeline gives them the channels' means.
  int padding = 0;
  int length() const { return static_cast<int>(labels.size()); }
};

// What a reader or generator returns.
struct RecordingSet {
  std::string name;
  double rate_hz = 0;
  std::vector<Channel> channels;
  std::vector<std::array<int, 3>> triads = {};  // three-axis sensors: their channels x, y, z
  std::vector<std::string> classes;
  std::vector<std::string> group_names;
  std::vector<Recording> recordings;
  bool cut = false;  // each recording is one window
  // In words, how the recordings' parts were made: "21 people train, 9 test"; may be empty.
  std::string official_split = {};
  std::string checksum;  // SHA-256 of the source files' bytes, or of the generator's parameters
};

struct Window {
  int recording = 0;
  int start = 0;  // first sample
  int label = 0;
};

struct Dataset {
  RecordingSet source;
  int window_length = 0;  // samples
  int hop = 0;            // samples; the length, where windows surround events
  std::vector<Window> train, validation, test;
};

}  // namespace edgeproof::signal
