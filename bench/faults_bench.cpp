// Samples a second that each fault makes at severity 4, on one core, in 4 MiB of floats: beside
// memcpy of the same bytes and beside LibTorch's version of the same operation where there is a
// plain one. bench/README.md says how to run it.

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <torch/torch.h>

#include <chrono>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <set>

#include "faults/injector.h"
#include "faults/training.h"

namespace edgeproof::faults {
namespace {

using torch::Tensor;

constexpr std::int64_t kBytes = 4 << 20;
constexpr int kSeverity = 4;
constexpr int kFewChannels = 1, kManyChannels = 9;
// Samples a second: of faults in which a sample depends on itself alone, and of any fault.
constexpr double kAim = 400e6, kLeast = 50e6;
const std::set<std::string> kElementwise = {"gaussian",   "impulse", "drift", "missing",
                                            "bias",       "gain",    "hum",   "adc",
                                            "saturation", "dropout"};

// A data set of so many channels, at 50 samples a second, and a recording of it.
struct Bench {
  explicit Bench(int count) : mean(count, 0.5F), sd(count, 1.5F) {
    for (int c = 0; c < count; ++c) channels.push_back({fmt::format("c{}", c), "g", c});
    for (int c = 0; c + 2 < count; c += 3) triads.push_back({c, c + 1, c + 2});
    length = kBytes / static_cast<std::int64_t>(sizeof(float)) / count;
    const CounterRng rng(1, "signal");
    for (std::int64_t i = 0; i < length * count; ++i) {
      clean.push_back(static_cast<float>(0.5 + 1.5 * rng.normal(static_cast<std::uint32_t>(i))));
    }
    samples = clean;
  }
  Context context() const { return {50, channels, triads, mean, sd, 42}; }

  std::vector<signal::Channel> channels;
  std::vector<std::array<int, 3>> triads;
  std::vector<float> mean, sd, clean, samples;
  std::int64_t length = 0;
};

// Times `action` alone, on clean samples each time.
template <typename Action>
void measure(benchmark::State& state, Bench& bench, const Action& action) {
  for (auto _ : state) {
    std::memcpy(bench.samples.data(), bench.clean.data(), bench.clean.size() * sizeof(float));
    const auto begin = std::chrono::steady_clock::now();
    action();
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
    benchmark::ClobberMemory();
    state.SetIterationTime(time.count());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(bench.clean.size()));
}

void copy(benchmark::State& state, int channels) {
  Bench bench(channels);
  measure(state, bench, [&] {
    std::memcpy(bench.samples.data(), bench.clean.data(), bench.clean.size() * sizeof(float));
  });
}

void fault(benchmark::State& state, const Fault& fault, int channels) {
  Bench bench(channels);
  const Context context = bench.context();
  const auto all = steps(fault, kSeverity, context);
  measure(state, bench, [&] { inject(all, context, {bench.samples, 0}); });
}

// What fault-aware training does in an epoch on UCI HAR: every window a recording with a fault and
// severity of its own.
void training_epoch(benchmark::State& state) {
  constexpr int kWindows = 7352, kSamples = 128 * kManyChannels;
  const auto suite = all_faults();
  const TrainingSampler sampler({suite.begin(), suite.end()}, Sampling::uniform, 10, 1);
  Bench bench(kManyChannels);
  std::uint32_t epoch = 0;
  for (auto _ : state) {
    ++epoch;
    for (std::uint32_t w = 0; w < kWindows; ++w) {
      const TrainingFault draw = sampler.draw(epoch, w);
      Context context = bench.context();
      context.seed = draw.seed;
      std::memcpy(bench.samples.data(), bench.clean.data(), kSamples * sizeof(float));
      inject(sampler.faults()[draw.fault], draw.severity, context,
             {std::span(bench.samples).first(kSamples), w});
    }
  }
  state.SetItemsProcessed(state.iterations() * std::int64_t{kWindows} * kSamples);
}

// x: [length, channels]; row: what a channel has, [channels]; k: the parameter. In place.
using TorchFault = std::function<void(Tensor x, Tensor row, double k)>;

// x at the times t, linear, the ends held.
void resample(Tensor x, Tensor t) {
  t.clamp_(0, static_cast<double>(x.size(0) - 1));
  const Tensor whole = t.floor(), share = (t - whole).to(torch::kFloat32).unsqueeze(1);
  const Tensor before = whole.to(torch::kLong), after = (before + 1).clamp_max_(x.size(0) - 1);
  x.copy_(torch::lerp(x.index_select(0, before), x.index_select(0, after), share));
}

Tensor times(const Tensor& x) {
  return torch::arange(x.size(0), torch::kFloat64);
}

const std::map<std::string, TorchFault>& torch_faults() {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  static const std::map<std::string, TorchFault> faults = {
      {"gaussian",
       [](Tensor x, Tensor row, double k) { x.addcmul_(torch::randn_like(x), row, k); }},
      {"impulse",
       [](Tensor x, Tensor row, double k) {
         const Tensor a = torch::rand_like(x).mul_(10).sub_(5);  // the sign, and the size less 3
         x.add_(torch::where(torch::rand_like(x) < k, (a + 3 * a.sign()) * row, 0));
       }},
      {"drift", [](Tensor x, Tensor row,
                   double k) { x.addcmul_(torch::linspace(0, k, x.size(0)).unsqueeze(1), row); }},
      {"missing",
       [](Tensor x, Tensor, double k) { x.masked_fill_(torch::rand_like(x) < k, kNan); }},
      {"bias", [](Tensor x, Tensor row, double k) { x.add_(row, k); }},
      {"drift_walk",
       [](Tensor x, Tensor row, double k) {
         const double scale = k / std::sqrt(static_cast<double>(x.size(0)));
         x.addcmul_(torch::randn_like(x).cumsum_(0), row, scale);
       }},
      {"gain", [](Tensor x, Tensor row, double k) { x.mul_(row / row * (1 + k)); }},
      {"hum",
       [](Tensor x, Tensor row, double k) {
         x.addcmul_((times(x) * 6.3 + 1).sin_().to(torch::kFloat32).unsqueeze(1), row, k);
       }},
      {"saturation",
       [](Tensor x, Tensor row, double k) { x.clamp_(0.5 - k * row, 0.5 + k * row); }},
      {"adc",
       [](Tensor x, Tensor row, double k) {
         const Tensor step = 8 * row / std::exp2(k), low = 0.5 - 4 * row;
         x.sub_(low).div_(step).floor_().clamp_(0, std::exp2(k) - 1).add_(0.5).mul_(step).add_(low);
       }},
      {"stuck",
       [](Tensor x, Tensor, double k) {
         for (std::int64_t c = 0; c < x.size(1); ++c) {
           const Tensor held = x.select(1, c).slice(
               0, 100, 100 + static_cast<std::int64_t>(k * static_cast<double>(x.size(0))));
           held.fill_(held[0].item<float>());
         }
       }},
      {"dropout",
       [](Tensor x, Tensor, double k) {
         const auto lost = static_cast<std::int64_t>(k * static_cast<double>(x.size(1)) + 0.5);
         for (std::int64_t c = 0; c < lost; ++c) x.select(1, c).fill_(kNan);
       }},
      {"jitter",
       [](Tensor x, Tensor, double k) {
         resample(x, times(x).add_(torch::randn({x.size(0)}, torch::kFloat64), k));
       }},
      {"clock_skew",
       [](Tensor x, Tensor, double k) {
         const double middle = static_cast<double>(x.size(0) - 1) / 2;
         resample(x, times(x).sub_(middle).mul_(1 + k).add_(middle));
       }},
      {"rotation",
       [](Tensor x, Tensor, double) {
         const Tensor turn =
             std::get<0>(torch::linalg_qr(torch::randn({3, 3})));  // as good as any here
         x.copy_(x.reshape({-1, 3}).matmul(turn).reshape(x.sizes()));
       }},
      {"crosstalk",
       [](Tensor x, Tensor row, double k) { x.add_((x.roll(1, 1) - 0.5).div_(row).mul_(row), k); }},
  };
  return faults;
}

void torch_fault(benchmark::State& state, const TorchFault& fault, double value, int channels) {
  Bench bench(channels);
  const Tensor x = torch::from_blob(bench.samples.data(), {bench.length, channels});
  const Tensor row = torch::from_blob(bench.sd.data(), {channels});
  const torch::NoGradGuard no_gradients;
  measure(state, bench, [&] { fault(x, row, value); });
}

// Prints as the console does, and keeps the best of the repetitions: what else runs only slows.
class Reporter : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      const auto found = run.counters.find("items_per_second");
      if (run.run_type != Run::RT_Iteration || found == run.counters.end()) continue;
      double& best = best_[run.run_name.function_name];
      best = std::max(best, static_cast<double>(found->second));
    }
    ConsoleReporter::ReportRuns(runs);
  }

  void print_table() const {
    fmt::print("\nMillions of samples a second, {} and {} channels\n\n", kFewChannels,
               kManyChannels);
    fmt::print("| | {0} | {1} | LibTorch {0} | LibTorch {1} | aim |\n|---|---|---|---|---|---|\n",
               kFewChannels, kManyChannels);
    row("memcpy", "");
    for (const Fault& fault : all_faults()) {
      const double least = std::min(rate("edgeproof", fault.name, kFewChannels),
                                    rate("edgeproof", fault.name, kManyChannels));
      const double aim = kElementwise.contains(fault.name) ? kAim : kLeast;
      row(fault.name, fmt::format("{:.0f}: {}", aim / 1e6, least < aim ? "missed" : "met"));
    }
  }

 private:
  double rate(const std::string& by, const std::string& what, int channels) const {
    const auto found = best_.find(fmt::format("{}/{}/{}", by, what, channels));
    return found == best_.end() ? std::numeric_limits<double>::infinity() : found->second;
  }
  void row(const std::string& what, const std::string& aim) const {
    const auto cell = [&](const char* by, int channels) {
      const double found = rate(by, what, channels);
      return std::isinf(found) ? "-" : fmt::format("{:.0f}", found / 1e6);
    };
    fmt::print("| {} | {} | {} | {} | {} | {} |\n", what, cell("edgeproof", kFewChannels),
               cell("edgeproof", kManyChannels), cell("LibTorch", kFewChannels),
               cell("LibTorch", kManyChannels), aim);
  }

  std::map<std::string, double> best_;
};

void add(const std::string& name, const std::function<void(benchmark::State&)>& run) {
  benchmark::RegisterBenchmark(name.c_str(), run)->UseManualTime()->Unit(benchmark::kMillisecond);
}

void add_all() {
  benchmark::RegisterBenchmark("edgeproof/training_epoch", training_epoch)
      ->Unit(benchmark::kMillisecond);
  for (const int channels : {kFewChannels, kManyChannels}) {
    add(fmt::format("edgeproof/memcpy/{}", channels),
        [=](benchmark::State& state) { copy(state, channels); });
    const Bench bench(channels);
    for (const Fault& f : all_faults()) {
      if (not_applicable(f, bench.context())) continue;
      add(fmt::format("edgeproof/{}/{}", f.name, channels),
          [=](benchmark::State& state) { fault(state, f, channels); });
      const auto found = torch_faults().find(f.name);
      if (found == torch_faults().end()) continue;
      add(fmt::format("LibTorch/{}/{}", f.name, channels),
          [=, value = f.parts[0].values[kSeverity - 1]](benchmark::State& state) {
            torch_fault(state, found->second, value, channels);
          });
    }
  }
}

}  // namespace
}  // namespace edgeproof::faults

int main(int count, char** arguments) {
  benchmark::Initialize(&count, arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 2;
  at::set_num_threads(1);
  edgeproof::faults::add_all();
  edgeproof::faults::Reporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  reporter.print_table();
  return 0;
}
