"""What the recipes share: corpora, the fixed held-out split, the schedule and checkpoints that a run resumes from."""
import argparse, json, lzma, os, random, signal, statistics, time

import torch


def arguments(description, **defaults):
    p = argparse.ArgumentParser(description=description)
    p.add_argument("--corpora", required=True, help="the folder with the *.xz corpora")
    p.add_argument("--out", required=True, help="the model folder to write")
    p.add_argument("--steps", type=int, default=defaults["steps"], help="optimiser steps of the whole run; the schedule follows them")
    p.add_argument("--minutes", type=float, default=0, help="end early, with the schedule run down, after about this long")
    p.add_argument("--peak", type=float, default=defaults.get("peak"), help="the highest learning rate")
    p.add_argument("--batch", type=int, default=defaults.get("batch", 8))
    p.add_argument("--threads", type=int, default=os.cpu_count())
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


def device():
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def autocast():
    """bf16 where the hardware multiplies it; elsewhere it is emulated, hundreds of times slower than single precision."""
    if torch.cuda.is_available():
        return torch.autocast("cuda", dtype=torch.bfloat16)
    flags = ""
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo") as f:
            flags = next((line for line in f if line.startswith("flags")), "")
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled="avx512_bf16" in flags or "amx_bf16" in flags)


class Run:
    """A run of `steps` steps: warm-up, a constant rate, then down to nothing over the last `down` of them.

    What it draws comes from `passes`, `random` and torch, whose states are in the checkpoint: a run that was broken off and goes on
    takes the same steps as an unbroken one. `--minutes` cuts the constant part short, so that the rate still runs down.
    """

    def __init__(self, a, model, optimizer, peak, warm=100, down=0.5):
        self.a, self.model, self.optimizer, self.peak, self.warm = a, model, optimizer, peak, warm
        self.steps, self.down = a.steps, down
        self.step, self.spent, self.losses = 0, 0.0, []
        self.path = os.path.join(a.out, "checkpoint.pt")
        self.extra = {}
        if os.path.exists(self.path):
            state = torch.load(self.path, weights_only=False)
            model.load_state_dict(state["model"])
            optimizer.load_state_dict(state["optimizer"])
            self.step, self.spent, self.losses, self.steps = state["step"], state["spent"], state["losses"], state["steps"]
            self.extra = state["extra"]
            random.setstate(state["random"])
            torch.set_rng_state(state["torch"])
            if torch.cuda.is_available() and state["cuda"]:
                torch.cuda.set_rng_state_all(state["cuda"])
            print(f"resumed at step {self.step} of {self.steps}", flush=True)
        self.clock, self.took = time.monotonic(), []
        self.ending = False
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "ending", True))

    @property
    def progress(self):
        """The share of the run that lies behind, from 0 to 1."""
        return self.step / self.steps

    def rate(self):
        left = (self.steps - self.step) / max(1, self.down * self.steps)
        return self.peak * min(1.0, (self.step + 1) / self.warm, left)

    def save(self):
        state = dict(model=self.model.state_dict(), optimizer=self.optimizer.state_dict(), step=self.step, steps=self.steps,
                     spent=self.spent, losses=self.losses, random=random.getstate(), torch=torch.get_rng_state(), extra=self.extra,
                     cuda=torch.cuda.get_rng_state_all() if torch.cuda.is_available() else None)
        torch.save(state, self.path + ".new")
        os.replace(self.path + ".new", self.path)

    def update(self, loss):
        """One optimiser step; returns False when the run is over."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        self.losses.append(loss.item())
        self.count_time()
        self.hold_to_minutes()
        if self.step % 20 == 0:
            mean = sum(self.losses[-20:]) / 20
            print(f"step {self.step}/{self.steps} loss {mean:.4f} rate {self.rate():.5f} {self.spent:.0f}s", flush=True)
        if self.step % 200 == 0 or self.ending:
            self.save()
        if self.ending:
            raise SystemExit("stopped; the same command goes on from here")
        return self.step < self.steps

    def count_time(self):
        """A step during which the process stood still counts as three ordinary ones at most."""
        now = time.monotonic()
        took, self.clock = now - self.clock, now
        self.took = self.took[-50:] + [took]
        self.spent += min(took, 3 * statistics.median(self.took))

    def passes(self, make):
        """Batches without end: `make(generator)` gives the batches of one pass, the same ones for the same pass number.

        A run that goes on makes its pass again and skips the batches that it had taken.
        """
        while True:
            number, taken = self.extra.setdefault("pass", (0, 0))
            groups = make(random.Random(f"{self.a.seed} {number}"))
            for i in range(taken, len(groups)):
                self.extra["pass"] = (number, i + 1)
                yield groups[i]
            self.extra["pass"] = (number + 1, 0)

    def hold_to_minutes(self):
        """Fewer steps where the time would not do for all, by how long the last ones took: a slow start does not cut a run for good.

        Only while the rate is constant, so that it never rises again.
        """
        if self.a.minutes and self.step >= 10 and self.step < self.steps * (1 - self.down):
            left = (self.a.minutes * 60 - self.spent) / statistics.median(self.took)
            self.steps = min(self.a.steps, self.step + max(0, int(left)))


def save_log(run, **facts):
    """The loss curve (mean of each hundred steps) beside the model, for the card."""
    curve = [round(sum(run.losses[i:i + 100]) / len(run.losses[i:i + 100]), 4) for i in range(0, len(run.losses), 100)]
    with open(os.path.join(run.a.out, "training.json"), "w") as f:
        json.dump(dict(steps=run.step, minutes=round(run.spent / 60, 1), loss_per_100_steps=curve, **facts), f, indent=1)
        f.write("\n")
