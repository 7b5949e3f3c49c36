#include "libtorch/stages.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "libtorch/fake_quant.h"

namespace edgeproof::libtorch {
namespace {

using torch::Tensor;

Tensor leaf(torch::IntArrayRef shape) {
  return torch::randn(shape).requires_grad_();
}

void expect_close(const Tensor& a, const Tensor& b, const char* what) {
  EXPECT_TRUE(torch::allclose(a, b, 1e-4, 1e-5)) << what << ": " << (a - b).abs().max();
}

Tensor followed(const Tensor& x, Following following) {
  const Tensor y = following.relu ? torch::relu(x) : x;
  return following.pool > 1 ? torch::max_pool2d(y, {1, following.pool}) : y;
}

const std::vector<Following> kFollowing = {{false, 1}, {true, 1}, {true, 2}, {true, 3}};

TEST(Stages, NormalizedIsLibTorchsBatchNorm) {
  torch::manual_seed(1);
  for (const Following following : kFollowing) {
    for (const bool with_factor : {false, true}) {
      const Tensor x = leaf({4, 6, 1, 10}), gamma = leaf({6}), beta = leaf({6});
      const Tensor bias = torch::randn({6}), mean = torch::randn({6}), variance = torch::rand({6});
      const Tensor factor = with_factor ? torch::randn({6}) : Tensor();
      const Tensor our_mean = mean.clone(), our_variance = variance.clone();
      const Tensor ours =
          normalize(x, factor, bias, gamma, beta, our_mean, our_variance, 1e-3, following);
      const Tensor unscaled =
          (with_factor ? x / over_channels(factor, 4, 1) : x) + over_channels(bias, 4, 1);
      const Tensor theirs =
          followed(torch::batch_norm(unscaled, gamma, beta, mean, variance, true, 0.1, 1e-3, false),
                   following);
      expect_close(ours, theirs, "values");
      expect_close(our_mean, mean, "running mean");
      expect_close(our_variance, variance, "running variance");
      const Tensor weight = torch::randn_like(theirs);
      const auto a = torch::autograd::grad({(ours * weight).sum()}, {x, gamma, beta});
      const auto b = torch::autograd::grad({(theirs * weight).sum()}, {x, gamma, beta});
      expect_close(a[0], b[0], "gradient of x");
      expect_close(a[1], b[1], "gradient of gamma");
      expect_close(a[2], b[2], "gradient of beta");
    }
  }
}

TEST(Stages, BiasedIsAnAddition) {
  torch::manual_seed(2);
  for (const Following following : kFollowing) {
    const Tensor x = leaf({4, 5, 1, 11}), bias = leaf({5});
    const Tensor ours = add_bias(x, bias, following);
    const Tensor theirs = followed(x + over_channels(bias, 4, 1), following);
    expect_close(ours, theirs, "values");
    const Tensor weight = torch::randn_like(theirs);
    const auto a = torch::autograd::grad({(ours * weight).sum()}, {x, bias});
    const auto b = torch::autograd::grad({(theirs * weight).sum()}, {x, bias});
    expect_close(a[0], b[0], "gradient of x");
    expect_close(a[1], b[1], "gradient of bias");
  }
}

TEST(Stages, FakeQuantizationIsLibTorchs) {
  torch::manual_seed(3);
  const graph::Quantization q{.scale = 0.02F, .zero_point = 3};
  const Tensor x = leaf({3, 7, 1, 9});
  const Tensor ours = fake_quantize_activation(x, q);
  const Tensor theirs =
      torch::fake_quantize_per_tensor_affine(x, q.scale, q.zero_point, q.lowest(), q.highest());
  expect_close(ours, theirs, "values");
  const Tensor weight = torch::randn_like(theirs);
  const auto a = torch::autograd::grad({(ours * weight).sum()}, {x});
  const auto b = torch::autograd::grad({(theirs * weight).sum()}, {x});
  EXPECT_TRUE(a[0].equal(b[0]));
}

}  // namespace
}  // namespace edgeproof::libtorch
