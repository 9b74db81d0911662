"""PennyLane: gradients on lightning.qubit, and hybrid networks with PyTorch by the best of its methods."""
from importlib.metadata import version
from time import perf_counter

import pennylane as qml
import torch
from pennylane import numpy as pnp

from spread import INPUTS, TARGETS, rows, spread, spread_classes, weights
from torch_peer import tensor, trained

VERSIONS = {name: version(name) for name in ("pennylane", "pennylane-lightning", "torch")}


def set_threads(threads):
    if threads:
        torch.set_num_threads(threads)


def apply(circuit, angles):
    turns = {"rx": qml.RX, "ry": qml.RY, "rz": qml.RZ, "rot": qml.Rot}
    fixed = {"h": qml.Hadamard, "t": qml.T, "cx": qml.CNOT, "cz": qml.CZ}
    for name, wires, slots in circuit["gates"]:
        if name in fixed:
            fixed[name](wires=wires)
        else:
            turns[name](*(angles[slot] for slot in slots), wires=wires)


METHODS = {"adjoint": "adjoint", "parameter_shift": "parameter-shift"}


def prepare_gradient(work):
    circuit = work["circuit"]
    qubits, template = circuit["qubits"], circuit.get("template")
    angles = pnp.array(circuit["angles"], requires_grad=True)
    if template:
        angles = angles.reshape(template["layers"], qubits, 3)

    @qml.qnode(qml.device("lightning.qubit", wires=qubits), diff_method=METHODS[work["method"]])
    def expectation(given):
        if template:
            qml.StronglyEntanglingLayers(given, wires=range(qubits))
        else:
            apply(circuit, given)
        return qml.expval(qml.PauliZ(0))

    gradient = qml.grad(expectation)

    def run(repetitions):
        for _ in range(repetitions):
            run.value = gradient(angles)

    run(1)
    return run.value.ravel(), run, "lightning.qubit"


class Hybrid(torch.nn.Module):
    def __init__(self, work, device, method):
        super().__init__()
        n, q, layers, classes = work["inputs"], work["qubits"], work["layers"], work["classes"]
        shapes = [(n, q), (q,), (layers, q, 3), (q, classes), (classes,)]
        given = weights(shapes, [n, n, 1, q, q])
        # 64 bits throughout, as ours and as its simulators.
        self.w1, self.b1, self.w, self.w2, self.b2 = (torch.nn.Parameter(torch.tensor(array, dtype=torch.float64)) for array in given)

        @qml.qnode(qml.device(device, wires=q), interface="torch", diff_method=method)
        def circuit(x, w):
            qml.AngleEmbedding(x, wires=range(q))
            qml.StronglyEntanglingLayers(w, wires=range(q))
            return [qml.expval(qml.PauliZ(i)) for i in range(q)]
        # Of several rows at once it knows no shifts of the row's own angles.
        self.circuit = qml.transforms.broadcast_expand(circuit) if method == "parameter-shift" else circuit

    def forward(self, x):
        features = torch.pi * torch.tanh(x.double() @ self.w1 + self.b1)
        # Its adjoint method hands 32-bit numbers to PyTorch.
        return torch.stack(self.circuit(features, self.w), dim=-1).double() @ self.w2 + self.b2


CHOICES = (("default.qubit", "backprop"), ("lightning.qubit", "adjoint"), ("lightning.qubit", "parameter-shift"))
# Above it the shifts, of which there are more with every qubit, only fall further behind.
MOST_FOR_SHIFTS = 4


def prepare_hybrid(work):
    count = rows(work)
    inputs, targets = spread(INPUTS, (count, work["inputs"]), 1), spread_classes(TARGETS, count, work["classes"])
    found = []
    for device, method in CHOICES:
        if method == "parameter-shift" and work["qubits"] > MOST_FOR_SHIFTS:
            continue
        losses, run, _ = trained(work, lambda: (Hybrid(work, device, method), torch.nn.functional.cross_entropy), inputs, targets)
        start = perf_counter()
        run(1)
        found.append((perf_counter() - start, f"{method} on {device}", losses, run))
    _, detail, losses, run = min(found, key=lambda each: each[0])
    return losses, run, detail


PREPARE = {"gradient": prepare_gradient, "hybrid": prepare_hybrid}
