// edgeproof claims STUDY… --check 'RA(qat_int8) >= RA(fp32)' --format table|markdown|csv|json

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>

#include "cli/commands.h"
#include "cli/open_study.h"
#include "core/error.h"
#include "core/parallel.h"
#include "experiment/config_file.h"
#include "experiment/metric.h"
#include "results/claims_text.h"
#include "results/compare.h"

namespace edgeproof::cli {
namespace {

enum class ClaimFormat { table, markdown, csv, json };

struct Options {
  std::vector<std::string> studies, checks;
  std::string file;
  ClaimFormat format = ClaimFormat::table;
};

// Those given, or else those of the study.
std::vector<experiment::Claim> claims_of(const Options& options, const experiment::Config& config,
                                         const std::string& name) {
  std::vector<experiment::Claim> claims;
  if (!options.file.empty()) claims = experiment::read_claims(options.file);
  for (const std::string& check : options.checks) claims.push_back({.check = check});
  if (claims.empty()) claims = config.claims;
  if (claims.empty()) {
    fail(ErrorCode::bad_config, "{}: has no [[claim]]; give --check or --file", name);
  }
  return claims;
}

results::StudyClaims judged(const Options& options, const std::string& path) {
  const store::Store store = open_study(path);
  const auto [config, predictions] = results::read_predicted(store);
  const auto claims = claims_of(options, config, path);
  try {
    return {config.title(), judge(claims, config, predictions, store, available_cores()),
            about_study(config, predictions, store.facts().value())};
  } catch (const Error& error) {
    fail(error.code(), "{}: {}", path, error.what());
  }
}

std::string render(const std::vector<results::StudyClaims>& studies, ClaimFormat format) {
  switch (format) {
    case ClaimFormat::markdown:
      return claims_markdown(studies);
    case ClaimFormat::csv:
      return claims_csv(studies);
    case ClaimFormat::json:
      return claims_json(studies);
    case ClaimFormat::table:
      break;
  }
  std::string text;
  for (const results::StudyClaims& study : studies) {
    if (studies.size() > 1) text += fmt::format("{}{}\n", text.empty() ? "" : "\n", study.study);
    text += claims_table(study.claims);
  }
  return text;
}

void run_command(const Options& options) {
  std::vector<results::StudyClaims> studies;
  for (const std::string& path : options.studies) studies.push_back(judged(options, path));
  fmt::print("{}", render(studies, options.format));
}

}  // namespace

void add_claims(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("claims", "Which claims the results of finished studies bear out");
  command->add_option("STUDY", options->studies, "Studies' folders, or their study.db")->required();
  command
      ->add_option("--check", options->checks,
                   "An inequality to check instead of the study's own; may be repeated")
      ->type_name("CHECK")
      ->allow_extra_args(false);
  command
      ->add_option("--file", options->file,
                   "A TOML file with [[claim]], such as another study's configuration")
      ->type_name("FILE.toml");
  const std::map<std::string, ClaimFormat> formats = {{"table", ClaimFormat::table},
                                                      {"markdown", ClaimFormat::markdown},
                                                      {"csv", ClaimFormat::csv},
                                                      {"json", ClaimFormat::json}};
  command->add_option("--format", options->format, "table, markdown, csv or json")
      ->transform(CLI::CheckedTransformer(formats))
      ->option_text("FORMAT");
  command->footer(fmt::format(
      "Examples:\n"
      "  edgeproof claims har --check 'RA(qat_int8) - RA(ptq_int8_ft) >= 2 %'\n"
      "  edgeproof claims har ecg cwru --format markdown    one table, a column for each study\n"
      "Metrics, with what they take:\n{}"
      "Accuracies are shares from 0 to 1, or in percent: 0.9 is 90 %.",
      experiment::metrics_help()));
  command->callback([options] { run_command(*options); });
}

}  // namespace edgeproof::cli
