"""Muon: momentum whose steps are orthogonalised, for the matrices inside a network; AdamW for all else.

Keller Jordan et al. (2024), "Muon: An optimizer for hidden layers in neural networks". The Newton-Schulz coefficients are those
given there; the step is scaled by 0.2 times the square root of a matrix's longer side, so that it is about as long as AdamW's and one
learning rate serves both (Liu et al. 2025, arXiv:2502.16982). On a small data set it needs about half the tokens of AdamW.
"""
import torch


def orthogonalised(g, steps=4):
    """The matrix whose singular values are near 1 and whose singular vectors are those of `g`; a batch of them on the first axis."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g / (g.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    tall = x.size(-2) > x.size(-1)
    if tall:
        x = x.mT
    for _ in range(steps):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    """Steps of Muon for the groups with `muon=True`, of AdamW for the others.

    A group may say `parts`: its matrices are stacks of so many along their longer side (queries, keys, values) and each is
    orthogonalised by itself.
    """

    def __init__(self, groups, lr=1e-3, weight_decay=0.1, momentum=0.95, betas=(0.9, 0.98), eps=1e-8):
        super().__init__(groups, dict(lr=lr, weight_decay=weight_decay, momentum=momentum, betas=betas, eps=eps, muon=False, parts=1))

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                p.mul_(1 - group["lr"] * group["weight_decay"])
                (self._muon if group["muon"] else self._adam)(p, group, self.state[p])

    def _muon(self, p, group, state):
        if not state:
            state["momentum"] = torch.zeros_like(p)
        state["momentum"].lerp_(p.grad, 1 - group["momentum"])
        direction = p.grad.lerp(state["momentum"], group["momentum"])
        along = 1 if p.size(1) > p.size(0) else 0
        pieces = torch.stack(direction.chunk(group["parts"], along))
        update = torch.cat(list(orthogonalised(pieces)), along)
        p.add_(update, alpha=-group["lr"] * 0.2 * max(pieces.shape[-2:]) ** 0.5)

    def _adam(self, p, group, state):
        if not state:
            state.update(step=0, mean=torch.zeros_like(p), square=torch.zeros_like(p))
        state["step"] += 1
        first, second = group["betas"]
        state["mean"].lerp_(p.grad, 1 - first)
        state["square"].lerp_(p.grad * p.grad, 1 - second)
        mean = state["mean"] / (1 - first ** state["step"])
        square = state["square"] / (1 - second ** state["step"])
        p.addcdiv_(mean, square.sqrt() + group["eps"], value=-group["lr"])


def muon(model, lr, stacked=()):
    """Muon over a transformer: its inner matrices by Muon, embeddings by AdamW without decay, norms and biases likewise.

    `stacked` names (by their ends) the matrices that hold queries, keys and values side by side.
    """
    inner, threes, rest = [], [], []
    for name, p in model.named_parameters():
        if p.ndim < 2 or any(word in name for word in ("wte", "wpe", "embed", "lm_head", "shared", "relative")):
            rest.append(p)
        else:
            (threes if name.endswith(tuple(stacked)) and stacked else inner).append(p)
    groups = [dict(params=inner, muon=True), dict(params=threes, muon=True, parts=3), dict(params=rest, weight_decay=0.0)]
    return Muon([g for g in groups if g["params"]], lr=lr)
