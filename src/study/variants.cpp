#include "study/variants.h"

#include <algorithm>
#include <array>

#include "core/error.h"
#include "core/text.h"

namespace edgeproof::study {
namespace {

const std::vector<Variant>& table() {
  using enum Training;
  constexpr auto fp32 = Deployment::fp32, int8 = Deployment::int8;
  static const std::vector<Variant> variants = {
      {"fp32", "FP32, trained on clean data: the reference", base, fp32, false, ""},
      {"ptq_int8", "fp32 quantized after training", base, int8, false, "fp32"},
      {"fp32_ft", "fp32 trained further as long as qat_int8", finetuned, fp32, true, "fp32"},
      {"ptq_int8_ft", "fp32_ft quantized after training", finetuned, int8, true, "fp32_ft"},
      {"qat_int8", "fp32 fine-tuned quantization-aware", qat, int8, false, "ptq_int8_ft"},
      {"pruned_fp32", "fp32 with channels removed, fine-tuned", pruned, fp32, true, "fp32_ft"},
      {"pruned_int8", "pruned_fp32 quantized after training", pruned, int8, false, "ptq_int8_ft"},
      {"fault_fp32", "fp32 fine-tuned on faulty data", fault_finetuned, fp32, true, "fp32_ft"},
      {"fault_ptq_int8", "fault_fp32 quantized after training", fault_finetuned, int8, true,
       "fault_fp32"},
      {"fault_qat_int8", "fp32 fine-tuned quantization-aware on faulty data", fault_qat, int8,
       false, "fault_ptq_int8"},
  };
  return variants;
}

}  // namespace

std::string training_name(Training training) {
  static constexpr std::array kNames = {"base",   "finetuned",       "qat",
                                        "pruned", "fault_finetuned", "fault_qat"};
  return kNames[static_cast<size_t>(training)];
}

bool trains_on_faults(Training training) {
  return training == Training::fault_finetuned || training == Training::fault_qat;
}

bool is_quantization_aware(Training training) {
  return training == Training::qat || training == Training::fault_qat;
}

std::span<const Variant> all_variants() {
  return table();
}

std::span<const std::string> variant_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Variant& v : table()) all.push_back(v.name);
    return all;
  }();
  return names;
}

const Variant& variant(const std::string& name) {
  for (const Variant& v : table()) {
    if (v.name == name) return v;
  }
  fail(ErrorCode::bad_config, "unknown variant '{}'{}", name, did_you_mean(name, variant_names()));
}

std::vector<std::pair<std::string, std::string>> comparisons_of(
    std::span<const std::string> variants) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& name : variants) {
    if (name != "fp32") pairs.emplace_back(name, "fp32");
  }
  for (const std::string& name : variants) {
    const std::string& counterpart = variant(name).counterpart;
    const bool present = std::find(variants.begin(), variants.end(), counterpart) != variants.end();
    if (present && counterpart != "fp32") pairs.emplace_back(name, counterpart);
  }
  return pairs;
}

std::vector<Training> trainings_for(std::span<const std::string> variants) {
  std::vector<Training> needed = {Training::base};
  for (const std::string& name : variants) needed.push_back(variant(name).training);
  std::sort(needed.begin(), needed.end());
  needed.erase(std::unique(needed.begin(), needed.end()), needed.end());
  return needed;
}

}  // namespace edgeproof::study
