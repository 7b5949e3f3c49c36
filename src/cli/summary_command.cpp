// edgeproof summary DIR --format table|csv|json

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/format_option.h"
#include "cli/open_study.h"
#include "core/parallel.h"
#include "results/summary.h"
#include "results/summary_text.h"

namespace edgeproof::cli {
namespace {

struct Options {
  std::string study;
  results::Format format = results::Format::table;
};

}  // namespace

void add_summary(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("summary", "The table of a study, for people or for scripts");
  command->add_option("STUDY", options->study, "A study's folder, or its study.db")->required();
  add_format_option(*command, options->format);
  command->footer(
      "Examples:\n"
      "  edgeproof summary har\n"
      "  edgeproof summary har --format json | jq '.[] | {variant, robust_accuracy}'");
  command->callback([options] {
    const store::Store store = open_study(options->study);
    fmt::print("{}",
               results::render(results::summarize(store, available_cores()), options->format));
  });
}

}  // namespace edgeproof::cli
