// edgeproof report DIR [-o FILE.html]

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/open_study.h"
#include "core/files.h"
#include "core/parallel.h"
#include "report/from_study.h"
#include "report/page.h"
#include "report/report.h"
#include "results/summary.h"

namespace edgeproof::cli {
namespace {

struct Options {
  std::string study;
  std::string output = "report.html";
};

}  // namespace

void add_report(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "report", "Write a study's report again: one HTML file that opens offline");
  command->add_option("STUDY", options->study, "A study's folder, or its study.db")->required();
  command->add_option("-o,--output", options->output, "The file to write")->capture_default_str();
  command->footer(
      "Example:\n  edgeproof report har -o har.html\n"
      "Of a study that is running it shows what is there, and says what is missing.");
  command->callback([options] {
    const store::Store store = open_study(options->study);
    const results::Summary summary = results::summarize_unfinished(store, available_cores());
    write_file(options->output,
               report::render(report::from_folder(summary, store, study_folder(options->study))));
    if (!report::page_lacks().empty()) fmt::print(stderr, "{}\n", report::page_lacks());
    fmt::print("report: {}{}\n", options->output,
               summary.missing.empty() ? "" : " (the study is not finished)");
  });
}

}  // namespace edgeproof::cli
