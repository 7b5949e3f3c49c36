// A stage for each step. Frames go through in planar chunks of at most kBlock; a stage whose
// operator must look around keeps what is within its reach. Test: injector_test.cpp has the laws
// that hold for every fault.

#include "faults/injector.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "core/error.h"
#include "faults/derived.h"

namespace edgeproof::faults {
namespace {

constexpr std::int64_t kMaxKept = std::int64_t{1} << 28;  // floats
constexpr std::int64_t kForever = std::int64_t{1} << 62;

// The part [from, to) of the frames.
Frames part(const Frames& frames, std::int64_t from, std::int64_t to) {
  return {from, static_cast<int>(to - from), frames.data + (from - frames.first), frames.stride};
}

void check(const Context& context) {
  const auto channels = static_cast<int>(context.channels.size());
  if (channels == 0) fail(ErrorCode::bad_input, "there are no channels");
  for (const signal::Channel& channel : context.channels) {
    if (channel.source < 0 || channel.source >= channels || !context.physical(channel.source)) {
      fail(ErrorCode::bad_input,
           "channel '{}': derived from channel {}, expected a physical one of {}", channel.name,
           channel.source, channels);
    }
    if (const auto reason = signal::obstacle(channel.filter, context.rate_hz)) {
      fail(ErrorCode::bad_config, "channel '{}': {}", channel.name, *reason);
    }
  }
}

// A time in seconds as a sample number.
std::int64_t sample_at(double seconds, const Context& context) {
  if (seconds == 0) return 0;
  if (std::isinf(seconds)) return kForever;
  if (!(context.rate_hz > 0)) {
    fail(ErrorCode::bad_config, "'from' and 'to' need the sampling rate, which is not known");
  }
  return static_cast<std::int64_t>(std::min(std::round(seconds * context.rate_hz), 0x1.0p62));
}

void check(const Step& step, const Context& context, std::span<const int> channels,
           bool length_known) {
  const Definition& fault = *step.definition;
  const Parameter& parameter = fault.parameter;
  if (!(step.value >= parameter.min && step.value <= parameter.max)) {
    fail(ErrorCode::bad_config, "fault '{}': {} is {}, expected {} to {} ({})", fault.name,
         parameter.name, step.value, parameter.min, parameter.max, parameter.unit);
  }
  if (fault.obstacle != nullptr) {
    if (const auto reason = fault.obstacle(context, channels)) {
      fail(ErrorCode::unsupported, "fault '{}' does not apply: {}", fault.name, *reason);
    }
  }
  if (fault.needs_length && !length_known) {
    fail(ErrorCode::bad_config, "fault '{}' needs to know how long the stream is", fault.name);
  }
  const std::size_t count = context.channels.size();
  if (fault.needs_statistics && (context.mean.size() != count || context.sd.size() != count)) {
    fail(ErrorCode::bad_config,
         "fault '{}' needs the mean and standard deviation of each of the {} channels", fault.name,
         count);
  }
}

}  // namespace

class Injector::Stage {
 public:
  // `occurrence` tells steps of one fault apart, so that each has draws of its own.
  Stage(const Step& step, int occurrence, const Context& context, std::uint32_t recording,
        std::int64_t length)
      : channels_(static_cast<int>(context.channels.size())) {
    std::vector<int> physical = step.channels;
    for (int c = 0; step.channels.empty() && c < channels_; ++c) {
      if (context.physical(c)) physical.push_back(c);
    }
    begin_ = sample_at(step.from_s, context);
    end_ = std::min(sample_at(step.to_s, context), length == kUnknownLength ? kForever : length);
    check(step, context, physical, end_ != kForever);

    const Definition& fault = *step.definition;
    std::vector<Lane> lanes, derived;
    for (int c = 0; c < channels_; ++c) {
      const int source = context.channels[static_cast<std::size_t>(c)].source;
      if (std::ranges::find(physical, source) == physical.end()) continue;
      const bool acts =
          source == c || (fault.acts_on_derived != nullptr && fault.acts_on_derived(context, c));
      (acts ? lanes : derived).push_back({c, source});
    }
    std::vector<double> constants = step.constants;
    for (std::size_t i = constants.size(); i < fault.constants.size(); ++i) {
      constants.push_back(fault.constants[i].value);
    }
    const std::string stream =
        occurrence == 0 ? fault.name : fmt::format("{} {}", fault.name, occurrence + 1);
    const Site site{
        .context = context,
        .lanes = lanes,
        .recording = recording,
        .begin = begin_,
        .length = end_ == kForever ? kUnknownLength : std::max(end_ - begin_, std::int64_t{0}),
        .value = step.value,
        .constants = constants,
        .rng = CounterRng(context.seed, stream)};
    operator_ = fault.make(site);
    derived_.emplace(fault, site, derived);
    reach_ = operator_->reach();
    if (reach_ > kMaxKept / (4 * channels_)) {
      fail(ErrorCode::unsupported,
           "fault '{}' would have to look {} samples ahead and back in {} channels; a shorter part "
           "('from', 'to') or a smaller value needs less",
           fault.name, reach_, channels_);
    }
    if (reach_ == 0) return;
    capacity_ = static_cast<std::size_t>(4 * reach_ + 4 * kBlock);
    if (length != kUnknownLength) capacity_ = std::min(capacity_, static_cast<std::size_t>(length));
    kept_.resize(static_cast<std::size_t>(channels_) * capacity_);
    out_.resize(static_cast<std::size_t>(channels_) * kBlock);
  }

  void observe(Observer observer, std::size_t step) {
    observer_ = std::move(observer);
    step_ = step;
  }

  // Takes at most kBlock frames, and calls `next` with those that are ready.
  template <typename Next>
  void feed(const Frames& frames, const Next& next) {
    if (reach_ == 0) {
      act(frames, frames);
      next(frames);
      return;
    }
    keep(frames);
    give(kept_first_ + kept_count_ - reach_, next);
  }

  // Calls `next` with the rest.
  template <typename Next>
  void flush(const Next& next) {
    if (reach_ > 0) give(kept_first_ + kept_count_, next);
  }

 private:
  Frames kept() { return {kept_first_, static_cast<int>(kept_count_), kept_.data(), capacity_}; }

  void keep(const Frames& frames) {
    if (static_cast<std::size_t>(kept_count_ + frames.count) > capacity_) {
      const std::int64_t out_of_reach = std::max(next_ - reach_, kept_first_) - kept_first_;
      for (int c = 0; c < channels_; ++c) {
        const auto x = kept().channel(c);
        std::copy(x.begin() + out_of_reach, x.end(), x.begin());
      }
      kept_first_ += out_of_reach;
      kept_count_ -= out_of_reach;
    }
    kept_count_ += frames.count;
    for (int c = 0; c < channels_; ++c) {
      std::ranges::copy(frames.channel(c), &kept().at(c, frames.first));
    }
  }

  template <typename Next>
  void give(std::int64_t end, const Next& next) {
    while (next_ < end) {
      const auto count = static_cast<int>(std::min<std::int64_t>(end - next_, kBlock));
      const Frames out{next_, count, out_.data(), kBlock};
      for (int c = 0; c < channels_; ++c) {
        std::copy_n(&kept().at(c, next_), count, out.channel(c).begin());
      }
      act(kept(), out);
      next_ += count;
      next(out);
    }
  }

  // The operator on those frames that are in the segment, then what follows in derived channels.
  void act(const Frames& in, const Frames& out) {
    const std::int64_t from = std::max(out.first, begin_), to = std::min(out.end(), end_);
    if (from >= to) return;
    const Frames target = part(out, from, to);
    const bool needs_clean = derived_->needs_clean() || observer_;
    if (needs_clean) {
      clean_.resize(static_cast<std::size_t>(channels_) * kBlock);
      for (int c = 0; c < channels_; ++c) {
        std::ranges::copy(target.channel(c), &clean_[static_cast<std::size_t>(c) * kBlock]);
      }
    }
    const Frames clean{from, target.count, clean_.data(), kBlock};
    operator_->apply(part(in, std::max(in.first, begin_), std::min(in.end(), end_)), target);
    derived_->change(clean, target);
    if (observer_) observer_(step_, clean, target);
  }

  int channels_;
  std::int64_t begin_ = 0, end_ = 0;        // of the segment
  std::optional<DerivedChannels> derived_;  // that the operator does not act on itself
  std::unique_ptr<Operator> operator_;
  std::int64_t reach_ = 0;
  Observer observer_;
  std::size_t step_ = 0;
  std::vector<float> clean_;

  // With reach: the frames from reach_ before next_, the first that was not given yet.
  std::vector<float> kept_, out_;  // planar
  std::size_t capacity_ = 0;       // frames
  std::int64_t kept_first_ = 0, kept_count_ = 0, next_ = 0;
};

Injector::Injector(std::span<const Step> steps, const Context& context, std::uint32_t recording,
                   std::int64_t length)
    : channels_(context.channels.size()), length_(length), piece_(channels_ * kBlock) {
  check(context);
  std::map<std::string, int> occurrences;
  for (const Step& step : steps) {
    stages_.push_back(std::make_unique<Stage>(step, occurrences[step.definition->name]++, context,
                                              recording, length));
  }
}

Injector::~Injector() = default;

void Injector::observe(Observer observer) {
  for (std::size_t i = 0; i < stages_.size(); ++i) stages_[i]->observe(observer, i);
}

void Injector::pass(std::size_t stage, const Frames& frames) {
  if (stage < stages_.size()) {
    stages_[stage]->feed(frames, [&](const Frames& ready) { pass(stage + 1, ready); });
    return;
  }
  for (std::size_t c = 0; c < channels_; ++c) {
    const auto x = frames.channel(static_cast<int>(c));
    for (std::size_t i = 0; i < x.size(); ++i) sink_[i * channels_ + c] = x[i];
  }
  sink_ += static_cast<std::size_t>(frames.count) * channels_;
  given_ += frames.count;
}

void Injector::run(std::span<const float> frames) {
  const std::size_t count = frames.size() / channels_;
  for (std::size_t begin = 0; begin < count; begin += kBlock) {
    const Frames piece{taken_, static_cast<int>(std::min<std::size_t>(count - begin, kBlock)),
                       piece_.data(), kBlock};
    const float* in = &frames[begin * channels_];
    for (std::size_t c = 0; c < channels_; ++c) {
      const auto x = piece.channel(static_cast<int>(c));
      for (std::size_t i = 0; i < x.size(); ++i) x[i] = in[i * channels_ + c];
    }
    taken_ += piece.count;
    pass(0, piece);
  }
}

void Injector::flush() {
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    stages_[i]->flush([&](const Frames& ready) { pass(i + 1, ready); });
  }
}

template <typename Action>
std::vector<float> Injector::collect(std::size_t count, const Action& action) {
  const std::int64_t given = given_;
  std::vector<float> ready((static_cast<std::size_t>(taken_ - given_) + count) * channels_);
  sink_ = ready.data();
  action();
  ready.resize(static_cast<std::size_t>(given_ - given) * channels_);
  return ready;
}

std::vector<float> Injector::push(std::span<const float> frames) {
  if (frames.size() % channels_ != 0) {
    fail(ErrorCode::bad_input, "{} samples, expected a multiple of {} channels", frames.size(),
         channels_);
  }
  const std::size_t count = frames.size() / channels_;
  if (length_ != kUnknownLength && static_cast<std::int64_t>(count) > length_ - taken_) {
    fail(ErrorCode::bad_input, "the stream is longer than the {} samples expected", length_);
  }
  return collect(count, [&] { run(frames); });
}

std::vector<float> Injector::finish() {
  if (length_ != kUnknownLength && taken_ < length_) {
    fail(ErrorCode::bad_input, "the stream ends after {} samples, expected {}", taken_, length_);
  }
  return collect(0, [&] { flush(); });
}

void inject(std::span<const Step> steps, const Context& context, Segment segment) {
  const std::size_t channels = context.channels.size();
  if (channels == 0 || segment.samples.size() % channels != 0) {
    fail(ErrorCode::bad_input, "recording {}: {} samples, expected a multiple of {} channels",
         segment.recording, segment.samples.size(), channels);
  }
  const auto length = static_cast<std::int64_t>(segment.samples.size() / channels);
  Injector injector(steps, context, segment.recording, length);
  injector.sink_ = segment.samples.data();  // what comes out never overtakes what went in
  injector.run(segment.samples);
  injector.flush();
}

void inject(const Fault& fault, int severity, const Context& context, Segment segment) {
  if (severity != 0) inject(steps(fault, severity, context), context, segment);
}

}  // namespace edgeproof::faults
