"""PyTorch, eager, with its own optimizers as they are by default."""
import torch
from torch import nn

from spread import INPUTS, TARGETS, batches_of, dense_weights, rows, spread, spread_classes, weights

VERSIONS = {"torch": torch.__version__}
ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU, "sigmoid": nn.Sigmoid}


def set_threads(threads):
    if threads:
        torch.set_num_threads(threads)


def tensor(array):
    return torch.tensor(array, dtype=torch.int64 if array.dtype.kind == "i" else torch.float32)


def set_linear(layer, weight, bias):
    with torch.no_grad():
        layer.weight.copy_(tensor(weight.T.copy()))
        layer.bias.copy_(tensor(bias))


def trained(work, make, inputs, targets):
    """Losses of three steps on the first batch, and a loop of steps."""
    training = work["training"]
    batches = batches_of(work, tensor(inputs), tensor(targets))

    def stepper(rate):
        network, loss_of = make()
        kinds = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}
        optimizer = kinds[training["optimizer"]](network.parameters(), lr=rate)

        def step(x, y):
            optimizer.zero_grad()
            loss = loss_of(network(x), y)
            loss.backward()
            optimizer.step()
            return loss
        return step

    checked = stepper(training["rate"])
    losses = [checked(*batches[0]).item() for _ in range(3)]
    step = stepper(training["timingRate"])

    def run(repetitions):
        for i in range(repetitions):
            step(*batches[i % len(batches)])
    return losses, run, None


def prepare_mlp(work):
    sizes, count = work["sizes"], rows(work)
    is_classes = work["loss"] == "cross_entropy"
    inputs = spread(INPUTS, (count, sizes[0]), 1)
    targets = spread_classes(TARGETS, count, sizes[-1]) if is_classes else spread(TARGETS, (count, sizes[-1]), 0.5)

    def make():
        given, layers = dense_weights(sizes), []
        for at, (n, m) in enumerate(zip(sizes, sizes[1:])):
            linear = nn.Linear(n, m)
            set_linear(linear, given[2 * at], given[2 * at + 1])
            layers += [linear, ACTIVATIONS[work["activation"]]()]
        return nn.Sequential(*layers[:-1]), nn.functional.cross_entropy if is_classes else nn.functional.mse_loss
    return trained(work, make, inputs, targets)


class Recurrent(nn.Module):
    def __init__(self, work):
        super().__init__()
        n, h = work["inputs"], work["units"]
        wx, wh, bx, bh, w, b = weights([(n, 3 * h), (h, 3 * h), (3 * h,), (3 * h,), (h, 1), (1,)], [h] * 6)
        self.gru = nn.GRU(n, h, batch_first=True)
        with torch.no_grad():
            self.gru.weight_ih_l0.copy_(tensor(wx.T.copy()))
            self.gru.weight_hh_l0.copy_(tensor(wh.T.copy()))
            self.gru.bias_ih_l0.copy_(tensor(bx))
            self.gru.bias_hh_l0.copy_(tensor(bh))
        self.out = nn.Linear(h, 1)
        set_linear(self.out, w, b)

    def forward(self, x):
        _, h = self.gru(x)
        return self.out(h[0])


def prepare_gru(work):
    count = rows(work)
    inputs = spread(INPUTS, (count, work["time"], work["inputs"]), 1)
    return trained(work, lambda: (Recurrent(work), nn.functional.mse_loss), inputs, spread(TARGETS, (count, 1), 0.5))


def lenet():
    """Shapes and fans of harness/networks.ts, in its order."""
    shapes = [(6, 1, 5, 5), (6,), (16, 6, 5, 5), (16,), (400, 120), (120,), (120, 84), (84,), (84, 10), (10,)]
    fans = [25, 25, 150, 150, 400, 400, 120, 120, 84, 84]
    k1, c1, k2, c2, *dense = weights(shapes, fans)
    first, second = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
    with torch.no_grad():
        for layer, kernel, bias in ((first, k1, c1), (second, k2, c2)):
            layer.weight.copy_(tensor(kernel))
            layer.bias.copy_(tensor(bias))
    linears = [nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)]
    for at, linear in enumerate(linears):
        set_linear(linear, dense[2 * at], dense[2 * at + 1])
    return nn.Sequential(
        first, nn.ReLU(), nn.MaxPool2d(2), second, nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        linears[0], nn.ReLU(), linears[1], nn.ReLU(), linears[2])


def prepare_lenet(work):
    count = rows(work)
    return trained(work, lambda: (lenet(), nn.functional.cross_entropy), spread(INPUTS, (count, 1, 28, 28), 1), spread_classes(TARGETS, count, 10))


PREPARE = {"mlp": prepare_mlp, "gru": prepare_gru, "lenet": prepare_lenet}
