#pragma once

// The variants a study can compare, and what each is made from.
//
// A variant is a trained FP32 graph (a Training), deployed as it is or as int8. Several variants
// share a training: plain PTQ of a model is made from the very weights of that model.

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace edgeproof::study {

enum class Training {
  base,             // from random weights, clean data
  finetuned,        // control arm: base, trained further on the same clean data
  qat,              // base, quantization-aware
  pruned,           // base with channels removed, then trained further
  fault_finetuned,  // control arm: base, trained further on faulty data
  fault_qat,        // base, quantization-aware on faulty data
};

// Its name in the store and in messages: "base", "qat", …
std::string training_name(Training training);
bool trains_on_faults(Training training);
bool is_quantization_aware(Training training);

enum class Deployment { fp32, int8 };

struct Variant {
  std::string name;
  std::string meaning;  // one line
  Training training;
  Deployment deployment;
  bool control;             // there to tell effects apart, not to be shipped
  std::string counterpart;  // the variant that differs from it in one thing alone
};

std::span<const Variant> all_variants();
std::span<const std::string> variant_names();
const Variant& variant(const std::string& name);  // Error bad_config, with a suggestion

// What a table of these variants compares: each with fp32, and each with its counterpart if that is
// there.
std::vector<std::pair<std::string, std::string>> comparisons_of(
    std::span<const std::string> variants);

// What must be trained for these variants, base first, each once.
std::vector<Training> trainings_for(std::span<const std::string> variants);

}  // namespace edgeproof::study
