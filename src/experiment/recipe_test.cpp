#include "experiment/recipe.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "experiment/variants.h"

namespace edgeproof::experiment {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Recipe, IsAChainOfStepsWithTheirParameters) {
  const Recipe recipe =
      parse_recipe(" train>prune( ratio=0.60 ) > qat(teacher = fp32,faults=true, epochs=7)");
  ASSERT_EQ(recipe.steps.size(), 3);
  EXPECT_EQ(recipe.steps[1].ratio, 0.6);
  EXPECT_EQ(recipe.steps[2].teachers, std::vector<std::string>{"fp32"});
  EXPECT_EQ(recipe.steps[2].epochs, 7);
  EXPECT_TRUE(recipe.steps[2].faults);
  EXPECT_TRUE(recipe.is_integer() && recipe.is_quantization_aware());
  EXPECT_EQ(recipe.text(), "train > prune(ratio=0.6) > qat(epochs=7, faults=true, teacher=fp32)");
  EXPECT_EQ(parse_recipe(recipe.text()).text(), recipe.text());
  EXPECT_EQ(recipe.prefix(2), "train > prune(ratio=0.6)");
  EXPECT_EQ(recipe.trained(), 3);
  EXPECT_EQ(parse_recipe("train > finetune > prune > ptq").trained(), 2);
  EXPECT_FALSE(parse_recipe("train > prune").is_integer());
}

TEST(Recipe, AnEnsembleTeaches) {
  const Recipe recipe =
      parse_recipe("train(member=2, architecture=tcn) > finetune(teacher = a + b)");
  EXPECT_EQ(recipe.steps[0].member, 2);
  EXPECT_EQ(recipe.steps[0].architecture, "tcn");
  EXPECT_EQ(recipe.steps[1].teachers, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(recipe.text(), "train(architecture=tcn, member=2) > finetune(teacher=a+b)");
}

TEST(Recipe, ConsistencyIsOfFaultyAndCleanWindows) {
  const Recipe recipe = parse_recipe("train(faults=true, consistency=2) > qat");
  EXPECT_EQ(recipe.steps[0].consistency, 2);
  EXPECT_EQ(recipe.steps[1].consistency, 0);
  EXPECT_EQ(recipe.text(), "train(consistency=2, faults=true) > qat");
}

TEST(Recipe, QuantizationHasItsMethods) {
  const RecipeStep step = parse_recipe(
                              "train > ptq(calibration=mse, equalize=true, bias_correction=true, "
                              "smooth=true, alpha=0.75, rounding=gptq, "
                              "weight_bits=4, weight_clip=mse, faults=true)")
                              .steps.back();
  EXPECT_EQ(step.calibration, "mse");
  EXPECT_TRUE(step.equalize && step.smooth && step.bias_correction && step.faults);
  EXPECT_EQ(step.alpha, 0.75);
  EXPECT_EQ(step.rounding, compress::WeightRounding::gptq);
  for (const char* name : {"nearest", "adaround", "gptq"}) {
    const auto text = fmt::format("train > ptq(rounding={})", name);
    EXPECT_EQ(compress::weight_rounding_names()[static_cast<std::size_t>(
                  parse_recipe(text).steps.back().rounding)],
              name);
  }
  EXPECT_EQ(step.weights.weight_bits.all, 4);
  EXPECT_EQ(step.weights.weight_clip, compress::WeightClip::mse);
}

TEST(Recipe, FewerActivationBitsAreSimulated) {
  for (const char* text : {"train > ptq(activation_bits=4)", "train > qat(activation_bits=4)"}) {
    const Recipe recipe = parse_recipe(text);
    EXPECT_EQ(recipe.steps.back().activation_bits, 4);
    EXPECT_TRUE(recipe.is_simulated());
  }
  EXPECT_FALSE(parse_recipe("train > ptq(weight_bits=4)").is_simulated());
}

TEST(Recipe, QuantizationAwareTrainingHasItsQuantizers) {
  const RecipeStep step =
      parse_recipe("train > qat(quantizer=lsq, weight_bits=3, calibration=min_max)").steps.back();
  EXPECT_EQ(step.quantizer, train::Quantizer::lsq);
  EXPECT_EQ(step.weights.weight_bits.all, 3);
  EXPECT_EQ(step.calibration, "min_max");
}

TEST(Recipe, Pruning) {
  const RecipeStep step =
      parse_recipe("train > prune(ratio=0.5, importance=taylor, scope=macs, faults=true)")
          .steps.back();
  EXPECT_EQ(step.importance, compress::Importance::taylor);
  EXPECT_EQ(step.prune_scope, compress::PruneScope::macs);
  EXPECT_TRUE(step.faults);
  const Recipe recipe = parse_recipe("train > prune( keep = conv1:16  conv2:24 )");
  ASSERT_EQ(recipe.steps.back().keep.size(), 2U);
  EXPECT_EQ(recipe.steps.back().keep[1].node, "conv2");
  EXPECT_EQ(recipe.steps.back().keep[1].channels, 24);
  EXPECT_EQ(recipe.text(), "train > prune(keep=conv1:16 conv2:24)");
}

TEST(Recipe, BitsByLayer) {
  const Recipe recipe = parse_recipe("train > qat(weight_bits=conv1:8  4 dense:8)");
  const compress::WeightBits& bits = recipe.steps.back().weights.weight_bits;
  EXPECT_EQ(bits.of("conv1"), 8);
  EXPECT_EQ(bits.of("conv2"), 4);
  EXPECT_EQ(recipe.text(), "train > qat(weight_bits=4 conv1:8 dense:8)");
}

TEST(Recipe, ForAModel) {
  const Recipe recipe = parse_recipe_for_model("prune > ptq");
  EXPECT_EQ(recipe.text(), "prune > ptq");
  EXPECT_EQ(recipe.trained(), 0);
  EXPECT_THAT([] { parse_recipe_for_model("train > ptq"); },
              ThrowsMessage<Error>(HasSubstr("'finetune' trains a model further")));
  EXPECT_THAT([] { parse_recipe_for_model("qat > ptq"); },
              ThrowsMessage<Error>(HasSubstr("'ptq' after 'qat'")));
}

TEST(Recipe, RoundsOfPruningAndFineTuning) {
  const Recipe recipe =
      parse_recipe("train > prune(ratio=0.75, rounds=2, scope=global) > finetune(epochs=3) > ptq");
  EXPECT_EQ(recipe.text(),
            "train > prune(ratio=0.5, scope=global) > finetune(epochs=3) > "
            "prune(ratio=0.5, scope=global) > finetune(epochs=3) > ptq");
  EXPECT_EQ(recipe.steps[3].ratio, 0.5);
  EXPECT_EQ(recipe.steps[3].rounds, 1);
}

TEST(Recipe, WhatFollowsASparsifyKeepsItsZeros) {
  const Recipe recipe =
      parse_recipe("train > finetune > sparsify(scope=uniform, ratio=0.90) > finetune > qat");
  EXPECT_EQ(recipe.steps[2].ratio, 0.9);
  EXPECT_EQ(recipe.steps[2].sparsify_scope, compress::SparsifyScope::uniform);
  EXPECT_EQ(recipe.prefix(3), "train > finetune > sparsify(ratio=0.9, scope=uniform)");
  EXPECT_FALSE(recipe.steps[2].trains());
  std::vector<bool> keep;
  for (const RecipeStep& step : recipe.steps) keep.push_back(step.keep_zeros);
  EXPECT_EQ(keep, (std::vector<bool>{false, false, false, true, true}));
  EXPECT_EQ(parse_recipe("train > sparsify > ptq").steps[1].sparsify_scope,
            compress::SparsifyScope::global);
}

TEST(Recipe, WhatMakesNoSenseIsAnError) {
  const auto error = [](const char* text, const char* message) {
    EXPECT_THAT([&] { parse_recipe(text); }, ThrowsMessage<Error>(HasSubstr(message)));
  };
  error("ptq", "expected 'train' as the first step");
  error("train > train", "only be the first");
  error("train > ptq > finetune", "'ptq' can only be the last step");
  error("train > qat > prune", "'prune' after 'qat' would undo it");
  error("train > qat > ptq", "'ptq' after 'qat'");
  error("train > prun", "unknown step 'prun', did you mean 'prune'?");
  error("train > ", "unknown step ''");
  error("train > prune(ratio=1)", "ratio is '1', expected a number, 0 to 0.99");
  error("train > prune(rate=1)", "'prune' has no parameter 'rate' (known: ratio, importance");
  error("train > prune(ratio)", "expected NAME=VALUE");
  error("train > prune(importance=l3)", "expected l1 or l2 or batch_norm or taylor or wanda");
  error("train > prune(scope=all)", "expected uniform or global or macs");
  error("train > prune(keep=conv1)", "keep has 'conv1', expected LAYER:NUMBER");
  error("train > prune(keep=conv1:0)", "keep has 'conv1:0'");
  error("train > prune(keep=conv1:4, ratio=0.5)", "keep or ratio, not both");
  error("train > prune(faults=true)", "unless importance is taylor or wanda");
  error("train > prune(ratio=0.5, rounds=2) > ptq", "rounds needs 'finetune'");
  error("train > prune(rounds=2) > finetune", "rounds needs a ratio");
  error("train > prune(ratio=0.5", "expected ')'");
  error("train > qat(epochs=2.5)", "whole number");
  error("train > qat(faults=maybe)", "expected false or true");
  error("train > ptq(weight_bits=conv1:9)",
        "weight_bits has 'conv1:9', expected LAYER:NUMBER, 2 to 8");
  error("train > qat(activation_bits=1)", "activation_bits is '1', expected a number, 2 to 8");
  error("train > ptq(weight_bits=9)", "weight_bits is '9', expected a number, 2 to 8");
  error("train > finetune(divergence=js)", "expected forward or reverse");
  error("train > qat(quantizer=dorefa)", "expected ema or lsq or pact");
  error("train > ptq(rounding=up)", "rounding is 'up', expected nearest or adaround or gptq");
  error("train > ptq(alpha=1.5)", "alpha is '1.5', expected a number, 0 to 1");
  error("train > ptq(smooth=0.5)", "smooth is '0.5', expected false or true");
  error("train > ptq(calibration=max)", "expected min_max or percentile or moving_average");
  error("train(ratio=0.5)", "'train' has no parameter 'ratio'");
  error("train(consistency=2)", "it needs faults=true");
  error("train(faults=true, consistency=-1)", "expected a number, 0 to 1000");
}

TEST(Variants, AreThoseAlwaysThereAndTheConfigurationsOwn) {
  const Variants variants({{"tiny", "train > prune > ptq"}}, {{"tiny", "pruned_int8"}});
  EXPECT_EQ(variants.at("tiny").counterpart, "pruned_int8");
  const std::vector<std::string> names = {"fp32", "pruned_int8", "tiny"};
  EXPECT_EQ(comparisons_of(variants, names).size(), 3);
  for (const std::string& name : variant_names()) EXPECT_EQ(variants.at(name).name, name);
}

TEST(Variants, TeachersAndNamesMustMakeSense) {
  const auto error = [](const std::map<std::string, std::string>& recipes, const char* message) {
    EXPECT_THAT([&] { Variants(recipes, {}); }, ThrowsMessage<Error>(HasSubstr(message)));
  };
  error({{"fp32", "train"}}, "'fp32' is a variant already");
  error({{"a", "train > finetune(teacher=fp23)"}}, "unknown variant 'fp23', did you mean 'fp32'?");
  error({{"a", "train > finetune(teacher=ptq_int8)"}}, "is an integer program");
  error({{"a", "train > finetune(teacher=fp32+ptq_int8)"}}, "'ptq_int8' is an integer program");
  error({{"a", "train > finetune(teacher=fp32+)"}}, "unknown variant ''");
  error({{"a", "train > finetune(teacher=b)"}, {"b", "train > finetune(teacher=a)"}},
        "is its own teacher");
  EXPECT_THAT(
      [] {
        Variants({}, {{"fp32", "fp64"}});
      },
      ThrowsMessage<Error>(HasSubstr("unknown variant 'fp64'")));
}

}  // namespace
}  // namespace edgeproof::experiment
