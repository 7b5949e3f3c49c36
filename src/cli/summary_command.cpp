// edgeproof summary DIR --format table|csv|json

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/format_option.h"
#include "cli/open_study.h"
#include "core/error.h"
#include "core/parallel.h"
#include "results/recommendation_text.h"
#include "results/summary.h"
#include "results/summary_text.h"

namespace edgeproof::cli {
namespace {

struct Options {
  std::string study;
  results::Format format = results::Format::table;
  bool recommend = false;
};

void run_command(const Options& options) {
  const store::Store store = open_study(options.study);
  const results::Summary summary = results::summarize(store, available_cores());
  if (!options.recommend) {
    fmt::print("{}", results::render(summary, options.format));
    return;
  }
  if (options.format == results::Format::csv) {
    fail(ErrorCode::bad_config, "--recommend is sentences or JSON: give --format table or json");
  }
  if (options.format == results::Format::json) {
    fmt::print("{}", results::recommendation_json(summary.recommendation, summary.split_findings));
    return;
  }
  for (const std::string& finding : summary.split_findings) fmt::print("Warning: {}.\n", finding);
  for (const std::string& line : results::recommendation_sentences(summary.recommendation)) {
    fmt::print("{}\n", line);
  }
}

}  // namespace

void add_summary(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("summary", "The table of a study, for people or for scripts");
  command->add_option("STUDY", options->study, "A study's folder, or its study.db")->required();
  add_format_option(*command, options->format);
  command->add_flag("--recommend", options->recommend,
                    "Print which variant to ship and why instead, as sentences or with --format "
                    "json");
  command->footer(
      "Examples:\n"
      "  edgeproof summary har\n"
      "  edgeproof summary har --recommend\n"
      "  edgeproof summary har --recommend --format json | jq -r .ship\n"
      "  edgeproof summary har --format json | jq '.[] | {variant, robust_accuracy}'");
  command->callback([options] { run_command(*options); });
}

}  // namespace edgeproof::cli
