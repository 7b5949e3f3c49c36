#include "engine/models.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "compress/coded_weights.h"
#include "core/temp_folder.h"
#include "engine/plan.h"
#include "engine/runner.h"
#include "experiment/data.h"
#include "formats/onnx.h"

namespace edgeproof::engine {
namespace {

TEST(ModelsSlow, WeightsOfASparsifiedRecipeAreZeroInItsIntegers) {
  experiment::Config config;
  config.seeds = {1};
  config.window.hop = 512;
  config.train.epochs = 1;
  config.finetune.epochs = 1;
  config.recipes = {
      {"plain", "train > sparsify(ratio=0.8) > ptq"},
      {"tuned", "train > sparsify(ratio=0.8) > finetune > ptq(equalize=true)"},
      {"rounded", "train > sparsify(ratio=0.8) > finetune > ptq(rounding=gptq, weight_bits=4)"},
      {"aware", "train > sparsify(ratio=0.8, scope=uniform) > qat(quantizer=lsq, weight_bits=4)"},
      {"pruned", "train > prune > finetune > sparsify(ratio=0.8) > finetune > qat"}};
  config.variants.clear();
  for (const auto& [name, text] : config.recipes) config.variants.push_back(name);
  const signal::Dataset dataset = experiment::load_dataset(config, ".");
  const signal::Pipeline pipeline{config.imputation, signal::training_statistics(dataset)};
  const experiment::Materials materials{config, dataset, pipeline};
  const TempFolder folder;
  {
    store::Store store(folder / "study.db");
    check_models(materials);
    std::vector<store::Job> plan = plan_of(materials);
    std::erase_if(plan,
                  [](const store::Job& job) { return job.id.kind > store::JobKind::deployment; });
    store.set_plan(plan);
    run_plan(materials, store, 1);
    const ModelSource models{.trained =
                                 [&](const auto& name, auto seed) {
                                   return graph_of_training(store.trained(name, seed).onnx, name,
                                                            seed);
                                 },
                             .deployed = {}};
    const experiment::Variants variants = config.all_variants();
    for (const std::string& name : config.variants) {
      const store::DeployedModel model = store.deployed(name, 1);
      const auto int8 = formats::from_onnx(model.onnx, name).graph;
      const auto fp32 = fp32_counterpart(materials, models, variants.at(name), 1);
      EXPECT_EQ(model.coded_weight_bytes, compress::coded_weight_bytes(int8)) << name;
      EXPECT_LT(model.coded_weight_bytes, 0.9 * static_cast<double>(model.weight_bytes)) << name;
      ASSERT_EQ(int8.nodes.size(), fp32.nodes.size());
      std::size_t zeros = 0, count = 0;
      for (std::size_t n = 0; n < fp32.nodes.size(); ++n) {
        const auto* weights = graph::weights_of(fp32.nodes[n].op);
        if (weights == nullptr) continue;
        const auto& w = std::get<graph::FloatWeights>(*weights).values;
        const auto& q = std::get<graph::Int8Weights>(*graph::weights_of(int8.nodes[n].op)).values;
        for (std::size_t i = 0; i < w.size(); ++i) {
          zeros += w[i] == 0;
          if (w[i] == 0) {
            ASSERT_EQ(q[i], 0) << name;
          }
        }
        count += w.size();
      }
      // Uniformly, to the nearest weight in each of four layers.
      EXPECT_NEAR(static_cast<double>(zeros), 0.8 * static_cast<double>(count), 2) << name;
    }
  }
}

}  // namespace
}  // namespace edgeproof::engine
