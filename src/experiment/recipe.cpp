#include "experiment/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "compress/calibrate.h"
#include "core/error.h"
#include "core/text.h"
#include "graph/zoo.h"

namespace edgeproof::experiment {
namespace {

struct StepName {
  std::string name;
  std::vector<std::string> parameters;
};

const std::vector<StepName>& step_names() {
  static const std::vector<std::string> training = {"faults", "teacher",    "temperature",
                                                    "share",  "divergence", "epochs",
                                                    "rate",   "member",     "consistency"};
  static const std::vector<std::string> aware = [] {
    auto parameters = training;
    parameters.insert(parameters.end(),
                      {"weight_bits", "activation_bits", "quantizer", "calibration", "percentile"});
    return parameters;
  }();
  static const std::vector<std::string> first = [] {
    auto parameters = training;
    parameters.emplace_back("architecture");
    return parameters;
  }();
  static const std::vector<StepName> names = {
      {"train", first},
      {"finetune", training},
      {"qat", aware},
      {"prune", {"ratio", "importance", "scope", "keep", "faults", "rounds"}},
      {"sparsify", {"ratio", "scope"}},
      {"ptq",
       {"calibration", "percentile", "faults", "equalize", "smooth", "alpha", "rounding",
        "bias_correction", "weight_bits", "activation_bits", "weight_clip"}}};
  return names;
}

class Parser {
 public:
  Parser(std::string_view text, bool has_model) : text_(text), has_model_(has_model) {}

  Recipe recipe() const {
    Recipe recipe;
    for (const auto piece : split(text_, '>')) {
      std::string canonical;
      recipe.steps.push_back(step(trim(piece), canonical));
      recipe.texts.push_back(std::move(canonical));
    }
    expand_rounds(recipe);
    bool sparse = false;
    for (RecipeStep& step : recipe.steps) {
      step.keep_zeros = sparse;
      sparse |= step.kind == StepKind::sparsify;
    }
    check(recipe);
    return recipe;
  }

 private:
  template <typename... Args>
  [[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) const {
    edgeproof::fail(ErrorCode::bad_config, "recipe '{}': {}", trim(text_),
                    fmt::format(format, std::forward<Args>(args)...));
  }

  RecipeStep step(std::string_view piece, std::string& canonical) const {
    const size_t open = piece.find('(');
    const std::string name(trim(piece.substr(0, open)));
    std::vector<std::string> known;
    for (const StepName& step : step_names()) known.push_back(step.name);
    const auto found = std::ranges::find(known, name);
    if (found == known.end()) fail("unknown step '{}'{}", name, did_you_mean(name, known));
    const auto index = static_cast<size_t>(found - known.begin());
    RecipeStep step;
    step.kind = static_cast<StepKind>(index);
    std::vector<std::string> settings;
    if (open != std::string_view::npos) {
      if (piece.back() != ')') fail("expected ')' at the end of '{}'", piece);
      for (const auto text : split(piece.substr(open + 1, piece.size() - open - 2), ',')) {
        settings.push_back(set(step, step_names()[index], text));
      }
      std::ranges::sort(settings);
    }
    canonical = settings.empty() ? name : fmt::format("{}({})", name, join(settings, ", "));
    return step;
  }

  // A step's text with another ratio and without rounds.
  static std::string with_ratio(const std::string& text, double ratio) {
    std::vector<std::string> settings;
    for (const auto setting : split(std::string_view(text).substr(text.find('(')), ',')) {
      const std::string_view word =
          setting.substr(1, setting.size() - (setting.ends_with(')') ? 2 : 1));
      if (word.starts_with("rounds=")) continue;
      settings.push_back(word.starts_with("ratio=") ? fmt::format("ratio={}", ratio)
                                                    : std::string(word));
    }
    return fmt::format("prune({})", join(settings, ", "));
  }

  void expand_rounds(Recipe& recipe) const {
    Recipe expanded;
    for (size_t i = 0; i < recipe.steps.size(); ++i) {
      RecipeStep step = recipe.steps[i];
      if (step.rounds == 1) {
        expanded.steps.push_back(std::move(step));
        expanded.texts.push_back(recipe.texts[i]);
        continue;
      }
      if (i + 1 == recipe.steps.size() || recipe.steps[i + 1].kind != StepKind::finetune) {
        fail("rounds needs 'finetune' as the next step");
      }
      if (!step.ratio) fail("rounds needs a ratio");
      // To four digits, so that it can be read.
      step.ratio = std::round(1e4 * (1 - std::pow(1 - *step.ratio, 1.0 / step.rounds))) / 1e4;
      const int rounds = std::exchange(step.rounds, 1);
      for (int round = 0; round < rounds; ++round) {
        expanded.steps.insert(expanded.steps.end(), {step, recipe.steps[i + 1]});
        expanded.texts.insert(expanded.texts.end(),
                              {with_ratio(recipe.texts[i], *step.ratio), recipe.texts[i + 1]});
      }
      ++i;
    }
    recipe = std::move(expanded);
  }

  // Gives the setting in one way of writing.
  std::string set(RecipeStep& step, const StepName& names, std::string_view text) const {
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) fail("'{}': expected NAME=VALUE", trim(text));
    const std::string key(trim(text.substr(0, equals)));
    const std::string word(trim(text.substr(equals + 1)));
    if (std::ranges::find(names.parameters, key) == names.parameters.end()) {
      fail("'{}' has no parameter '{}'{}", names.name, key,
           names.parameters.empty() ? "" : did_you_mean(key, names.parameters));
    }
    if (key == "teacher") {
      step.teachers.clear();
      for (const auto teacher : split(word, '+')) step.teachers.emplace_back(trim(teacher));
      return key + "=" + join(step.teachers, "+");
    } else if (key == "architecture") {
      const auto known = graph::architectures();
      step.architecture = one_of(key, word, {known.begin(), known.end()});
    } else if (key == "faults") {
      step.faults = truth(key, word);
    } else if (key == "equalize") {
      step.equalize = truth(key, word);
    } else if (key == "smooth") {
      step.smooth = truth(key, word);
    } else if (key == "bias_correction") {
      step.bias_correction = truth(key, word);
    } else if (key == "calibration") {
      step.calibration = one_of(key, word, compress::calibration_names());
    } else if (key == "weight_clip") {
      step.weights.weight_clip =
          named<compress::WeightClip>(key, word, compress::weight_clip_names());
    } else if (key == "divergence") {
      step.divergence = named<train::Divergence>(key, word, train::divergence_names());
    } else if (key == "quantizer") {
      step.quantizer = named<train::Quantizer>(key, word, train::quantizer_names());
    } else if (key == "weight_bits") {
      return "weight_bits=" + weight_bits(step.weights.weight_bits, word);
    } else if (key == "importance") {
      step.importance = named<compress::Importance>(key, word, compress::importance_names());
    } else if (key == "scope" && step.kind == StepKind::sparsify) {
      step.sparsify_scope =
          named<compress::SparsifyScope>(key, word, compress::sparsify_scope_names());
    } else if (key == "scope") {
      step.prune_scope = named<compress::PruneScope>(key, word, compress::prune_scope_names());
    } else if (key == "keep") {
      return "keep=" + kept(step.keep, word);
    } else if (key == "rounding") {
      step.rounding = named<compress::WeightRounding>(key, word, compress::weight_rounding_names());
    } else {
      const double value = number(step, key, word);
      return fmt::format("{}={}", key, value);
    }
    return key + "=" + word;
  }

  // "4 conv1:8 dense:8": for all layers and for some; or either alone. Gives it in one way of
  // writing.
  std::string weight_bits(compress::WeightBits& bits, const std::string& word) const {
    std::vector<std::string> texts;
    for (const auto piece : split(word, ' ')) {
      if (piece.empty()) continue;
      if (piece.find(':') != std::string_view::npos) {
        const auto [layer, count] = layer_count("weight_bits", piece, 2, 8);
        bits.of_layer[layer] = count;
        texts.emplace_back(piece);
      } else {
        bits.all = whole("weight_bits", std::string(piece), 2, 8);
        texts.insert(texts.begin(), fmt::format("{}", bits.all));
      }
    }
    return join(texts, " ");
  }

  // "conv1:16 conv2:24".
  std::string kept(std::vector<compress::Keep>& keep, const std::string& word) const {
    std::vector<std::string> texts;
    for (const auto piece : split(word, ' ')) {
      if (piece.empty()) continue;
      const auto [layer, count] = layer_count("keep", piece, 1, 1000000);
      keep.push_back({layer, count});
      texts.emplace_back(piece);
    }
    return join(texts, " ");
  }

  std::pair<std::string, int> layer_count(const std::string& key, std::string_view piece, int low,
                                          int high) const {
    const size_t colon = std::min(piece.find(':'), piece.size());
    const auto count = parse_integer(piece.substr(std::min(colon + 1, piece.size())));
    if (colon == 0 || !count || *count < low || *count > high) {
      fail("{} has '{}', expected LAYER:NUMBER, {} to {}", key, piece, low, high);
    }
    return {std::string(piece.substr(0, colon)), static_cast<int>(*count)};
  }

  double number(RecipeStep& step, const std::string& key, const std::string& word) const {
    if (key == "temperature") return step.temperature = between(key, word, 0.1, 100);
    if (key == "share") return step.share = between(key, word, 0, 1);
    if (key == "rate") return *(step.rate = between(key, word, 1e-9, 10));
    if (key == "ratio") return *(step.ratio = between(key, word, 0, 0.99));
    if (key == "rounds") return step.rounds = whole(key, word, 1, 100);
    if (key == "percentile") return *(step.percentile = between(key, word, 50, 100));
    if (key == "alpha") return *(step.alpha = between(key, word, 0, 1));
    if (key == "activation_bits") return step.activation_bits = whole(key, word, 2, 8);
    if (key == "consistency") return step.consistency = between(key, word, 0, 1000);
    if (key == "member") return step.member = whole(key, word, 0, 999);
    return *(step.epochs = whole(key, word, 1, 100000));
  }

  // The enumerator at the word's place in the list.
  template <typename Enum>
  Enum named(const std::string& key, const std::string& word,
             const std::vector<std::string>& words) const {
    return static_cast<Enum>(std::ranges::find(words, one_of(key, word, words)) - words.begin());
  }

  int whole(const std::string& key, const std::string& word, int low, int high) const {
    const double value = between(key, word, low, high);
    if (value != std::floor(value)) fail("{} is '{}', expected a whole number", key, word);
    return static_cast<int>(value);
  }

  bool truth(const std::string& key, const std::string& word) const {
    return one_of(key, word, {"false", "true"}) == "true";
  }

  double between(const std::string& key, const std::string& word, double low, double high) const {
    const auto value = parse_number(word);
    if (!value || !(*value >= low && *value <= high)) {
      fail("{} is '{}', expected a number, {} to {}", key, word, low, high);
    }
    return *value;
  }

  std::string one_of(const std::string& key, const std::string& word,
                     const std::vector<std::string>& words) const {
    if (std::ranges::find(words, word) == words.end()) {
      fail("{} is '{}', expected {}", key, word, join(words, " or "));
    }
    return word;
  }

  void check_prune(const RecipeStep& step) const {
    if (!step.keep.empty() && step.ratio) fail("'prune' takes keep or ratio, not both");
    const bool by_data = step.importance == compress::Importance::taylor ||
                         step.importance == compress::Importance::wanda;
    if (step.faults && !by_data) {
      fail("'prune' looks at no windows, faulty or not, unless importance is taylor or wanda");
    }
  }

  void check(const Recipe& recipe) const {
    const auto& steps = recipe.steps;
    if (!has_model_ && steps.front().kind != StepKind::train) {
      fail("expected 'train' as the first step");
    }
    for (const RecipeStep& step : steps) {
      if (step.consistency > 0 && !step.faults) {
        fail("consistency compares faulty windows with clean ones: it needs faults=true");
      }
    }
    bool aware = false;
    for (size_t i = has_model_ ? 0 : 1; i < steps.size(); ++i) {
      const std::string& name = step_names()[static_cast<size_t>(steps[i].kind)].name;
      if (steps[i].kind == StepKind::train) {
        if (has_model_) fail("'train' would start anew; 'finetune' trains a model further");
        fail("'train' can only be the first step");
      }
      if (steps[i].kind == StepKind::ptq && i + 1 != steps.size()) {
        fail("'ptq' can only be the last step: nothing can be done to an integer program");
      }
      if (steps[i].kind == StepKind::prune) check_prune(steps[i]);
      if (aware && steps[i].kind != StepKind::qat) {
        fail("'{}' after 'qat' would undo it; 'qat' can only be followed by 'qat'", name);
      }
      aware |= steps[i].kind == StepKind::qat;
    }
  }

  std::string_view text_;
  bool has_model_;
};

}  // namespace

std::string Recipe::prefix(std::size_t count) const {
  return join(std::span(texts).first(count), " > ");
}

std::size_t Recipe::trained() const {
  size_t count = steps.size();
  while (count > 0 && !steps[count - 1].trains()) --count;
  return count;
}

bool Recipe::is_integer() const {
  return is_quantization_aware() || steps.back().kind == StepKind::ptq;
}

bool Recipe::is_simulated() const {
  return is_integer() && steps.back().activation_bits < 8;
}

bool Recipe::is_quantization_aware() const {
  return steps.back().kind == StepKind::qat;
}

Recipe parse_recipe(std::string_view text) {
  return Parser(text, false).recipe();
}

Recipe parse_recipe_for_model(std::string_view text) {
  return Parser(text, true).recipe();
}

void check_pretrained(const Recipe& recipe) {
  if (recipe.texts.front() == "train") return;
  fail(ErrorCode::bad_config,
       "recipe '{}': the network of 'onnx' in [model] is trained; expected 'train' without "
       "parameters, and 'finetune(...)' to train it further",
       recipe.text());
}

}  // namespace edgeproof::experiment
