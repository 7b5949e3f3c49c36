// edgeproof export MODEL.onnx --format c -o DIR. Test: export_c_test.sh.

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/export_c.h"
#include "core/error.h"
#include "core/files.h"

namespace edgeproof::cli {
namespace {

struct Options {
  std::string model, format, out;
  formats::CExportOptions c;
};

void run_command(const Options& options) {
  if (options.format != "c") {
    fail(ErrorCode::bad_config, "export: unknown format '{}', expected c", options.format);
  }
  export_c(formats::from_onnx(read_file(options.model), options.model), options.out, options.c);
}

}  // namespace

void add_export(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("export", "Write a model for a device");
  command->add_option("MODEL", options->model, "ONNX file")->required();
  command->add_option("--format", options->format, "c: a C99 module of an int8 model")->required();
  command->add_option("-o,--output", options->out, "Folder of the module")->required();
  command
      ->add_option("--units-per-count", options->c.units_per_count,
                   "c: physical units of a sensor's integer count, one for all channels or one "
                   "each: adds ep_push(), from raw samples to a label")
      ->delimiter(',');
  command->footer(
      "Example:\n"
      "  edgeproof export out/models/ptq_int8-seed1.onnx --format c -o firmware/model "
      "--units-per-count 0.00061");
  command->callback([options] { run_command(*options); });
}

}  // namespace edgeproof::cli
