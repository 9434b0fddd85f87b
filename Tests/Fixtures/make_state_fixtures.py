#!/usr/bin/env python3
"""Makes Tests/Fixtures/training/trainer_state.json: the state of a run as transformers writes it.

Needs transformers 5.24; the output is the same at every run.

    python3 Tests/Fixtures/make_state_fixtures.py
"""

import os

from transformers import TrainerState

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    state = TrainerState(
        epoch=1.5,
        global_step=3,
        max_steps=5,
        logging_steps=1,
        eval_steps=2,
        save_steps=500,
        train_batch_size=4,
        num_train_epochs=3,
        log_history=[
            {"loss": 2.5, "grad_norm": 1.0, "learning_rate": 5e-05, "epoch": 0.5, "step": 1},
            {"eval_loss": 2.25, "epoch": 1.0, "step": 2},
        ],
        best_metric=2.25,
        best_global_step=2,
        best_model_checkpoint="out/checkpoint-2",
        stateful_callbacks={},
    )
    state.save_to_json(os.path.join(HERE, "training", "trainer_state.json"))


if __name__ == "__main__":
    main()
