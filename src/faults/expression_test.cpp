#include "faults/expression.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <limits>

#include "faults/faults_testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr double kInfinite = std::numeric_limits<double>::infinity();

std::string message(std::string_view text) {
  return error(ErrorCode::bad_config, [&] { parse_fault(text); });
}

TEST(Expression, ANameAloneHasTheSeveritiesOfTheTable) {
  const Fault fault = parse_fault(" drift ");
  EXPECT_EQ(fault.name, "drift");
  EXPECT_EQ(fault.severities(), 5);
  EXPECT_EQ(fault.parts, make_fault(definition("drift")).parts);
  EXPECT_TRUE(fault.channels.empty() && fault.from_s == 0 && fault.to_s == kInfinite);
}

TEST(Expression, ReadsASeverityAValueAndALadder) {
  const auto values = [](const char* text) { return parse_fault(text).parts.at(0).values; };
  EXPECT_THAT(values("drift(severity=3)"), ElementsAre(1));
  EXPECT_THAT(values("drift(sd=1.5)"), ElementsAre(1.5));
  EXPECT_THAT(values(" missing ( p = 1e-2 ) "), ElementsAre(0.01));
  EXPECT_THAT(values("drift(sd=0.1|0.2 | 0.4)"), ElementsAre(0.1, 0.2, 0.4));
  EXPECT_EQ(parse_fault("drift(severity=3)").severities(), 1);
  EXPECT_EQ(parse_fault("drift(sd=0.1|0.2|0.4)").severities(), 3);
}

TEST(Expression, ReadsConstantsByName) {
  const Part hum = parse_fault("hum(sd=1, hz=50)").parts.at(0);
  EXPECT_THAT(hum.values, ElementsAre(1));
  EXPECT_THAT(hum.constants, ElementsAre(50));
  EXPECT_THAT(parse_fault("impulse(high=4)").parts.at(0).constants, ElementsAre(3, 4));
  EXPECT_EQ(parse_fault("impulse(high=4)").severities(), 5);
}

TEST(Expression, ReadsCompositionsNamesChannelsAndTimes) {
  const Fault fault =
      parse_fault("winter: drift + missing_burst(p=0.2) + field on ax , ay from 10 to 15.5s");
  EXPECT_EQ(fault.name, "winter");
  EXPECT_EQ(fault.summary(), "drift + missing_burst + gaussian + impulse + drift + missing_burst");
  EXPECT_EQ(fault.severities(), 5);
  EXPECT_THAT(fault.channels, ElementsAre("ax", "ay"));
  EXPECT_EQ(fault.from_s, 10);
  EXPECT_EQ(fault.to_s, 15.5);
  const Fault until = parse_fault("bias to 3");
  EXPECT_TRUE(until.name == "bias to 3" && until.from_s == 0 && until.to_s == 3);
  EXPECT_EQ(parse_fault("bias from 2").from_s, 2);
}

TEST(Expression, StepsAreThePartsAtASeverity) {
  const Bench bench = Bench::physical(3);
  const Fault fault = parse_fault("drift(sd=1|2) + hum(sd=3, hz=50) on c2, c0, c2 from 1 to 2");
  EXPECT_TRUE(steps(fault, 0, bench.context()).empty());
  const auto two = steps(fault, 2, bench.context());
  ASSERT_EQ(two.size(), 2);
  EXPECT_EQ(two[0].definition, &definition("drift"));
  EXPECT_EQ(two[0].value, 2);
  EXPECT_EQ(two[1].definition, &definition("hum"));
  EXPECT_EQ(two[1].value, 3);
  EXPECT_THAT(two[1].constants, ElementsAre(50));
  for (const Step& step : two) {
    EXPECT_THAT(step.channels, ElementsAre(0, 2));
    EXPECT_TRUE(step.from_s == 1 && step.to_s == 2);
  }
  EXPECT_EQ(steps(parse_fault("field"), 1, bench.context()).size(), 1);
  EXPECT_EQ(steps(parse_fault("field"), 2, bench.context()).size(), 4);
  EXPECT_EQ(error(ErrorCode::bad_config, [&] { steps(fault, 3, bench.context()); }),
            "fault 'drift(sd=1|2) + hum(sd=3, hz=50) on c2, c0, c2 from 1 to 2': severity is 3, "
            "expected 0 to 2");
}

TEST(Expression, ChannelsAreNamedAndPhysical) {
  const Bench bench({0, 1, 0});
  const auto named = [&](const char* name) {
    return error(ErrorCode::bad_config, [&] { channels_of({name}, bench.context()); });
  };
  EXPECT_EQ(named("c7"), "there is no channel 'c7', did you mean 'c0'?");
  EXPECT_EQ(
      named("c2"),
      "channel 'c2' is derived from 'c0': name that one, and what happens to it reaches both");
  EXPECT_THAT(channels_of({"c1", "c0", "c1"}, bench.context()), ElementsAre(0, 1));
}

TEST(Expression, ErrorsQuoteTheTextAndSuggest) {
  EXPECT_EQ(message("biass(sd=1)"),
            "fault 'biass(sd=1)': unknown fault 'biass', did you mean 'bias'?");
  EXPECT_THAT(message(""), HasSubstr("unknown fault ''"));
  EXPECT_THAT(message("bias + "), HasSubstr("unknown fault ''"));
  EXPECT_THAT(message("sabotage"), HasSubstr("(known: gaussian, impulse, drift, "));
  EXPECT_EQ(message("impulse(severty=1)"),
            "fault 'impulse(severty=1)': 'impulse' has no parameter 'severty', did you mean "
            "'severity'?");
  EXPECT_THAT(message("impulse(amplitude=1)"),
              HasSubstr("no parameter 'amplitude' (known: p, severity, low, high)"));
  EXPECT_THAT(message("field(sd=1)"), HasSubstr("'field' has no parameter 'sd' (known: severity)"));
  EXPECT_EQ(
      message("impulse(p=1.5)"),
      "fault 'impulse(p=1.5)': p is '1.5', expected a number, 0 to 1 (probability of a sample)");
  EXPECT_THAT(message("adc(bits=3.5)"), HasSubstr("expected a whole number, 1 to 16 (bits)"));
  EXPECT_THAT(message("hum(hz=-1)"), HasSubstr("hz is '-1', expected a number, 0 to 1000000"));
  for (const char* text : {"bias(severity=0)", "bias(severity=6)", "bias(severity=1.5)",
                           "bias(severity=)", "bias(severity=1|2)"}) {
    EXPECT_THAT(message(text), HasSubstr("expected a whole number, 1 to 5"));
  }
  for (const char* text :
       {"bias(sd=-1)", "bias(sd=nan)", "bias(sd=inf)", "bias(sd=)", "bias(sd=1|)", "bias(sd=1))"}) {
    EXPECT_THAT(message(text), HasSubstr("expected a number, 0 to 100"));
  }
  for (const char* text : {"bias(", "bias(sd=1", "bias(sd=1)x"}) {
    EXPECT_THAT(message(text), HasSubstr("expected ')' at the end of"));
  }
  for (const char* text : {"bias()", "bias(sd)", "bias(1)", "bias(sd=1,)"}) {
    EXPECT_THAT(message(text), HasSubstr("expected NAME=VALUE, such as severity=3"));
  }
  EXPECT_THAT(message(": bias"), HasSubstr("expected a name before ':'"));
  EXPECT_THAT(message("bias from 3 to 2"), HasSubstr("expected 'from' before 'to'"));
  EXPECT_THAT(message("bias from x"), HasSubstr("'from' is 'x', expected seconds, 0 or more"));
  EXPECT_THAT(message("bias to -1"), HasSubstr("'to' is '-1', expected seconds"));
  EXPECT_THAT(message("bias on a,"), HasSubstr("expected names of channels after 'on'"));
  EXPECT_THAT(message("bias + drift(sd=1|2)"),
              HasSubstr("its parts have 5 and 2 severities, expected as many"));
}

TEST(Expression, AValueIsGivenOnce) {
  for (const char* text :
       {"drift(sd=1, severity=3)", "drift(severity=3, sd=1)", "drift(severity=3, severity=4)",
        "hum(hz=50, hz=60)", "field(severity=2, severity=3)"}) {
    EXPECT_THAT(message(text), HasSubstr("comes on top of another value for the same"));
  }
}

RC_GTEST_PROP(Expression, AnyTextIsAFaultOrAnError, (const std::string& tail)) {
  for (const std::string& text :
       {tail, "bias" + tail, "bias(" + tail, "bias(sd=" + tail + ")", "bias on " + tail,
        "bias from " + tail, "bias(severity=2" + tail + ")", "bias + " + tail}) {
    try {
      RC_ASSERT(!parse_fault(text).parts.empty());
    } catch (const Error& error) {
      RC_ASSERT(error.code() == ErrorCode::bad_config);
    }
  }
}

TEST(Expression, InjectsAtItsSeverityOrValue) {
  const Bench bench({0, 1});
  const std::vector<float> clean(200, -0.0F);
  const auto expected = bench.broken("gaussian", 4, clean);
  EXPECT_TRUE(same_bits(bench.broken("gaussian(severity=4)", 1, clean), expected));
  EXPECT_TRUE(same_bits(bench.broken("gaussian(sd=1)", 1, clean), expected));
  EXPECT_TRUE(same_bits(bench.broken("gaussian(sd=2|1)", 2, clean), expected));
  EXPECT_FALSE(same_bits(bench.broken("gaussian(sd=1.1)", 1, clean), expected));
  EXPECT_TRUE(same_bits(bench.broken("bias + gaussian(sd=1)", 2, clean),
                        bench.broken("gaussian", 4, bench.broken("bias", 2, clean))));
}

}  // namespace
}  // namespace edgeproof::faults
