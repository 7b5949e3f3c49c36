// edgeproof compare BEFORE AFTER --format table|csv|json

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/format_option.h"
#include "cli/open_study.h"
#include "core/parallel.h"
#include "core/text.h"
#include "experiment/metric.h"
#include "results/compare.h"

namespace edgeproof::cli {
namespace {

struct Options {
  std::string before, after;
  results::Format format = results::Format::table;
};

}  // namespace

void add_compare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("compare", "What changed between two studies");
  command->add_option("BEFORE", options->before, "A study's folder, or its study.db")->required();
  command->add_option("AFTER", options->after, "Another one, of the same test windows")->required();
  add_format_option(*command, options->format);
  std::vector<std::string> metrics;
  for (const experiment::Metric metric : experiment::compared_metrics()) {
    metrics.emplace_back(experiment::info(metric).title);
  }
  command->footer(fmt::format(
      "Example:\n"
      "  edgeproof compare last-week today --format csv\n"
      "Of each variant in both: {}, with the paired difference's\n"
      "interval. Better and worse are significant after Holm's correction; all else is a tie.",
      join(metrics, ", ")));
  command->callback([options] {
    const store::Store before = open_study(options->before), after = open_study(options->after);
    fmt::print("{}", results::render(results::compare_studies(before, after, available_cores()),
                                     options->format));
  });
}

}  // namespace edgeproof::cli
