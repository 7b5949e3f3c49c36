#include "study/variants.h"

#include <algorithm>
#include <array>

#include "core/error.h"
#include "core/text.h"

namespace edgeproof::study {
namespace {

const std::vector<Variant>& table() {
  using enum Training;
  static const std::vector<Variant> variants = {
      {"fp32", "FP32, trained on clean data: the reference", base, Deployment::fp32, false},
      {"ptq_int8", "fp32 quantized after training", base, Deployment::int8, false},
      {"fp32_ft", "fp32 trained further as long as qat_int8", finetuned, Deployment::fp32, true},
      {"ptq_int8_ft", "fp32_ft quantized after training", finetuned, Deployment::int8, true},
      {"qat_int8", "fp32 fine-tuned quantization-aware", qat, Deployment::int8, false},
      {"pruned_fp32", "fp32 with channels removed, fine-tuned", pruned, Deployment::fp32, true},
      {"pruned_int8", "pruned_fp32 quantized after training", pruned, Deployment::int8, false},
      {"fault_fp32", "fp32 fine-tuned on faulty data", fault_finetuned, Deployment::fp32, true},
      {"fault_ptq_int8", "fault_fp32 quantized after training", fault_finetuned, Deployment::int8,
       true},
      {"fault_qat_int8", "fp32 fine-tuned quantization-aware on faulty data", fault_qat,
       Deployment::int8, false},
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

std::vector<Training> trainings_for(std::span<const std::string> variants) {
  std::vector<Training> needed = {Training::base};
  for (const std::string& name : variants) needed.push_back(variant(name).training);
  std::sort(needed.begin(), needed.end());
  needed.erase(std::unique(needed.begin(), needed.end()), needed.end());
  return needed;
}

}  // namespace edgeproof::study
