// What the injector refuses, and what it says.

#include <gmock/gmock.h>

#include "faults/faults_testing.h"
#include "faults/injector.h"

namespace edgeproof::faults {
namespace {

using namespace testing;
using ::testing::HasSubstr;

// Channels 0 to 2 are a triad, 3 to 5 one derived from it, 6 is derived from channel 1, 7 and 8 are
// physical.
const std::vector<int> kSources = {0, 1, 2, 0, 1, 2, 1, 7, 8};

Bench bench_of(std::uint64_t seed) {
  Bench bench(kSources, seed);
  bench.triads = {{0, 1, 2}, {3, 4, 5}};
  return bench;
}

std::vector<float> run(const Bench& bench, std::span<const Step> steps, std::vector<float> x,
                       std::uint32_t recording = 7) {
  inject(steps, bench.context(), {x, recording});
  return x;
}

TEST(InjectorErrors, AFaultThatDoesNotApplySaysWhy) {
  const auto reason = [](const Bench& bench, const std::string& text) {
    const Fault fault = parse_fault(text);
    const auto reason = not_applicable(fault, bench.context());
    std::vector<float> samples(bench.channel_count() * 4);
    const auto run = [&] { inject(fault, 1, bench.context(), {samples, 0}); };
    if (reason) {
      EXPECT_EQ(error(ErrorCode::unsupported, run),
                fmt::format("fault '{}' does not apply: {}", fault.parts.front().definition->name,
                            *reason));
    } else {
      run();
    }
    return reason.value_or("");
  };
  const std::string two = "it needs two physical channels";
  EXPECT_EQ(reason(Bench({0}), "dropout"), two);
  EXPECT_EQ(reason(Bench({0, 0}), "dropout"), two);
  EXPECT_EQ(reason(Bench({0, 1}), "dropout"), "");
  EXPECT_EQ(reason(Bench({0, 1}), "dropout on c0"), two);
  EXPECT_EQ(reason(Bench({0, 0}), "crosstalk"), two);
  EXPECT_EQ(reason(Bench({0, 1}), "crosstalk on c0"), "");
  const std::string triad = "it needs a declared three-axis sensor";
  EXPECT_EQ(reason(Bench({0, 1, 2}), "rotation"), triad);
  EXPECT_EQ(reason(bench_of(42), "rotation"), "");
  EXPECT_EQ(reason(bench_of(42), "rotation on c0, c1"), triad);
  Bench slow({0});
  slow.rate_hz = 10;
  EXPECT_EQ(reason(slow, "hum"), "at 10 samples a second sensors average over mains periods");
  slow.rate_hz = 11;
  EXPECT_EQ(reason(slow, "hum"), "");
  slow.rate_hz = 0;
  for (const char* fault : {"hum", "missing_burst", "reorder"}) {
    EXPECT_EQ(reason(slow, fault), "the sampling rate is not known");
  }
}

TEST(InjectorErrors, WithoutALengthOnlyFaultsThatNeedItRefuse) {
  const Bench bench = bench_of(42);
  std::vector<std::string> refused;
  for (const Definition& fault : definitions()) {
    const auto all = steps(make_fault(fault), 2, bench.context());
    try {
      Injector(all, bench.context(), 0);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::bad_config);
      EXPECT_EQ(error.what(),
                fmt::format("fault '{}' needs to know how long the stream is", fault.name));
      refused.push_back(fault.name);
    }
    Fault placed = make_fault(fault);
    placed.to_s = 10;
    Injector(steps(placed, 2, bench.context()), bench.context(), 0);  // its own end
  }
  EXPECT_EQ(refused, (std::vector<std::string>{"drift", "drift_walk", "stuck", "clock_skew"}));
}

TEST(InjectorErrors, WithoutStatisticsOnlyFaultsThatNeedThemRefuse) {
  Bench bench = bench_of(42);
  Context context = bench.context();
  context.mean = context.sd = {};
  std::vector<std::string> refused;
  for (const Definition& fault : definitions()) {
    try {
      Injector(steps(make_fault(fault), 2, context), context, 0, 10);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::bad_config);
      EXPECT_THAT(error.what(), HasSubstr("needs the mean and standard deviation"));
      refused.push_back(fault.name);
    }
  }
  EXPECT_EQ(refused, (std::vector<std::string>{"gaussian", "impulse", "drift", "bias", "drift_walk",
                                               "hum", "saturation", "adc", "crosstalk"}));
}

TEST(InjectorErrors, FromAndToNeedTheRate) {
  Bench bench({0});
  bench.rate_hz = 0;
  EXPECT_EQ(error(ErrorCode::bad_config, [&] { bench.added("bias from 1", 1, 9); }),
            "'from' and 'to' need the sampling rate, which is not known");
  EXPECT_EQ(bench.added("bias", 1, 9).size(), 9);
}

TEST(InjectorErrors, RefusesAStreamOfAnotherLength) {
  const Bench bench({0, 1});
  const auto all = steps(parse_fault("jitter + clock_skew"), 3, bench.context());
  Injector injector(all, bench.context(), 7, 5);
  const std::vector<float> x(20000);
  const std::span<const float> samples = x;
  EXPECT_EQ(error(ErrorCode::bad_input, [&] { injector.push(samples.first(3)); }),
            "3 samples, expected a multiple of 2 channels");
  EXPECT_EQ(error(ErrorCode::bad_input, [&] { injector.push(samples); }),
            "the stream is longer than the 5 samples expected");
  injector.push(samples.first(8));
  EXPECT_EQ(error(ErrorCode::bad_input, [&] { injector.finish(); }),
            "the stream ends after 4 samples, expected 5");
  injector.push(samples.first(2));
  EXPECT_NO_THROW(injector.finish());
}

TEST(InjectorErrors, RefusesToKeepMoreThanAGibibyte) {
  const Bench bench = Bench::physical(9);
  const auto construct = [&](const char* fault, std::int64_t length) {
    Injector(steps(parse_fault(fault), 1, bench.context()), bench.context(), 0, length);
  };
  EXPECT_NO_THROW(construct("clock_skew(k=0.1)", 100000));
  for (const std::int64_t length : {std::int64_t{1} << 40, std::int64_t{1} << 61}) {
    EXPECT_THAT(error(ErrorCode::unsupported, [&] { construct("clock_skew(k=1)", length); }),
                HasSubstr("fault 'clock_skew' would have to look"));
  }
  EXPECT_THAT(error(ErrorCode::unsupported, [&] { construct("reorder(p=1, block=1e6)", 10); }),
              HasSubstr("fault 'reorder' would have to look 100000000 samples"));
}

TEST(InjectorErrors, RefusesWhatIsOutOfRange) {
  const Bench bench({0});
  for (const int severity : {-1, 6}) {
    EXPECT_EQ(error(ErrorCode::bad_config, [&] { bench.added("drift", severity, 4); }),
              fmt::format("fault 'drift': severity is {}, expected 0 to 5", severity));
  }
  for (const double p : {-0.1, 1.1, std::nan("")}) {
    const std::vector<Step> all = {{&definition("missing"), p}};
    EXPECT_EQ(
        error(ErrorCode::bad_config,
              [&] {
                run(bench, all, {1, 2});
              }),
        fmt::format("fault 'missing': p is {}, expected 0 to 1 (probability of a sample)", p));
  }
}

TEST(InjectorErrors, ConstantsThatAreLeftOutAreTheDefinitions) {
  const Bench bench({0});
  for (const char* fault : {"impulse", "hum", "adc", "missing_burst", "reorder"}) {
    const auto x = noise(1000);
    const std::vector<Step> all = {{&definition(fault), parameter(fault, 4)}};
    EXPECT_TRUE(same_bits(run(bench, all, x), bench.broken(fault, 4, x))) << fault;
  }
}

TEST(InjectorErrors, RefusesASegmentOrAContextThatDoesNotFit) {
  Bench bench({0, 0});
  std::vector<float> samples(5);
  const auto inject_bias = [&] {
    return error(ErrorCode::bad_input, [&] {
      inject(parse_fault("bias"), 1, bench.context(), {samples, 9});
    });
  };
  EXPECT_EQ(inject_bias(), "recording 9: 5 samples, expected a multiple of 2 channels");
  samples.resize(4);
  for (const int source : {-1, 2}) {
    bench.channels[1].source = source;
    EXPECT_THAT(inject_bias(), HasSubstr("channel 'c1': derived from channel"));
  }
  bench.channels[0].source = 1;  // and 1 is derived itself
  bench.channels[1].source = 0;
  EXPECT_THAT(inject_bias(), HasSubstr("channel 'c0': derived from channel 1"));
  bench.channels.clear();
  EXPECT_THAT(inject_bias(), HasSubstr("expected a multiple of 0 channels"));
  EXPECT_EQ(error(ErrorCode::bad_input, [&] { Injector({}, bench.context(), 0); }),
            "there are no channels");
}

}  // namespace
}  // namespace edgeproof::faults
