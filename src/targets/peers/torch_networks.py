"""Networks as PyTorch users write them: MODELS, in evaluation form, each for windows [batch, *WINDOW]."""

import torch
from torch import nn

torch.manual_seed(1)


def conv_bn(i, o, k, activation=nn.ReLU, **options):
    return nn.Sequential(nn.Conv1d(i, o, k, **options), nn.BatchNorm1d(o), activation())


class Residual(nn.Module):
    """Pre-activation block: BatchNorm and ReLU on a value that is used twice."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(16)
        self.one = nn.Conv1d(16, 16, 3, padding=1, bias=False)
        self.two = nn.Conv1d(16, 16, 3, padding=2, dilation=2)

    def forward(self, x):
        return x + self.two(torch.relu(self.one(torch.relu(self.norm(x)))))


class SqueezeExcite(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.down, self.up = nn.Linear(channels, 4), nn.Linear(4, channels)

    def forward(self, x):
        gate = torch.sigmoid(self.up(torch.relu(self.down(x.mean(dim=2)))))
        return x * gate.unsqueeze(-1)


class Inception(nn.Module):
    def __init__(self):
        super().__init__()
        self.branches = nn.ModuleList(nn.Conv1d(6, 8, k, padding=k // 2) for k in (1, 3, 9))

    def forward(self, x):
        pooled = nn.functional.max_pool1d(x, 3, 1, 1)
        return torch.relu(torch.cat([b(x) for b in self.branches] + [pooled], dim=1))


class Pointwise(nn.Module):
    """A Linear over the channels of every position, as transformers and MLP mixers have it."""

    def __init__(self):
        super().__init__()
        self.linear, self.out = nn.Linear(6, 10), nn.Linear(10, 3)

    def forward(self, x):
        y = torch.tanh(self.linear(x.transpose(1, 2)))
        return self.out(y.mean(dim=1))


class LastView(nn.Module):
    """The shape of the flattened features computed from the batch."""

    def __init__(self):
        super().__init__()
        self.conv, self.out = nn.Conv1d(6, 8, 5, stride=2), nn.Linear(8 * 30, 4)

    def forward(self, x):
        y = nn.functional.leaky_relu(self.conv(x), 0.2)
        return torch.log_softmax(self.out(y.view(y.size(0), -1)), dim=1)


class AddHeight(nn.Module):
    def forward(self, x):
        return x.unsqueeze(2)


class Scaled(nn.Module):
    """Normalizes inside the network, and predicts one number."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.randn(6, 1))
        self.register_buffer("sd", torch.rand(6, 1) + 0.5)
        self.net = nn.Sequential(nn.Conv1d(6, 8, 3), nn.Hardswish(), nn.AvgPool1d(3, 2, 1),
                                 nn.AvgPool1d(4, 3, 1, ceil_mode=True, count_include_pad=False),
                                 nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(8, 1))

    def forward(self, x):
        return self.net((x - self.mean) / self.sd) * 3 - 2


WINDOW = (6, 64)
MODELS = {
    "cnn": nn.Sequential(conv_bn(6, 16, 5, padding=2), nn.MaxPool1d(2), conv_bn(16, 32, 5), nn.MaxPool1d(3, 2, 1),
                         nn.Dropout(), nn.Flatten(), nn.Linear(32 * 14, 20), nn.ReLU(), nn.Linear(20, 5)),
    "softmax": nn.Sequential(nn.Conv1d(6, 8, 3), nn.ReLU6(), nn.AdaptiveMaxPool1d(1), nn.Flatten(),
                             nn.Linear(8, 5), nn.Softmax(dim=1)),
    "separable": nn.Sequential(conv_bn(6, 12, 9, stride=2, padding=4), conv_bn(12, 12, 3, groups=12, padding=1),
                               conv_bn(12, 20, 1), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(20, 4)),
    "functions": nn.Sequential(nn.Conv1d(6, 8, 3), nn.Tanh(), nn.Conv1d(8, 8, 3), nn.SiLU(), nn.Conv1d(8, 8, 3),
                               nn.Sigmoid(), nn.Conv1d(8, 8, 3), nn.Hardsigmoid(), nn.Conv1d(8, 8, 3),
                               nn.Hardtanh(-0.3, 0.2), nn.Flatten(), nn.Linear(8 * 54, 4)),
    "residual": nn.Sequential(nn.Conv1d(6, 16, 3), Residual(), Residual(), nn.BatchNorm1d(16), nn.ReLU(),
                              nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(16, 4)),
    "squeeze_excite": nn.Sequential(nn.Conv1d(6, 8, 3), SqueezeExcite(8), nn.ReLU(), nn.Flatten(),
                                    nn.Linear(8 * 62, 4)),
    "inception": nn.Sequential(Inception(), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(30, 4)),
    "pointwise": Pointwise(),
    "last_view": LastView(),
    "scaled": Scaled(),
    "mlp": nn.Sequential(nn.Flatten(), nn.Linear(6 * 64, 16), nn.ReLU(), nn.BatchNorm1d(16), nn.Linear(16, 3)),
    "image": nn.Sequential(AddHeight(), nn.ZeroPad2d((3, 0, 0, 0)), nn.Conv2d(6, 8, (1, 4)), nn.ReLU(),
                           nn.MaxPool2d((1, 2)), nn.Conv2d(8, 8, (1, 3), padding=(0, 1)), nn.ReLU(),
                           nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4)),
}

with torch.no_grad():
    for model in MODELS.values():
        for module in model.modules():
            if isinstance(module, nn.BatchNorm1d):
                module.running_mean.normal_(0, 0.3)
                module.running_var.uniform_(0.5, 2)
        model.eval()
