#include "libtorch/channel_kernels.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"

namespace edgeproof::libtorch {
namespace {

std::vector<float> random_values(std::int64_t count, std::uint64_t seed) {
  const CounterRng rng(seed, "values");
  std::vector<float> values(static_cast<std::size_t>(count));
  for (std::uint32_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(rng.normal(i));
  return values;
}

// Channels that are less than, as many as and more than a vector, with and without a rest.
class ChannelKernels : public testing::TestWithParam<int> {
 protected:
  const Extent extent_{.windows = 3, .length = 13, .channels = GetParam()};
  const std::vector<float> x_ = random_values(extent_.rows() * extent_.channels, 1);
  const std::vector<float> scale_ = random_values(extent_.channels, 2);
  const std::vector<float> shift_ = random_values(extent_.channels, 3);
  const std::vector<float> centre_ = random_values(extent_.channels, 4);

  std::size_t at(std::int64_t window, std::int64_t position, std::int64_t channel,
                 std::int64_t length) const {
    return static_cast<std::size_t>((window * length + position) * extent_.channels + channel);
  }
  // One value at a time, in double precision.
  double value(std::size_t i) const {
    const std::size_t c = i % static_cast<std::size_t>(extent_.channels);
    return double{scale_[c]} * double{x_[i]} + double{shift_[c]};
  }
};

TEST_P(ChannelKernels, MomentsOfFarMeansKeepTheirDigits) {
  std::vector<float> far = x_;
  for (float& v : far) v += 1e4F;
  const Moments moments = channel_moments(far.data(), extent_);
  for (std::int64_t c = 0; c < extent_.channels; ++c) {
    double sum = 0, squares = 0;
    for (std::int64_t r = 0; r < extent_.rows(); ++r) sum += double{far[at(0, r, c, 0)]};
    const double mean = sum / static_cast<double>(extent_.rows());
    for (std::int64_t r = 0; r < extent_.rows(); ++r) {
      squares += std::pow(double{far[at(0, r, c, 0)]} - mean, 2);
    }
    EXPECT_NEAR(moments.mean[static_cast<std::size_t>(c)], mean, 1e-3);
    EXPECT_NEAR(moments.variance[static_cast<std::size_t>(c)],
                squares / static_cast<double>(extent_.rows()), 1e-4);
  }
}

// Forward and backward, pooled and not, with ReLU and without, against the definition.
TEST_P(ChannelKernels, StagesAreTheirDefinition) {
  for (const int pool : {1, 2, 3}) {
    for (const bool relu : {false, true}) {
      const ChannelStage stage{scale_.data(), shift_.data(), relu, pool};
      const std::int64_t outputs = extent_.length / pool;
      const std::int64_t size = extent_.windows * outputs * extent_.channels;
      std::vector<float> out(static_cast<std::size_t>(size)), dx(x_.size());
      std::vector<std::uint8_t> chosen(out.size());
      const std::vector<float> gradient = random_values(size, 5);
      stage_forward(x_.data(), extent_, stage, out.data(), chosen.data());
      const StageSums sums =
          stage_sums(x_.data(), extent_, stage, gradient.data(), chosen.data(), centre_.data());
      stage_backward(x_.data(), extent_, stage, gradient.data(), chosen.data(), scale_.data(),
                     shift_.data(), dx.data());
      std::vector<double> through(x_.size());  // the gradient of y
      for (std::int64_t w = 0; w < extent_.windows; ++w) {
        for (std::int64_t o = 0; o < outputs; ++o) {
          for (std::int64_t c = 0; c < extent_.channels; ++c) {
            std::size_t largest = at(w, o * pool, c, extent_.length);
            for (int j = 1; j < pool; ++j) {
              const std::size_t i = at(w, o * pool + j, c, extent_.length);
              if (value(i) > value(largest)) largest = i;
            }
            const std::size_t to = at(w, o, c, outputs);
            const double y = value(largest);
            EXPECT_NEAR(out[to], relu ? std::max(y, 0.0) : y, 1e-5);
            if (!relu || y > 0) through[largest] = double{gradient[to]};
          }
        }
      }
      for (std::size_t c = 0; c < scale_.size(); ++c) {
        double sum = 0, sum_x = 0;
        for (std::size_t i = c; i < x_.size(); i += scale_.size()) {
          sum += through[i];
          sum_x += through[i] * (double{x_[i]} - double{centre_[c]});
          EXPECT_NEAR(dx[i],
                      double{scale_[c]} * through[i] + double{scale_[c]} * double{x_[i]} +
                          double{shift_[c]},
                      1e-5);
        }
        EXPECT_NEAR(sums.gradient[c], sum, 1e-4);
        EXPECT_NEAR(sums.gradient_x[c], sum_x, 1e-4);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Channels, ChannelKernels, testing::Values(1, 3, 16, 21, 64));

TEST(ChannelKernels, FakeQuantizationRoundsToTheGridAndSaysWhatWasInside) {
  const graph::Quantization q{.scale = 0.5F, .zero_point = -120};  // [-4, 123.5]
  const std::vector<float> x = {0.25F, 0.75F, -0.25F, 123.7F, 123.8F, -4.2F, -4.3F, 1e9F, 0.0F};
  const std::vector<float> expected = {0, 1, 0, 123.5F, 123.5F, -4, -4, 123.5F, 0};
  const std::vector<std::uint8_t> within = {1, 1, 1, 1, 0, 1, 0, 0, 1};
  for (std::size_t repeats : {std::size_t{1}, std::size_t{5}}) {  // in vectors too
    std::vector<float> many, out(x.size() * repeats), back(out.size());
    std::vector<std::uint8_t> inside(out.size());
    for (std::size_t r = 0; r < repeats; ++r) many.insert(many.end(), x.begin(), x.end());
    const auto count = static_cast<std::int64_t>(many.size());
    fake_quantize(many.data(), count, q, out.data(), inside.data());
    mask_gradient(many.data(), inside.data(), count, back.data());
    for (std::size_t i = 0; i < many.size(); ++i) {
      EXPECT_EQ(out[i], expected[i % x.size()]) << many[i];
      EXPECT_EQ(inside[i], within[i % x.size()]) << many[i];
      EXPECT_EQ(back[i], inside[i] != 0 ? many[i] : 0);
    }
  }
}

}  // namespace
}  // namespace edgeproof::libtorch
