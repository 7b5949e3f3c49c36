#pragma once

// One function per subcommand: it declares its options on the parser and says what to run.

namespace CLI {
class App;
}

namespace edgeproof::cli {

void add_study(CLI::App& app);
void add_summary(CLI::App& app);
void add_report(CLI::App& app);
void add_faults(CLI::App& app);
void add_inject(CLI::App& app);
void add_data(CLI::App& app);
void add_inspect(CLI::App& app);
void add_compress(CLI::App& app);
void add_search(CLI::App& app);
void add_bench(CLI::App& app);
void add_export(CLI::App& app);
void add_evaluate(CLI::App& app);
void add_gate(CLI::App& app);
void add_compare(CLI::App& app);
void add_claims(CLI::App& app);
void add_completion(CLI::App& app);

// The whole program: parses, runs, and turns errors into one line and an exit code. 0: done; 1: our
// own fault, or a threshold of 'gate' that does not hold; 2: bad input or options; 130:
// interrupted.
int run(int argc, char** argv);

}  // namespace edgeproof::cli
