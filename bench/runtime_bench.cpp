// runtime_bench [--avx2] [--models FOLDER]: R1, R2 and R3 in int8 and FP32, batch 1, one pinned
// thread, ours and the peers in turn within each round, so that what disturbs one disturbs all.
// Prints each one's median on quiet stretches, median and p99 over all rounds, how far its
// logits are from ours, and the fastest peer's quiet median over ours beside the aim. --models
// writes the models for ort_bench.py.

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>

#include "compress/reference_networks.h"
#include "core/files.h"
#include "core/random.h"
#include "formats/onnx.h"
#include "graph/cost.h"
#include "peer.h"
#include "runtime/workspace.h"
#include "targets/host_latency.h"

namespace edgeproof::bench {
namespace {

constexpr int kRounds = 300, kRunsPerRound = 20;

double quantile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

struct Contender {
  std::string name;
  RunNetwork run;
  std::vector<double> times_us = {};          // of every run
  std::vector<double> round_medians_us = {};  // of each round
  std::vector<float> logits = {};

  // The median on quiet stretches: of the tenth of the rounds that was disturbed least, the
  // slowest.
  double quiet_us() const { return quantile(round_medians_us, 0.1); }
};

void pin() {
  cpu_set_t here;
  CPU_ZERO(&here);
  CPU_SET(sched_getcpu(), &here);
  sched_setaffinity(0, sizeof here, &here);
}

std::vector<float> noise(std::size_t count) {
  const CounterRng rng(1, "bench");
  std::vector<float> values(count);
  for (std::uint32_t i = 0; i < count; ++i) values[i] = static_cast<float>(rng.normal(i));
  return values;
}

RunNetwork ours(const runtime::Plan& plan) {
  auto workspace = std::make_shared<runtime::Workspace>(plan, false);
  return [plan, workspace](std::span<const float> window, std::span<float> logits) {
    runtime::run(plan, *workspace, window, logits);
  };
}

void measure(std::vector<Contender>& contenders, std::span<const float> window) {
  using Clock = std::chrono::steady_clock;
  for (int round = -kRounds / 10; round < kRounds; ++round) {
    for (Contender& c : contenders) {
      c.run(window, c.logits);  // its code and weights back into the caches
      std::vector<double> times;
      for (int i = 0; i < kRunsPerRound; ++i) {
        const auto begin = Clock::now();
        c.run(window, c.logits);
        const std::chrono::duration<double, std::micro> time = Clock::now() - begin;
        times.push_back(time.count());
      }
      if (round < 0) continue;
      c.times_us.insert(c.times_us.end(), times.begin(), times.end());
      std::ranges::sort(times);
      c.round_medians_us.push_back(quantile(times, 0.5));
    }
  }
  for (Contender& c : contenders) {
    std::ranges::sort(c.times_us);
    std::ranges::sort(c.round_medians_us);
  }
}

double relative_distance(const std::vector<float>& a, const std::vector<float>& b) {
  double difference = 0, largest = 1e-30;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = std::max(difference, std::abs(double{a[i]} - b[i]));
    largest = std::max(largest, std::abs(double{a[i]}));
  }
  return difference / largest;
}

void compare(const std::string& name, bool int8, bool avx2, double aim) {
  const graph::Graph graph = compress::reference_network(name, int8);
  const runtime::Plan plan(graph, {.isa = avx2 ? "avx2" : ""});
  std::vector<Contender> contenders;
  contenders.push_back({"edgeproof " + plan.isa(), ours(plan)});
  contenders.push_back({"oneDNN", onednn_network(graph)});
  // XNNPACK cannot be told to keep to AVX2.
  if (!avx2) contenders.push_back({"XNNPACK", xnnpack_network(graph)});
  for (Contender& c : contenders) c.logits.resize(plan.output_size());
  measure(contenders, noise(plan.input_size()));

  const double mine = contenders.front().quiet_us();
  double fastest = INFINITY;
  for (const Contender& c : contenders) {
    fmt::print("| {} {} | {} | {:.2f} | {:.2f} | {:.2f} | {:.3f} |\n", name, int8 ? "int8" : "fp32",
               c.name, c.quiet_us(), quantile(c.times_us, 0.5), quantile(c.times_us, 0.99),
               relative_distance(contenders.front().logits, c.logits));
    if (&c != &contenders.front()) fastest = std::min(fastest, c.quiet_us());
  }
  const double ratio = fastest / mine;
  const double gmacs = static_cast<double>(graph::macs(graph)) / mine / 1000;
  const double peak = targets::measure_peak_gmacs(plan);
  fmt::print(
      "| | **fastest peer / ours: {:.2f}** (aim {:.1f}: {}); ours is {:.0f} % of this core's "
      "peak, {:.2f} us | | | | |\n",
      ratio, aim, ratio >= aim ? "met" : "missed", 100 * gmacs / peak,
      static_cast<double>(graph::macs(graph)) / peak / 1000);
  std::fflush(stdout);
}

void write_models(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  for (const std::string& name : compress::reference_networks()) {
    for (const bool int8 : {false, true}) {
      const graph::Graph graph = compress::reference_network(name, int8);
      write_file(folder / fmt::format("{}_{}.onnx", name, int8 ? "int8" : "fp32"),
                 formats::to_onnx({graph, {}}));
    }
  }
}

int run(int argc, char** argv) {
  bool avx2 = false;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--avx2") == 0) {
      avx2 = true;
    } else if (std::strcmp(argv[i], "--models") == 0 && i + 1 < argc) {
      write_models(argv[++i]);
      return 0;
    } else {
      fmt::print(stderr, "usage: runtime_bench [--avx2] [--models FOLDER]\n");
      return 2;
    }
  }
  if (avx2) limit_onednn_to_avx2();
  pin();
  const double aims[] = {2.3, 2.2, 3.5};
  fmt::print(
      "| network | runtime | quiet median us | median us | p99 us | logits differ by |\n"
      "|---|---|---|---|---|---|\n");
  for (const bool int8 : {true, false}) {
    for (std::size_t i = 0; i < 3; ++i) {
      compare(compress::reference_networks()[i], int8, avx2, avx2 ? 1.0 : int8 ? aims[i] : 1.3);
    }
  }
  return 0;
}

}  // namespace
}  // namespace edgeproof::bench

int main(int argc, char** argv) {
  if (getenv("OMP_NUM_THREADS") == nullptr) {  // OpenMP reads it before main() begins
    setenv("OMP_NUM_THREADS", "1", 1);
    execv("/proc/self/exe", argv);
  }
  return edgeproof::bench::run(argc, argv);
}
