#include "faults/spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/error.h"
#include "faults/testing.h"

namespace edgeproof::faults {
namespace {

using testing::Bench;
using testing::same_bits;

TEST(Spec, ReadsTheThreeForms) {
  EXPECT_EQ(parse_fault("drift"), (FaultSpec{&definition("drift"), {}, {}}));
  EXPECT_EQ(parse_fault("drift(severity=0)"), (FaultSpec{&definition("drift"), 0, {}}));
  EXPECT_EQ(parse_fault("gaussian(sd=0.3)"), (FaultSpec{&definition("gaussian"), {}, 0.3}));
  EXPECT_EQ(parse_fault(" missing ( p = 1e-2 ) "), (FaultSpec{&definition("missing"), {}, 0.01}));
}

RC_GTEST_PROP(Spec, TextAndValueAreTheSame, ()) {
  FaultSpec spec{&definitions()[*rc::gen::inRange<size_t>(0, definitions().size())], {}, {}};
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      spec.severity = *rc::gen::inRange(0, 6);
      break;
    case 1:
      spec.value = *rc::gen::inRange(0, 1000) / 999.0 * spec.definition->parameter.max;
  }
  RC_ASSERT(parse_fault(to_string(spec)) == spec);
}

std::string message(std::string_view text) {
  try {
    parse_fault(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::bad_config);
    return error.what();
  }
  return "no error";
}

TEST(Spec, ErrorsSayWhatWasFoundAndExpected) {
  EXPECT_EQ(message("biass(sd=1)"), "unknown fault 'biass', did you mean 'bias'?");
  EXPECT_EQ(message("impulse(severty=1)"),
            "fault 'impulse(severty=1)': unknown parameter 'severty', did you mean 'severity'?");
  EXPECT_EQ(message("impulse(amplitude=1)"),
            "fault 'impulse(amplitude=1)': unknown parameter 'amplitude' (known: p, severity)");
  EXPECT_EQ(
      message("impulse(p=1.5)"),
      "fault 'impulse(p=1.5)': p is '1.5', expected a number, 0 to 1 (probability of a sample)");
  EXPECT_EQ(message("bias(severity=6)"),
            "fault 'bias(severity=6)': severity is '6', expected a whole number, 0 to 5");
  for (const auto* text : {"bias(severity=-1)", "bias(severity=1.5)", "bias(severity=)"}) {
    EXPECT_THAT(message(text), ::testing::HasSubstr("expected a whole number, 0 to 5"));
  }
  for (const auto* text : {"bias(sd=-1)", "bias(sd=nan)", "bias(sd=inf)", "bias(sd=)",
                           "bias(sd=1, severity=2)", "bias(sd=1))"}) {
    EXPECT_THAT(message(text), ::testing::HasSubstr("expected a number, 0 to 100"));
  }
  for (const auto* text : {"bias(", "bias()", "bias(sd)", "bias(sd=1", "bias(sd=1)x", "bias(1)"}) {
    EXPECT_EQ(message(text), fmt::format("fault '{}': expected 'bias', 'bias(severity=3)' or "
                                         "'bias(sd=0.5)'",
                                         text));
  }
  EXPECT_THAT(message(""), ::testing::StartsWith("unknown fault ''"));
}

RC_GTEST_PROP(Spec, AnyTextIsASpecificationOrAnError, (const std::string& tail)) {
  for (const std::string& text : {tail, "bias" + tail, "bias(" + tail, "bias(sd=" + tail + ")"}) {
    try {
      RC_ASSERT(parse_fault(text).definition != nullptr);
    } catch (const Error& error) {
      RC_ASSERT(error.code() == ErrorCode::bad_config);
    }
  }
}

TEST(Spec, InjectsAtItsSeverityOrValue) {
  const Bench bench({0, 1});
  const std::vector<float> clean(200, -0.0f);
  const auto run = [&](const char* text) {
    auto samples = clean;
    inject(parse_fault(text), bench.context(), bench.segment(samples, 7));
    return samples;
  };
  EXPECT_TRUE(same_bits(run("gaussian(severity=0)"), clean));
  EXPECT_TRUE(same_bits(run("gaussian(severity=4)"), bench.broken("gaussian", 4, clean)));
  EXPECT_TRUE(same_bits(run("gaussian(sd=1)"), bench.broken("gaussian", 4, clean)));
  EXPECT_FALSE(same_bits(run("gaussian(sd=1.1)"), bench.broken("gaussian", 4, clean)));
  EXPECT_THAT([&] { run("gaussian"); },
              ::testing::ThrowsMessage<Error>(::testing::HasSubstr("expected 'gaussian', ")));
}

}  // namespace
}  // namespace edgeproof::faults
