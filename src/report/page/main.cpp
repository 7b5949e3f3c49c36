// Writes the example report to standard output.

#include <iostream>

#include "report/example_data_testing.h"
#include "report/report.h"

int main() {
  std::cout << edgeproof::report::render(edgeproof::report::example_data());
}
