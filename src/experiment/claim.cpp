// A recursive descent over
//
//   inequality = sum (">" | "<" | ">=" | "<=" | "≥" | "≤") sum
//   sum        = ["-"] term {("+" | "-") term}
//   term       = factor {"*" factor}, at most one of them a metric
//   factor     = number ["%"] | metric "(" argument {"," argument} ")"

#include "experiment/claim.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "core/error.h"
#include "core/text.h"

namespace edgeproof::experiment {
namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

class Parser {
 public:
  Parser(std::string_view text, const ClaimNames& names)
      : text_(text), rest_(trim(text)), names_(names) {}

  Inequality inequality() {
    Inequality result;
    result.left = sum();
    result.relation = relation();
    result.right = sum();
    if (!rest_.empty()) refuse("'{}' follows, expected '+', '-', '*' or the end", rest_);
    if (quantity_ == Quantity::number) {
      refuse("no metric in it, expected one or more of {}", join(metric_names(), ", "));
    }
    if (quantity_ == Quantity::share) {
      for (const Sum* side : {&result.left, &result.right}) expect_shares(*side);
    }
    result.quantity = quantity_;
    return result;
  }

 private:
  template <typename... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
    std::string line =
        fmt::format("'{}': {}", trim(text_), fmt::format(format, std::forward<Args>(args)...));
    std::ranges::replace_if(
        line, [](char c) { return std::iscntrl(static_cast<unsigned char>(c)) != 0; }, ' ');
    fail(ErrorCode::bad_config, "{}", line);
  }

  static std::vector<std::string> metric_names() {
    std::vector<std::string> names;
    for (const MetricInfo& metric : all_metrics()) names.emplace_back(metric.name);
    return names;
  }

  // Whether the rest begins with `token`, which is then cut off.
  bool take(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_ = trim(rest_.substr(token.size()));
    return true;
  }

  Relation relation() {
    if (take(">=") || take("≥")) return Relation::at_least;
    if (take("<=") || take("≤")) return Relation::at_most;
    if (take(">")) return Relation::greater;
    if (take("<")) return Relation::less;
    refuse("{}, expected one of >, <, >=, <=", found());
  }

  std::string found() const {
    return rest_.empty() ? "it ends too early" : fmt::format("found '{}'", rest_);
  }

  Sum sum() {
    Sum terms;
    double sign = take("-") ? -1 : 1;
    while (true) {
      terms.push_back(term());
      terms.back().factor *= sign;
      if (take("+")) {
        sign = 1;
      } else if (take("-")) {
        sign = -1;
      } else {
        return terms;
      }
    }
  }

  Term term() {
    Term product = factor();
    while (take("*")) {
      Term next = factor();
      if (product.call && next.call) refuse("two metrics multiplied, expected at most one");
      product.factor *= next.factor;
      if (next.call) product.call = std::move(next.call);
    }
    return product;
  }

  Term factor() {
    if (!rest_.empty() &&
        (std::isdigit(static_cast<unsigned char>(rest_.front())) != 0 || rest_.front() == '.')) {
      return {.factor = number(), .call = {}};
    }
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_word);
    const std::string name(rest_.begin(), end);
    if (name.empty()) refuse("{}, expected a number or a metric such as RA(fp32)", found());
    rest_ = trim(rest_.substr(name.size()));
    const auto metrics = all_metrics();
    const auto form = std::ranges::find(metrics, name, &MetricInfo::name);
    if (form == metrics.end()) {
      refuse("unknown metric '{}'{}", name, did_you_mean(name, metric_names()));
    }
    if (quantity_ != Quantity::number && quantity_ != form->quantity) {
      refuse("{} and {} cannot be compared", name_of(quantity_), name_of(form->quantity));
    }
    quantity_ = form->quantity;
    return {.factor = 1, .call = call(*form)};
  }

  double number() {
    std::size_t length = 0;
    while (length < rest_.size()) {
      const char c = rest_[length];
      const bool exponent_sign =
          (c == '-' || c == '+') && length > 0 && std::tolower(rest_[length - 1]) == 'e';
      if (!is_word(c) && c != '.' && !exponent_sign) break;
      ++length;
    }
    const std::string_view word = rest_.substr(0, length);
    const auto value = parse_number(word);
    if (!value || !std::isfinite(*value)) refuse("'{}' is no number", word);
    rest_ = trim(rest_.substr(length));
    return take("%") ? *value / 100 : *value;
  }

  // The arguments as texts: names of faults may have parentheses and commas of their own.
  std::vector<std::string> arguments(const MetricInfo& form) {
    if (!take("(")) refuse("{}, expected '(' after '{}'", found(), form.name);
    std::vector<std::string> words(1);
    for (int depth = 0; !rest_.empty(); rest_.remove_prefix(1)) {
      const char c = rest_.front();
      if (c == ')' && depth == 0) {
        rest_ = trim(rest_.substr(1));
        for (std::string& word : words) word = std::string(trim(word));
        return words;
      }
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (c == ',' && depth == 0) {
        words.emplace_back();
      } else {
        words.back() += c;
      }
    }
    refuse("it ends too early, expected ')' after the arguments of '{}'", form.name);
  }

  MetricCall call(const MetricInfo& form) {
    const std::vector<std::string> words = arguments(form);
    const bool faults = form.arguments == Arguments::fault;
    const bool pair = form.arguments == Arguments::baseline;
    const bool level = form.arguments == Arguments::severity;
    const std::size_t most = faults ? 3 : pair || level ? 2 : 1;
    if (words.size() > most || (pair && words.size() != 2) || words.front().empty()) {
      refuse("expected {}({})", form.name, usage_of(form.arguments));
    }
    MetricCall call{.metric = form.metric, .variant = variant(words[0])};
    if (pair) call.baseline = variant(words[1]);
    if (level && words.size() > 1) call.severity = severity(words[1]);
    if (faults && words.size() > 1) call.fault = fault(words[1]);
    if (faults && words.size() > 2) call.severity = severity(words[2]);
    if (call.metric == Metric::accuracy && call.fault.empty()) call.metric = Metric::clean;
    return call;
  }

  std::string variant(const std::string& name) const {
    if (std::ranges::find(names_.variants, name) != names_.variants.end()) return name;
    refuse("'{}' is no variant of the study{}", name, did_you_mean(name, names_.variants));
  }

  std::string fault(const std::string& name) const {
    if (std::ranges::find(names_.faults, name) != names_.faults.end()) return name;
    refuse("'{}' is no fault of the study{}", name, did_you_mean(name, names_.faults));
  }

  std::int64_t severity(const std::string& word) const {
    const auto value = parse_integer(word);
    const auto& all = names_.severities;
    if (value && std::ranges::find(all, *value) != all.end()) return *value;
    refuse("severity '{}' is not in the study, expected one of {}", word,
           fmt::format("{}", fmt::join(all, ", ")));
  }

  void expect_shares(const Sum& side) const {
    for (const Term& term : side) {
      if (term.call || std::abs(term.factor) <= 1) continue;
      refuse("{0} is compared with a share from 0 to 1, expected '{0} %'", std::abs(term.factor));
    }
  }

  std::string_view text_, rest_;
  const ClaimNames& names_;
  Quantity quantity_ = Quantity::number;
};

}  // namespace

bool holds(Relation relation, double difference) {
  switch (relation) {
    case Relation::greater:
      return difference > 0;
    case Relation::less:
      return difference < 0;
    case Relation::at_least:
      return difference >= 0;
    case Relation::at_most:
      return difference <= 0;
  }
  return false;
}

Inequality parse_inequality(std::string_view text, const ClaimNames& names) {
  return Parser(text, names).inequality();
}

}  // namespace edgeproof::experiment
