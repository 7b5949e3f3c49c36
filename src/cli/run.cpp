#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/commands.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/text.h"
#include "edgeproof/version.h"

namespace edgeproof::cli {
namespace {

constexpr int kInternalError = 1, kBadInput = 2, kInterrupted = 130;

// CLI11 would only say that a command is missing.
void expect_known_command(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return;
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  if (std::find(names.begin(), names.end(), argv[1]) == names.end()) {
    fail(ErrorCode::bad_config, "unknown command '{}'{}", argv[1], did_you_mean(argv[1], names));
  }
}

}  // namespace

int run(int argc, char** argv) {
  CLI::App app(
      "edgeproof: makes sensor models small without making them fragile.\n"
      "Trains 1-D networks on sensor windows, compresses them, breaks the sensors on purpose, and\n"
      "reports what each integer model still gets right and what it costs.",
      "edgeproof");
  app.set_version_flag("--version", EDGEPROOF_VERSION);
  app.require_subcommand(1);
  app.footer("'edgeproof COMMAND --help' has each command's options and examples.");
  add_study(app);
  add_summary(app);
  add_report(app);
  add_faults(app);
  add_inject(app);
  add_data(app);
  add_inspect(app);
  add_compress(app);
  add_search(app);
  add_bench(app);
  add_evaluate(app);
  add_export(app);
  add_gate(app);
  add_compare(app);
  add_claims(app);
  add_completion(app);
  install_interrupt_handler();
  try {
    expect_known_command(app, argc, argv);
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::RuntimeError& error) {  // a command that has said why
    return error.get_exit_code();
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return app.exit(error);
    fmt::print(stderr, "edgeproof: {}; 'edgeproof --help' lists the commands and options\n",
               error.what());
    return kBadInput;
  } catch (const Error& error) {
    fmt::print(stderr, "edgeproof: {}\n", error.what());
    return error.code() == ErrorCode::interrupted ? kInterrupted : kBadInput;
  } catch (const std::exception& error) {
    fmt::print(stderr, "edgeproof: internal error: {}\n", error.what());
    return kInternalError;
  }
}

}  // namespace edgeproof::cli
