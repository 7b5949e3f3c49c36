#pragma once

// Faults at work, on a stream in pieces of any size or on a segment in memory. The result does not
// depend on the pieces. Memory is bounded by what the faults must look ahead and back: nothing for
// most, a few samples for jitter, a packet for reorder, k T / 2 samples for clock_skew.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "faults/expression.h"

namespace edgeproof::faults {

// A segment in memory, [length, channels]: a recording of a stream, or a window where the data set
// comes already cut.
struct Segment {
  std::span<float> samples;
  std::uint32_t recording = 0;  // its number in the data set, for the draws
};

class Injector {
 public:
  // Applies the steps in their order to one recording. `length`, in samples, is needed by some
  // faults (Definition::needs_length) that have no `to` of their own. `context` must outlive the
  // injector.
  //
  // Error bad_config for a value out of range, a step that needs a length, a rate or statistics
  // that are not there; unsupported for a step that is not applicable, or that would have to keep
  // more than 1 GiB; bad_input if the context does not fit itself.
  Injector(std::span<const Step> steps, const Context& context, std::uint32_t recording,
           std::int64_t length = kUnknownLength);
  ~Injector();

  // Takes frames [n, channels], no more in all than the length that was given, and gives those that
  // are ready, [m, channels]; finish() gives the rest. All channels' frames come out once and in
  // order. Error bad_input for a part of a frame, or for more or, at the end, fewer frames than
  // `length` said.
  std::vector<float> push(std::span<const float> frames);
  std::vector<float> finish();

  // Told what each step did, in order of samples for each step: frames before and after, for
  // all channels. Only if given; before the first push().
  using Observer = std::function<void(std::size_t step, const Frames& before, const Frames& after)>;
  void observe(Observer observer);

 private:
  class Stage;
  friend void inject(std::span<const Step>, const Context&, Segment);

  // What is ready goes to sink_; it never overtakes what was taken in.
  void run(std::span<const float> frames);
  void flush();
  void pass(std::size_t stage, const Frames& frames);
  template <typename Action>
  std::vector<float> collect(std::size_t count, const Action& action);

  std::size_t channels_;
  std::int64_t length_;
  std::vector<std::unique_ptr<Stage>> stages_;
  std::int64_t taken_ = 0, given_ = 0;  // frames
  std::vector<float> piece_;            // planar
  float* sink_ = nullptr;               // where the next frame goes
};

// The whole segment at once, in place. Errors as of Injector, and bad_input if the segment is not a
// whole number of frames.
void inject(std::span<const Step> steps, const Context& context, Segment segment);
void inject(const Fault& fault, int severity, const Context& context, Segment segment);

}  // namespace edgeproof::faults
