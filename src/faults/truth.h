#pragma once

// The ground truth of an injection: which runs of samples each step changed, as a CSV file
//
//   recording,fault,channel,first_sample,last_sample
//   0,"bias(sd=2)","ax",100,399
//
// in which recordings and samples count from 0, and a sample counts as changed if its bits differ.
// A row is written when its run has ended, so that memory does not grow with the recording.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/files.h"
#include "faults/injector.h"

namespace edgeproof::faults {

class TruthFile {
 public:
  // `steps` and `channels` are the names to write, in the order of the injector's. Errors of this
  // and all members: io, naming the path.
  TruthFile(const std::filesystem::path& path, std::vector<std::string> steps,
            std::vector<std::string> channels);

  // What an Injector::Observer is told.
  void add(std::size_t step, const Frames& before, const Frames& after);
  void end_recording();
  // Gives the file its name; without it none is left behind.
  void finish();

 private:
  static constexpr std::int64_t kNone = -2;
  struct Run {
    std::int64_t first = kNone, last = kNone;
  };

  void begin_run(std::size_t step, std::size_t channel, std::int64_t first);

  OutputFile file_;
  std::vector<std::string> steps_, channels_;
  std::vector<Run> open_;  // [steps, channels]
  int recording_ = 0;
};

}  // namespace edgeproof::faults
