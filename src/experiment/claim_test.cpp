#include "experiment/claim.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/error.h"

namespace edgeproof::experiment {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const ClaimNames kNames{
    {"fp32", "ptq_int8", "qat_int8"}, {"gaussian", "bias(sd=2, x=1)", "drift"}, {1, 3, 5}};

std::string error_of(std::string_view text) {
  try {
    parse_inequality(text, kNames);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::bad_config);
    const std::string message = error.what();
    EXPECT_EQ(message.find('\n'), std::string::npos);
    return message;
  }
  return "no error";
}

TEST(Claim, SidesAreSumsOfTerms) {
  const Inequality i = parse_inequality(
      " RA(qat_int8)-RA( ptq_int8 , 3 ) + 1e-3>=2 %+0.5*accuracy(fp32, gaussian, 5)", kNames);
  EXPECT_EQ(i.relation, Relation::at_least);
  EXPECT_EQ(i.quantity, Quantity::share);
  ASSERT_EQ(i.left.size(), 3U);
  EXPECT_EQ(i.left[0].call->variant, "qat_int8");
  EXPECT_EQ(i.left[0].call->severity, 0);
  EXPECT_EQ(i.left[1].factor, -1);
  EXPECT_EQ(i.left[1].call->metric, Metric::robust_accuracy);
  EXPECT_EQ(i.left[1].call->severity, 3);
  EXPECT_FALSE(i.left[2].call);
  EXPECT_DOUBLE_EQ(i.left[2].factor, 0.001);
  ASSERT_EQ(i.right.size(), 2U);
  EXPECT_DOUBLE_EQ(i.right[0].factor, 0.02);
  EXPECT_EQ(i.right[1].factor, 0.5);
  EXPECT_EQ(i.right[1].call->fault, "gaussian");
  EXPECT_EQ(i.right[1].call->severity, 5);
}

TEST(Claim, RelationsAndMetricsAreKnown) {
  const auto relation = [](const std::string& word) {
    return parse_inequality("-clean(fp32) " + word + " -0.9", kNames).relation;
  };
  EXPECT_EQ(relation(">"), Relation::greater);
  EXPECT_EQ(relation("<"), Relation::less);
  EXPECT_EQ(relation(">="), Relation::at_least);
  EXPECT_EQ(relation("\u2265"), Relation::at_least);
  EXPECT_EQ(relation("<="), Relation::at_most);
  EXPECT_EQ(relation("\u2264"), Relation::at_most);
  const auto quantity = [](const std::string& side) {
    return parse_inequality(side + " < " + side, kNames).quantity;
  };
  EXPECT_EQ(quantity("mFE(fp32)"), Quantity::ratio);
  EXPECT_EQ(quantity("relative_mFE(fp32)"), Quantity::ratio);
  EXPECT_EQ(quantity("recovery(qat_int8, fp32)"), Quantity::share);
  EXPECT_EQ(quantity("latency(fp32)"), Quantity::microseconds);
  EXPECT_EQ(quantity("0.5 * 2 * bytes(fp32)"), Quantity::bytes);
  EXPECT_EQ(quantity("macs(fp32)"), Quantity::macs);
  const Inequality named = parse_inequality("f1(fp32, bias(sd=2, x=1)) > ece(fp32)", kNames);
  EXPECT_EQ(named.left[0].call->fault, "bias(sd=2, x=1)");
  EXPECT_EQ(parse_inequality("accuracy(fp32) > 0.5", kNames).left[0].call->metric, Metric::clean);
}

TEST(Claim, AnEqualSideIsAtLeastAndNotGreater) {
  EXPECT_TRUE(holds(Relation::at_least, 0));
  EXPECT_TRUE(holds(Relation::at_most, 0));
  EXPECT_FALSE(holds(Relation::greater, 0));
  EXPECT_FALSE(holds(Relation::less, 0));
  EXPECT_TRUE(holds(Relation::less, -1));
}

TEST(Claim, ErrorsQuoteWhatWasFoundAndSuggest) {
  EXPECT_THAT(error_of("acuracy(fp32) > 0.5"),
              AllOf(HasSubstr("'acuracy(fp32) > 0.5'"), HasSubstr("did you mean 'accuracy'?")));
  EXPECT_THAT(error_of("RA(qat_int9) > 0.5"),
              HasSubstr("'qat_int9' is no variant of the study, did you mean 'qat_int8'?"));
  EXPECT_THAT(error_of("accuracy(fp32, gausian) > 0.5"), HasSubstr("did you mean 'gaussian'?"));
  EXPECT_THAT(error_of("accuracy(fp32, gaussian, 2) > 0.5"),
              HasSubstr("severity '2' is not in the study, expected one of 1, 3, 5"));
  EXPECT_THAT(error_of("accuracy(fp32, gaussian, x) > 0.5"), HasSubstr("severity 'x'"));
  EXPECT_THAT(error_of("RA(fp32)"), HasSubstr("it ends too early, expected one of >, <, >=, <="));
  EXPECT_THAT(error_of("RA(fp32) = 1"), HasSubstr("found '= 1', expected one of"));
  EXPECT_THAT(error_of("RA(fp32) > "), HasSubstr("expected a number or a metric"));
  EXPECT_THAT(error_of("RA(fp32) > 0.5 > 0.1"), HasSubstr("'> 0.1' follows"));
  EXPECT_THAT(error_of("RA(fp32 > 0.5"), HasSubstr("expected ')' after the arguments of 'RA'"));
  EXPECT_THAT(error_of("RA fp32 > 0.5"), HasSubstr("expected '(' after 'RA'"));
  EXPECT_THAT(error_of("RA() > 0.5"), HasSubstr("expected RA(VARIANT[, SEVERITY])"));
  EXPECT_THAT(error_of("clean(fp32, gaussian) > 0.5"), HasSubstr("expected clean(VARIANT)"));
  EXPECT_THAT(error_of("recovery(fp32) > 0.5"), HasSubstr("recovery(VARIANT, BASELINE)"));
  EXPECT_THAT(error_of("RA(fp32) > 1.2.3"), HasSubstr("'1.2.3' is no number"));
  EXPECT_THAT(error_of("RA(fp32) > 1e999"), HasSubstr("is no number"));
  EXPECT_THAT(error_of("1 > 2"), HasSubstr("no metric in it"));
  EXPECT_THAT(error_of("RA(fp32)\n= 2"), HasSubstr("found '= 2'"));
  EXPECT_THAT(error_of(""), HasSubstr("it ends too early"));
  EXPECT_THAT(error_of("RA(fp32) * RA(fp32) > 0.5"), HasSubstr("two metrics multiplied"));
}

TEST(Claim, SidesMustMeasureTheSame) {
  EXPECT_THAT(error_of("RA(fp32) > bytes(fp32)"),
              HasSubstr("a share and bytes cannot be compared"));
  EXPECT_THAT(error_of("RA(fp32) > 90"),
              HasSubstr("90 is compared with a share from 0 to 1, expected '90 %'"));
  EXPECT_THAT(error_of("mFE(fp32) + 1 < 90"), "no error");
}

// Whatever tokens come in whatever order: a claim, or one line that says why not.
RC_GTEST_PROP(Claim, AnyTokensAreAClaimOrAnError, (const std::vector<unsigned>& picks)) {
  const std::vector<std::string> tokens{
      "RA(", "fp32", ")",      ",", "accuracy(", "gaussian", "3",        "0.5",
      "%",   "+",    "-",      "*", ">=",        "<",        "RA(fp32)", "(",
      ".",   "1e",   "bytes(", " ", "\n",        "é",        "'",        "latency(fp32)"};
  std::string text;
  for (const unsigned pick : picks) text += tokens[pick % tokens.size()];
  const std::string error = error_of(text);
  RC_ASSERT(!error.empty());
  if (error == "no error") {
    const Inequality i = parse_inequality(text, kNames);
    RC_ASSERT(!i.left.empty() && !i.right.empty());
    RC_ASSERT(i.quantity != Quantity::number);
  }
}

}  // namespace
}  // namespace edgeproof::experiment
