"""What the recipes share: corpora, the fixed held-out split, the schedule and resumable checkpoints."""
import argparse, json, lzma, math, os, random, time

import torch


def arguments(description, **defaults):
    p = argparse.ArgumentParser(description=description)
    p.add_argument("--corpora", required=True, help="the folder with the *.xz corpora")
    p.add_argument("--out", required=True, help="the model folder to write")
    p.add_argument("--minutes", type=float, default=defaults.get("minutes", 90), help="stop after this long; the schedule ends by then")
    p.add_argument("--steps", type=int, default=defaults.get("steps", 20000), help="stop after this many optimiser steps at the latest")
    p.add_argument("--batch", type=int, default=defaults.get("batch", 8))
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--share", type=float, default=1.0, help="use only this share of the data (to try the recipe out)")
    p.add_argument("--seed", type=int, default=0)
    return p


def read(folder, name):
    with lzma.open(os.path.join(folder, name + ".xz"), "rt", encoding="utf-8") as f:
        return f.read()


def begin(a):
    random.seed(a.seed)
    torch.manual_seed(a.seed)
    torch.set_num_threads(a.threads)
    os.makedirs(a.out, exist_ok=True)


class Run:
    """Wall-clock and step budget in one: progress goes from 0 to 1 by whichever ends first, and survives a restart."""

    def __init__(self, a, model, optimizer, peak, warm=200):
        self.a, self.model, self.optimizer, self.peak, self.warm = a, model, optimizer, peak, warm
        self.step, self.spent, self.losses = 0, 0.0, []
        self.path = os.path.join(a.out, "checkpoint.pt")
        if os.path.exists(self.path):
            state = torch.load(self.path)
            model.load_state_dict(state["model"])
            optimizer.load_state_dict(state["optimizer"])
            self.step, self.spent, self.losses = state["step"], state["spent"], state["losses"]
            print(f"resumed at step {self.step}", flush=True)
        self.start = time.time() - self.spent

    @property
    def progress(self):
        return max(self.step / self.a.steps, (time.time() - self.start) / (60 * self.a.minutes))

    def rate(self):
        warm = min(1.0, (self.step + 1) / self.warm)
        return self.peak * warm * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(1.0, self.progress))))

    def save(self):
        state = dict(model=self.model.state_dict(), optimizer=self.optimizer.state_dict(), step=self.step,
                     spent=time.time() - self.start, losses=self.losses)
        torch.save(state, self.path + ".new")
        os.replace(self.path + ".new", self.path)

    def update(self, loss):
        """One optimiser step; returns False when the budget is spent."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        self.losses.append(loss.item())
        if self.step % 50 == 0:
            mean = sum(self.losses[-50:]) / 50
            print(f"step {self.step} loss {mean:.4f} lr {self.rate():.5f} {time.time() - self.start:.0f}s", flush=True)
        if self.step % 500 == 0:
            self.save()
        return self.progress < 1.0


def decayed(model, rate):
    """AdamW with decay on matrices alone."""
    matrices = [p for p in model.parameters() if p.ndim >= 2]
    vectors = [p for p in model.parameters() if p.ndim < 2]
    groups = [dict(params=matrices, weight_decay=0.1), dict(params=vectors, weight_decay=0.0)]
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), eps=1e-8)


def save_log(run, **facts):
    """The loss curve (mean of each hundred steps) beside the model, for the card."""
    curve = [round(sum(run.losses[i:i + 100]) / len(run.losses[i:i + 100]), 4) for i in range(0, len(run.losses), 100)]
    with open(os.path.join(run.a.out, "training.json"), "w") as f:
        json.dump(dict(steps=run.step, minutes=round((time.time() - run.start) / 60, 1), loss_per_100_steps=curve, **facts), f, indent=1)
        f.write("\n")
