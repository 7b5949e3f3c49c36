// Test: recipe_test.cpp.

#include "experiment/variants.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace edgeproof::experiment {
namespace {

struct Row {
  const char* name;
  const char* meaning;
  const char* recipe;
  bool control;
  const char* counterpart;
};

constexpr Row kRows[] = {
    {"fp32", "FP32, trained on clean data: the reference", "train", false, ""},
    {"ptq_int8", "fp32 quantized after training", "train > ptq", false, "fp32"},
    {"fp32_ft", "fp32 trained further as long as qat_int8", "train > finetune", true, "fp32"},
    {"ptq_int8_ft", "fp32_ft quantized after training", "train > finetune > ptq", true, "fp32_ft"},
    {"qat_int8", "fp32 fine-tuned quantization-aware", "train > qat", false, "ptq_int8_ft"},
    {"pruned_fp32", "fp32 with channels removed, fine-tuned", "train > prune > finetune", true,
     "fp32_ft"},
    {"pruned_int8", "pruned_fp32 quantized after training", "train > prune > finetune > ptq", false,
     "ptq_int8_ft"},
    {"fault_fp32", "fp32 fine-tuned on faulty data", "train > finetune(faults=true)", true,
     "fp32_ft"},
    {"fault_ptq_int8", "fault_fp32 quantized after training", "train > finetune(faults=true) > ptq",
     true, "fault_fp32"},
    {"fault_qat_int8", "fp32 fine-tuned quantization-aware on faulty data",
     "train > qat(faults=true)", false, "fault_ptq_int8"},
};

}  // namespace

std::span<const std::string> variant_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Row& row : kRows) all.emplace_back(row.name);
    return all;
  }();
  return names;
}

Variants::Variants(const std::map<std::string, std::string>& recipes,
                   const std::map<std::string, std::string>& against, bool pretrained) {
  for (const Row& row : kRows) {
    all_.push_back({row.name, row.meaning, parse_recipe(row.recipe), row.control, row.counterpart});
  }
  if (pretrained) all_.front().meaning = "the FP32 network of [model] onnx: the reference";
  for (const auto& [name, text] : recipes) {
    if (std::ranges::find(all_, name, &Variant::name) != all_.end()) {
      fail(ErrorCode::bad_config, "[recipes]: '{}' is a variant already; choose another name",
           name);
    }
    Recipe recipe = parse_recipe(text);
    if (pretrained) check_pretrained(recipe);
    const std::string meaning = recipe.text();
    all_.push_back({name, meaning, std::move(recipe), false, ""});
  }
  for (const auto& [name, counterpart] : against) {
    (void)at(counterpart);
    std::ranges::find(all_, at(name).name, &Variant::name)->counterpart = counterpart;
  }
  for (const Variant& variant : all_) check_teachers(variant, {});
}

void Variants::check_teachers(const Variant& variant, std::vector<std::string> pupils) const {
  if (std::ranges::find(pupils, variant.name) != pupils.end()) {
    fail(ErrorCode::bad_config, "variant '{}' is its own teacher", variant.name);
  }
  pupils.push_back(variant.name);
  for (const RecipeStep& step : variant.recipe.steps) {
    for (const std::string& name : step.teachers) {
      const Variant& teacher = at(name);
      if (teacher.recipe.is_integer()) {
        fail(ErrorCode::bad_config,
             "variant '{}': teacher '{}' is an integer program, expected FP32", variant.name, name);
      }
      check_teachers(teacher, pupils);
    }
  }
}

const Variant& Variants::at(const std::string& name) const& {
  std::vector<std::string> names;
  for (const Variant& variant : all_) {
    if (variant.name == name) return variant;
    names.push_back(variant.name);
  }
  fail(ErrorCode::bad_config, "unknown variant '{}'{}", name, did_you_mean(name, names));
}

std::vector<std::pair<std::string, std::string>> comparisons_of(
    const Variants& variants, std::span<const std::string> names) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& name : names) {
    if (name != "fp32") pairs.emplace_back(name, "fp32");
  }
  for (const std::string& name : names) {
    const std::string& counterpart = variants.at(name).counterpart;
    const bool present = std::ranges::find(names, counterpart) != names.end();
    if (present && counterpart != "fp32") pairs.emplace_back(name, counterpart);
  }
  return pairs;
}

}  // namespace edgeproof::experiment
