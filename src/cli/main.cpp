#include "cli/commands.h"

int main(int argc, char** argv) {
  return edgeproof::cli::run(argc, argv);
}
