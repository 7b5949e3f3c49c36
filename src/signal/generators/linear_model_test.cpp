#include "signal/generators/linear_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "signal/generators/draws.h"

namespace edgeproof::signal {
namespace {

float dot(const std::vector<float>& a, const std::vector<float>& b) {
  float sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

void add(std::vector<float>& y, float factor, const std::vector<float>& x) {
  for (std::size_t i = 0; i < y.size(); ++i) y[i] += factor * x[i];
}

// Weights w that minimize |A w - target|^2, A's rows being windows.
std::vector<float> fit(const WindowTable& table, int label, int steps) {
  std::vector<float> w(table.rows[0].size(), 0), residual(w.size(), 0);
  for (std::size_t n = 0; n < table.rows.size(); ++n) {
    if (table.labels[n] == label) add(residual, 1, table.rows[n]);
  }
  std::vector<float> direction = residual;
  float error = dot(residual, residual);
  for (int step = 0; step < steps; ++step) {
    std::vector<float> image(w.size(), 0);
    for (const auto& row : table.rows) add(image, dot(row, direction), row);
    const float length = error / dot(direction, image);
    add(w, length, direction);
    add(residual, -length, image);
    const float next = dot(residual, residual);
    for (std::size_t i = 0; i < w.size(); ++i)
      direction[i] = residual[i] + next / error * direction[i];
    error = next;
  }
  return w;
}

double accuracy(const WindowTable& table, const std::vector<std::vector<float>>& weights) {
  int right = 0;
  for (std::size_t n = 0; n < table.rows.size(); ++n) {
    std::vector<float> scores;
    for (const auto& w : weights) scores.push_back(dot(table.rows[n], w));
    const auto best = std::max_element(scores.begin(), scores.end()) - scores.begin();
    right += best == table.labels[n] ? 1 : 0;
  }
  return static_cast<double>(right) / static_cast<double>(table.rows.size());
}

}  // namespace

WindowTable cut(const RecordingSet& set, int length, int hop, int first_group, int end_group) {
  const int channels = static_cast<int>(set.channels.size());
  WindowTable table;
  for (const Recording& recording : set.recordings) {
    if (recording.group < first_group || recording.group >= end_group) continue;
    for (int start = 0; start + length <= recording.length(); start += hop) {
      const auto labels = recording.labels.begin() + start;
      if (*labels < 0 ||
          !std::all_of(labels, labels + length, [&](int l) { return l == *labels; })) {
        continue;
      }
      const auto from = recording.samples.begin() + start * channels;
      table.rows.emplace_back(from, from + length * channels);
      table.rows.back().push_back(1);
      table.labels.push_back(*labels);
    }
  }
  return table;
}

LinearScore linear_accuracy(WindowTable train, WindowTable test, int channels, int classes,
                            int steps) {
  const std::size_t width = train.rows.at(0).size() - 1;
  for (int c = 0; c < channels; ++c) {
    double count = 0, sum = 0, squares = 0;
    for (const auto& row : train.rows) {
      for (std::size_t i = c; i < width; i += channels) {
        count += 1;
        sum += row[i];
        squares += static_cast<double>(row[i]) * row[i];
      }
    }
    const double mean = sum / count, sd = std::sqrt(squares / count - mean * mean);
    for (WindowTable* table : {&train, &test}) {
      for (auto& row : table->rows) {
        for (std::size_t i = c; i < width; i += channels)
          row[i] = static_cast<float>((row[i] - mean) / sd);
      }
    }
  }
  std::vector<std::vector<float>> weights;
  for (int label = 0; label < classes; ++label) weights.push_back(fit(train, label, steps));
  return {accuracy(train, weights), accuracy(test, weights)};
}

namespace {

// A ramp that leans one way or the other is linear, the sign of a random sinusoid is not.
TEST(LinearModel, FindsWhatIsLinearAndOnlyThat) {
  const auto make = [](bool linear) {
    RecordingSet set;
    set.channels = {{"x", "", 0}};
    Draws draws(1, "toy");
    for (int i = 0; i < 600; ++i) {
      Recording recording;
      recording.group = i % 2;
      const int label = i / 2 % 2;
      const double slope = label == 0 ? 0.1 : -0.1, phase = draws.uniform(0, 6.2831853);
      for (int t = 0; t < 20; ++t) {
        const double x = linear ? slope * (t - 10) : std::sin((label + 1) * 0.5 * t + phase);
        recording.samples.push_back(static_cast<float>(x + draws.normal(0, 0.3)));
        recording.labels.push_back(label);
      }
      set.recordings.push_back(recording);
    }
    return linear_accuracy(cut(set, 20, 20, 0, 1), cut(set, 20, 20, 1, 2), 1, 2, 10);
  };
  EXPECT_GT(make(true).test, 0.95);
  EXPECT_NEAR(make(false).test, 0.5, 0.12);
}

}  // namespace
}  // namespace edgeproof::signal
