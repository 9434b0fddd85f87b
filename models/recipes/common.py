"""What the recipes share: corpora, the schedule by the wall clock, Muon in batches, and saved models.

Blocks are functions of tensors, compiled once and called for every layer. The parameters stay in transformers' own modules, which
initialise them. Each recipe first checks that its functions compute what transformers computes. On a machine without a GPU the recipes
run in single precision without compilation; `--share`, `--steps` and `--seconds` make short trials possible.
"""
import argparse, json, lzma, os, random, time

import torch
from safetensors.torch import save_file

MODELS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CUDA = torch.cuda.is_available()
PLACE = torch.device("cuda" if CUDA else "cpu")
NUMBER = torch.bfloat16 if CUDA else torch.float32  # the type of the products
COMPILE = os.environ.get("COMPILE", "1" if CUDA else "0") == "1"
torch.set_float32_matmul_precision("high")


def arguments(description, **defaults):
    p = argparse.ArgumentParser(description=description)
    p.add_argument("--corpora", required=True, help="the folder with the *.xz corpora")
    p.add_argument("--out", required=True, help="the model folder to write")
    p.add_argument("--tokenizer", default=defaults["tokenizer"], help="the tokenizer.json to use (default: the bundled model's)")
    p.add_argument("--seconds", type=float, default=defaults["seconds"], help="length of the run; the learning rate follows the clock")
    p.add_argument("--steps", type=int, default=10**9, help="stop after so many steps (to try the recipe out)")
    p.add_argument("--share", type=float, default=1.0, help="use only this share of the data (to try the recipe out)")
    p.add_argument("--batch", type=int, default=defaults["batch"], help="rows a step")
    p.add_argument("--peak", type=float, default=defaults["peak"], help="the highest learning rate")
    p.add_argument("--dropout", type=float, default=defaults["dropout"])
    p.add_argument("--seed", type=int, default=0)
    return p


def begin(a):
    random.seed(a.seed)
    torch.manual_seed(a.seed)
    os.makedirs(a.out, exist_ok=True)


def read(folder, name):
    with lzma.open(os.path.join(folder, name + ".xz"), "rt", encoding="utf-8") as f:
        return f.read()


def more_books(corpora):
    """`(title, parts)` of each book of the additional text; parts are its chapters and stories."""
    for text in read(corpora, "standard-ebooks-more.txt").strip().split("\n\n\n"):
        title, _, rest = text.partition("\n")
        yield title, [part for part in rest.split("\n\n") if part.strip()]


def compiled(f):
    return torch.compile(f, dynamic=False) if COMPILE else f


class Clock:
    """A schedule by the wall clock, so that a run on a shared GPU ends on time with its learning rate at zero.

    The clock starts after the third step, when everything has been compiled.
    """

    def __init__(self, name, seconds, warm=200, hold=0.35):
        self.name, self.seconds, self.warm, self.hold = name, seconds, warm, hold
        self.step, self.losses, self.curve, self.started = 0, [], [], None

    @property
    def spent(self):
        return time.time() - self.started if self.started else 0.0

    def progress(self):
        return min(1.0, self.spent / self.seconds)

    def rate(self, p):
        """Linear warm-up over `warm` steps, constant until `hold` of the time, then linear to zero."""
        return min(1.0, (self.step + 1) / self.warm, (1 - p) / (1 - self.hold))

    def tick(self, loss, every=50):
        """Counts a step. Waits for the device every tenth step, so that the clock shows work that is done."""
        self.step += 1
        self.losses.append(loss.detach())
        if self.step == 3:
            loss.item()
            self.started = time.time()
        if self.step % 10 == 0:
            loss.item()
        if self.step % every == 0:
            mean = torch.stack(self.losses).mean().item()
            self.losses = []
            self.curve.append(round(mean, 4))
            print(f"[{self.name}] step {self.step} loss {mean:.4f} at {100 * self.progress():.1f} % {self.spent:.0f}s", flush=True)


def orthogonalised(g, steps=5):
    """The nearest matrices with singular values near 1, by a Newton-Schulz iteration; the first axis is a batch."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g.to(NUMBER)
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    tall = x.size(-2) > x.size(-1)
    if tall:
        x = x.mT
    for _ in range(steps):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return (x.mT if tall else x).float()


class Muon:
    """Muon for the matrices inside a network, those of one shape together; AdamW without decay for everything else.

    `stacked`: endings of the names of matrices that hold queries, keys and values side by side along the second axis.
    `scale(name)`: factor of a matrix's learning rate. `outer`: learning rate of AdamW relative to Muon's.
    """

    def __init__(self, model, lr, outer=1.0, stacked=(), scale=lambda name: 1.0, decay=0.1, momentum=0.95, betas=(0.9, 0.98)):
        self.lr, self.decay, self.momentum, self.outer = lr, decay, momentum, outer
        groups, rest = {}, []
        for name, p in model.named_parameters():
            if p.ndim < 2 or any(w in name for w in ("wte", "wpe", "embed", "lm_head", "shared", "relative")):
                rest.append(p)
            else:
                parts = 3 if stacked and name.endswith(tuple(stacked)) else 1
                groups.setdefault((tuple(p.shape), parts, scale(name)), []).append(p)
        self.groups = [(ps, parts, s, torch.zeros(len(ps), *shape, device=ps[0].device)) for (shape, parts, s), ps in groups.items()]
        self.adam = torch.optim.AdamW(rest, lr=lr * outer, betas=betas, eps=1e-8, weight_decay=0.0, fused=CUDA)
        self.every = [p for ps, *_ in self.groups for p in ps] + rest

    @torch.no_grad()
    def step(self, rate):
        torch.nn.utils.clip_grad_norm_(self.every, 1.0)
        lr = self.lr * rate
        for ps, parts, s, momentum in self.groups:
            g = torch.stack([p.grad for p in ps])
            momentum.lerp_(g, 1 - self.momentum)
            g = g.lerp(momentum, self.momentum)
            n, a, b = g.shape
            if parts > 1:
                g = g.view(n, a, parts, b // parts).transpose(1, 2).reshape(n * parts, a, b // parts)
            g = orthogonalised(g)
            longest = max(g.shape[-2:])
            if parts > 1:
                g = g.view(n, parts, a, b // parts).transpose(1, 2).reshape(n, a, b)
            torch._foreach_mul_(ps, 1 - lr * s * self.decay)
            torch._foreach_add_(ps, list(g.unbind(0)), alpha=-lr * s * 0.2 * longest ** 0.5)
        for group in self.adam.param_groups:
            group["lr"] = lr * self.outer
        self.adam.step()
        for p in self.every:
            p.grad = None


def save(model, tokenizer, folder, clock, tied=(), **facts):
    """Writes a model folder: weights in bf16 under transformers' names, configuration, tokenizer; and the loss curve beside them."""
    tokenizer.save_pretrained(folder)
    model.config.architectures = [type(model).__name__]
    model.config.dtype = "bfloat16"
    model.config.save_pretrained(folder)
    if model.can_generate():
        model.generation_config.save_pretrained(folder)
    tensors = {k: v.detach().to(torch.bfloat16).cpu().contiguous().clone() for k, v in model.state_dict().items() if k not in tied}
    save_file(tensors, os.path.join(folder, "model.safetensors"), metadata={"format": "pt"})
    with open(os.path.join(folder, "training.json"), "w") as f:
        json.dump(dict(steps=clock.step, seconds=round(clock.spent, 1), loss_per_50_steps=clock.curve, **facts), f, indent=1)
        f.write("\n")
