"""A few hundred random programs, run in gradviz and in torch: the gradients agree to 1e-9."""

from __future__ import annotations

from random import Random
from types import SimpleNamespace

import numpy as np
import pytest
from programs import BINARY, NUMPY, SAME, UNARY, Program

import gradviz as gv

torch = pytest.importorskip("torch", reason="torch is not installed: nothing to compare with")

PROGRAMS = 300

#: What programs call, as torch has it.
TORCH = SimpleNamespace(
    **{name: getattr(torch, name) for name in SAME},
    relu=torch.relu,
    sigmoid=torch.sigmoid,
    leaky_relu=lambda x: torch.nn.functional.leaky_relu(x, 0.1),
    hard_tanh=torch.nn.functional.hardtanh,
    softmax=lambda x, axis: torch.softmax(x, axis),
    log_softmax=lambda x, axis: torch.log_softmax(x, axis),
    cross_entropy=lambda z, classes: torch.nn.functional.cross_entropy(z, torch.tensor(classes)),
    concatenate=lambda xs, axis: torch.cat(xs, dim=axis),
    sum=lambda x, axis, keep: torch.sum(x, dim=axis, keepdim=keep),
    mean=lambda x, axis, keep: torch.mean(x, dim=axis, keepdim=keep),
    max=lambda x, axis, keep: torch.amax(x, dim=axis, keepdim=keep),
    min=lambda x, axis, keep: torch.amin(x, dim=axis, keepdim=keep),
    transpose=lambda x, axes: torch.permute(x, axes),
    broadcast_to=torch.broadcast_to,
    constant=lambda x: torch.tensor(x),
)


@pytest.mark.parametrize("seed", range(PROGRAMS))
def test_gradients_agree_with_torchs(seed: int):
    program = Program(Random(seed))
    ours = [gv.tensor(x) for x in program.inputs]
    theirs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in program.inputs]
    output, expected = program.run(NUMPY, ours), program.run(TORCH, theirs)
    output.backward()
    expected.backward()
    np.testing.assert_allclose(output.value, expected.item(), rtol=1e-11, err_msg=str(program))
    for mine, its in zip(ours, theirs, strict=True):
        scale = max(1.0, float(its.grad.abs().max()))
        np.testing.assert_allclose(mine.grad, its.grad.numpy(), rtol=1e-9, atol=1e-9 * scale, err_msg=str(program))


def test_the_programs_use_every_statement():
    texts = " ".join(value.text for seed in range(PROGRAMS) for value in Program(Random(seed)).values)
    for name in [*UNARY, *BINARY, "sum(", "mean(", "max(", "min(", "@", "[", "concatenate", "stack", "reshape", ".T"]:
        assert name in texts
    for name in ["transpose", "broadcast", "softmax", "log_softmax", "cross_entropy", "> 0.1"]:
        assert name in texts
