// Test: stages_test.cpp, against LibTorch's operations.

#include "libtorch/stages.h"

#include <torch/torch.h>

#include <cmath>

#include "libtorch/channel_kernels.h"

namespace edgeproof::libtorch {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

constexpr double kMomentum = 0.1;

Tensor channels_last(const Tensor& x) {
  return x.contiguous(torch::MemoryFormat::ChannelsLast);
}

Extent extent_of(const Tensor& x) {
  return {.windows = x.size(0), .length = x.size(3), .channels = x.size(1)};
}

// A tensor of one float per channel.
template <class Values>
Tensor per_channel(std::int64_t channels, const Values& value) {
  Tensor result = torch::empty({channels});
  float* to = result.data_ptr<float>();
  for (std::int64_t c = 0; c < channels; ++c) to[c] = static_cast<float>(value(c));
  return result;
}

ChannelStage stage_of(const Tensor& scale, const Tensor& shift, Following following) {
  return {.scale = scale.data_ptr<float>(),
          .shift = shift.data_ptr<float>(),
          .relu = following.relu,
          .pool = following.pool};
}

struct Forward {
  Tensor values, chosen;
};

Forward run_forward(const Tensor& x, const Tensor& scale, const Tensor& shift,
                    Following following) {
  const std::int64_t length = x.size(3) / following.pool;
  const auto shaped = [&](torch::Dtype type) {
    return torch::empty({x.size(0), x.size(1), 1, length}, torch::TensorOptions(type),
                        torch::MemoryFormat::ChannelsLast);
  };
  Forward result{shaped(torch::kFloat32), {}};
  result.chosen = following.pool > 1 ? shaped(torch::kUInt8) : torch::empty({0}, torch::kUInt8);
  stage_forward(x.data_ptr<float>(), extent_of(x), stage_of(scale, shift, following),
                result.values.data_ptr<float>(), result.chosen.data_ptr<std::uint8_t>());
  return result;
}

void save(AutogradContext* context, tensor_list tensors, Following following) {
  context->save_for_backward(std::move(tensors));
  context->saved_data["relu"] = following.relu;
  context->saved_data["pool"] = static_cast<std::int64_t>(following.pool);
}

Following following_of(AutogradContext* context) {
  return {.relu = context->saved_data["relu"].toBool(),
          .pool = static_cast<int>(context->saved_data["pool"].toInt())};
}

// What both backward passes begin with.
struct Backward {
  Extent extent;
  ChannelStage stage;
  Tensor gradient;
  const float* x;
  const std::uint8_t* chosen;

  // Saved: x, chosen, scale, shift.
  Backward(const std::vector<Tensor>& saved, Following following, const Tensor& incoming)
      : extent(extent_of(saved[0])),
        stage(stage_of(saved[2], saved[3], following)),
        gradient(channels_last(incoming)),
        x(saved[0].data_ptr<float>()),
        chosen(saved[1].data_ptr<std::uint8_t>()) {}

  StageSums sums(const Tensor& centre) const {
    return stage_sums(x, extent, stage, gradient.data_ptr<float>(), chosen,
                      centre.data_ptr<float>());
  }

  Tensor run(const Tensor& like, const Tensor& along, const Tensor& constant) const {
    Tensor dx = torch::empty_like(like, torch::MemoryFormat::ChannelsLast);
    stage_backward(x, extent, stage, gradient.data_ptr<float>(), chosen, along.data_ptr<float>(),
                   constant.data_ptr<float>(), dx.data_ptr<float>());
    return dx;
  }
};

struct Normalized : torch::autograd::Function<Normalized> {
  static Tensor forward(AutogradContext* context, const Tensor& input, const Tensor& factor,
                        const Tensor& bias, const Tensor& gamma, const Tensor& beta, Tensor mean,
                        Tensor variance, double epsilon, bool relu, std::int64_t pool) {
    const Following following{.relu = relu, .pool = static_cast<int>(pool)};
    const Tensor x = channels_last(input);
    const Extent extent = extent_of(x);
    const Moments moments = channel_moments(x.data_ptr<float>(), extent);
    const auto at = [](const std::vector<double>& values, std::int64_t c) {
      return values[static_cast<std::size_t>(c)];
    };
    const auto inverse = [&](std::int64_t c) { return 1 / double{factor.data_ptr<float>()[c]}; };
    const Tensor centre =
        per_channel(extent.channels, [&](std::int64_t c) { return at(moments.mean, c); });
    // What the normalisation multiplies x - centre by.
    const Tensor slope = per_channel(extent.channels, [&](std::int64_t c) {
      const double f = inverse(c);
      return f / std::sqrt(at(moments.variance, c) * f * f + epsilon);
    });
    const Tensor scale = gamma.detach() * slope;
    const Tensor shift = beta.detach() - scale * centre;
    const auto rows = static_cast<double>(extent.rows());
    for (std::int64_t c = 0; c < extent.channels; ++c) {
      const double f = inverse(c);
      float& m = mean.data_ptr<float>()[c];
      float& v = variance.data_ptr<float>()[c];
      const double seen_mean = at(moments.mean, c) * f + double{bias.data_ptr<float>()[c]};
      const double seen_variance = at(moments.variance, c) * f * f * rows / (rows - 1);
      m = static_cast<float>(m + kMomentum * (seen_mean - m));
      v = static_cast<float>(v + kMomentum * (seen_variance - v));
    }
    const Forward result = run_forward(x, scale, shift, following);
    save(context, {x, result.chosen, scale, shift, centre, slope}, following);
    return result.values;
  }

  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    const std::vector<Tensor> saved = context->get_saved_variables();
    const Backward pass(saved, following_of(context), gradients[0]);
    const Tensor &centre = saved[4], &slope = saved[5];
    const StageSums sums = pass.sums(centre);
    const std::int64_t channels = pass.extent.channels;
    const auto rows = static_cast<double>(pass.extent.rows());
    const auto d_gamma = [&](std::int64_t c) {
      return sums.gradient_x[static_cast<std::size_t>(c)] * double{slope.data_ptr<float>()[c]};
    };
    const auto d_beta = [&](std::int64_t c) { return sums.gradient[static_cast<std::size_t>(c)]; };
    const auto along = [&](std::int64_t c) {
      return -double{pass.stage.scale[c]} * double{slope.data_ptr<float>()[c]} * d_gamma(c) / rows;
    };
    const auto constant = [&](std::int64_t c) {
      return -double{pass.stage.scale[c]} * d_beta(c) / rows -
             along(c) * double{centre.data_ptr<float>()[c]};
    };
    return {pass.run(saved[0], per_channel(channels, along), per_channel(channels, constant)),
            {},
            {},
            per_channel(channels, d_gamma),
            per_channel(channels, d_beta),
            {},
            {},
            {},
            {},
            {}};
  }
};

struct Biased : torch::autograd::Function<Biased> {
  static Tensor forward(AutogradContext* context, const Tensor& input, const Tensor& bias,
                        bool relu, std::int64_t pool) {
    const Following following{.relu = relu, .pool = static_cast<int>(pool)};
    const Tensor x = channels_last(input);
    const Tensor scale = torch::ones({x.size(1)}), shift = bias.detach().contiguous();
    const Forward result = run_forward(x, scale, shift, following);
    save(context, {x, result.chosen, scale, shift}, following);
    return result.values;
  }

  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    const std::vector<Tensor> saved = context->get_saved_variables();
    const Backward pass(saved, following_of(context), gradients[0]);
    const Tensor none = torch::zeros({pass.extent.channels});
    const StageSums sums = pass.sums(none);
    return {pass.run(saved[0], none, none),
            per_channel(pass.extent.channels,
                        [&](std::int64_t c) { return sums.gradient[static_cast<std::size_t>(c)]; }),
            {},
            {}};
  }
};

struct FakeQuantized : torch::autograd::Function<FakeQuantized> {
  static Tensor forward(AutogradContext* context, const Tensor& input, graph::Quantization q) {
    const Tensor x = input.dim() == 4 ? channels_last(input) : input.contiguous();
    Tensor values = torch::empty_like(x), inside = torch::empty_like(x, torch::kUInt8);
    fake_quantize(x.data_ptr<float>(), x.numel(), q, values.data_ptr<float>(),
                  inside.data_ptr<std::uint8_t>());
    context->save_for_backward({inside});
    return values;
  }

  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    const Tensor inside = context->get_saved_variables()[0];
    const Tensor gradient =
        inside.dim() == 4 ? channels_last(gradients[0]) : gradients[0].contiguous();
    Tensor result = torch::empty_like(gradient);
    mask_gradient(gradient.data_ptr<float>(), inside.data_ptr<std::uint8_t>(), gradient.numel(),
                  result.data_ptr<float>());
    return {result, {}};
  }
};

}  // namespace

Tensor normalize(const Tensor& x, const Tensor& factor, const Tensor& bias, const Tensor& gamma,
                 const Tensor& beta, const Tensor& mean, const Tensor& variance, double epsilon,
                 Following following) {
  const Tensor divisor = factor.defined() ? factor : torch::ones_like(bias);
  return Normalized::apply(x, divisor, bias, gamma, beta, mean, variance, epsilon, following.relu,
                           std::int64_t{following.pool});
}

Tensor add_bias(const Tensor& x, const Tensor& bias, Following following) {
  return Biased::apply(x, bias, following.relu, std::int64_t{following.pool});
}

Tensor fake_quantize_activation(const Tensor& x, graph::Quantization q) {
  return FakeQuantized::apply(x, q);
}

}  // namespace edgeproof::libtorch
