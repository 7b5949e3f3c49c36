#include "experiment/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "experiment/recipe_parameters.h"

namespace edgeproof::experiment {
namespace {

bool takes(StepKinds steps, StepKind step) {
  return std::ranges::find(steps, step) != steps.end();
}

// The parameters of a step, by name.
struct ParameterNames {
  StepKind kind;
  std::vector<std::string> names = {};

  template <typename T, typename... Values>
  void parameter(StepKinds steps, const char* name, const T& /*value*/, const Values&...) {
    if (takes(steps, kind)) names.emplace_back(name);
  }
};

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
    const std::size_t open = piece.find('(');
    const std::string name(trim(piece.substr(0, open)));
    const auto kind = kStepWords.value(name);
    if (!kind) fail("unknown step '{}'{}", name, did_you_mean(name, kStepWords.all()));
    RecipeStep step;
    step.kind = *kind;
    std::vector<std::string> settings;
    if (open != std::string_view::npos) {
      if (piece.back() != ')') fail("expected ')' at the end of '{}'", piece);
      for (const auto text : split(piece.substr(open + 1, piece.size() - open - 2), ',')) {
        settings.push_back(set(step, text));
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
    for (std::size_t i = 0; i < recipe.steps.size(); ++i) {
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

  // Sets one parameter of a step, and keeps its value in one way of writing.
  struct ParameterSetter {
    const Parser& parser;
    StepKind kind;
    const std::string& key;
    const std::string& word;
    std::string text = {};

    template <typename T, typename... Values>
    void parameter(StepKinds steps, std::string_view name, T& value, const Values&... allowed) {
      if (name == key && takes(steps, kind)) text = parser.assign(value, key, word, allowed...);
    }
  };

  // Gives the setting in one way of writing.
  std::string set(RecipeStep& step, std::string_view text) const {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) fail("'{}': expected NAME=VALUE", trim(text));
    const std::string key(trim(text.substr(0, equals)));
    const std::string word(trim(text.substr(equals + 1)));
    ParameterNames known{step.kind};
    visit(known, step);
    if (std::ranges::find(known.names, key) == known.names.end()) {
      fail("'{}' has no parameter '{}'{}", kStepWords.word(step.kind), key,
           did_you_mean(key, known.names));
    }
    ParameterSetter setter{*this, step.kind, key, word};
    visit(setter, step);
    return key + "=" + setter.text;
  }

  // assign(): the value that a parameter's word stands for; gives the word in one way of writing.
  std::string assign(bool& value, const std::string& key, const std::string& word) const {
    value = one_of(key, word, {"false", "true"}) == "true";
    return word;
  }

  template <typename Enum>
  std::string assign(Enum& value, const std::string& key, const std::string& word,
                     const std::vector<std::string>& words) const {
    value = static_cast<Enum>(std::ranges::find(words, one_of(key, word, words)) - words.begin());
    return word;
  }

  std::string assign(std::string& value, const std::string& key, const std::string& word,
                     const Allowed& allowed) const {
    value = one_of(key, word, allowed.words);
    return word;
  }

  std::string assign(double& value, const std::string& key, const std::string& word,
                     const Allowed& allowed) const {
    value = between(key, word, allowed.min, allowed.max);
    return fmt::format("{}", value);
  }

  std::string assign(int& value, const std::string& key, const std::string& word,
                     const Allowed& allowed) const {
    value = whole(key, word, static_cast<int>(allowed.min), static_cast<int>(allowed.max));
    return fmt::format("{}", value);
  }

  template <typename T>
  std::string assign(std::optional<T>& value, const std::string& key, const std::string& word,
                     const Allowed& allowed) const {
    return assign(value.emplace(), key, word, allowed);
  }

  std::string assign(std::vector<std::string>& teachers, const std::string& /*key*/,
                     const std::string& word) const {
    teachers.clear();
    for (const auto teacher : split(word, '+')) teachers.emplace_back(trim(teacher));
    return join(teachers, "+");
  }

  // "4 conv1:8 dense:8": for all layers and for some; or either alone.
  std::string assign(compress::WeightBits& bits, const std::string& key,
                     const std::string& word) const {
    std::vector<std::string> texts;
    for (const auto piece : split(word, ' ')) {
      if (piece.empty()) continue;
      if (piece.find(':') != std::string_view::npos) {
        const auto [layer, count] = layer_count(key, piece, 2, 8);
        bits.of_layer[layer] = count;
        texts.emplace_back(piece);
      } else {
        bits.all = whole(key, std::string(piece), 2, 8);
        texts.insert(texts.begin(), fmt::format("{}", bits.all));
      }
    }
    return join(texts, " ");
  }

  // "conv1:16 conv2:24".
  std::string assign(std::vector<compress::Keep>& keep, const std::string& key,
                     const std::string& word) const {
    std::vector<std::string> texts;
    for (const auto piece : split(word, ' ')) {
      if (piece.empty()) continue;
      const auto [layer, count] = layer_count(key, piece, 1, 1000000);
      keep.push_back({layer, count});
      texts.emplace_back(piece);
    }
    return join(texts, " ");
  }

  std::pair<std::string, int> layer_count(const std::string& key, std::string_view piece, int low,
                                          int high) const {
    const std::size_t colon = std::min(piece.find(':'), piece.size());
    const auto count = parse_integer(piece.substr(std::min(colon + 1, piece.size())));
    if (colon == 0 || !count || *count < low || *count > high) {
      fail("{} has '{}', expected LAYER:NUMBER, {} to {}", key, piece, low, high);
    }
    return {std::string(piece.substr(0, colon)), static_cast<int>(*count)};
  }

  int whole(const std::string& key, const std::string& word, int low, int high) const {
    const double value = between(key, word, low, high);
    if (value != std::floor(value)) fail("{} is '{}', expected a whole number", key, word);
    return static_cast<int>(value);
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
    for (std::size_t i = has_model_ ? 0 : 1; i < steps.size(); ++i) {
      const std::string_view name = kStepWords.word(steps[i].kind);
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
  std::size_t count = steps.size();
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
