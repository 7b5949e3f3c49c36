// inject FAULT SEVERITY RATE_HZ <signal.txt: one channel through a broken sensor.
//
//   inject 'drift + missing(p=0.1)' 3 50 <signal.txt
//
// Numbers come in, with white space between them, and go out one a line, those that the fault has
// changed with a star.

#include <edgeproof/error.h>
#include <edgeproof/faults.h>

#include <cstdio>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "inject FAULT SEVERITY RATE_HZ <signal.txt\n";
    for (const auto& fault : edgeproof::list_faults()) {
      std::cerr << "  " << fault.name << ": " << fault.summary << '\n';
    }
    return 2;
  }
  try {
    std::vector<float> samples{std::istream_iterator<float>(std::cin), {}};
    // What drift counts in: standard deviations of the clean signal.
    const auto sensors = edgeproof::fit_statistics(
        {.rate_hz = std::stod(argv[3]), .channels = {{.name = "x"}}}, samples);
    const auto marks = edgeproof::inject_marked(samples, edgeproof::Fault(argv[1]), sensors,
                                                {.severity = std::stoi(argv[2]), .seed = 1});
    for (std::size_t i = 0; i < samples.size(); ++i) {
      std::printf("%.9g%s\n", static_cast<double>(samples[i]), marks[i] != 0 ? " *" : "");
    }
  } catch (const edgeproof::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
