#pragma once

// The variants a study can compare, and what each is made from: those that are always there, and
// those of the configuration's [recipes].
//
// Variants share what their recipes have in common: plain PTQ of a model is made from the very
// weights of that model.

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "experiment/recipe.h"

namespace edgeproof::experiment {

struct Variant {
  std::string name;
  std::string meaning;  // one line
  Recipe recipe;
  bool control = false;     // there to tell effects apart, not to be shipped
  std::string counterpart;  // the variant that it is compared with besides fp32; empty: none
};

// The names of those that are always there, in a table's order.
std::span<const std::string> variant_names();

class Variants {
 public:
  // `recipes`: name to text; `against`: name to counterpart. Error bad_config for a text that is no
  // recipe, a name used twice, a teacher or counterpart that is no variant, or a teacher that is
  // made with the model itself or from an integer program. `pretrained`: all start from a network
  // that has been trained already, as check_pretrained() wants it.
  Variants(const std::map<std::string, std::string>& recipes,
           const std::map<std::string, std::string>& against, bool pretrained = false);

  // Error bad_config, with a suggestion. Not of a temporary: the variant would go with it.
  const Variant& at(const std::string& name) const&;
  const Variant& at(const std::string& name) const&& = delete;

 private:
  void check_teachers(const Variant& variant, std::vector<std::string> pupils) const;

  std::vector<Variant> all_;
};

// What a table of these variants compares: each with fp32, and each with its counterpart if that is
// there.
std::vector<std::pair<std::string, std::string>> comparisons_of(const Variants& variants,
                                                                std::span<const std::string> names);

}  // namespace edgeproof::experiment
