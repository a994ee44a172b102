"""Fit how many minutes a delivery takes, by gradient descent. Run by sagemaker-training."""

import argparse
import csv
import os
from pathlib import Path

import numpy as np

FEATURES = ("distance_km", "items", "rush_hour")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--learning-rate", type=float, default=0.3)
    parser.add_argument("--train", default=os.environ["SM_CHANNEL_TRAIN"])
    parser.add_argument("--model-dir", default=os.environ["SM_MODEL_DIR"])
    arguments = parser.parse_args()

    features, minutes = read_rows(arguments.train)
    # Every fifth delivery is kept from training.
    held_out = np.arange(len(minutes)) % 5 == 0
    mean, deviation = features[~held_out].mean(axis=0), features[~held_out].std(axis=0)
    rows = np.column_stack([(features - mean) / deviation, np.ones(len(features))])

    weights = np.zeros(len(FEATURES) + 1)
    for epoch in range(1, arguments.epochs + 1):
        errors = rows[~held_out] @ weights - minutes[~held_out]
        weights -= arguments.learning_rate * (rows[~held_out].T @ errors) / len(errors)
        if epoch % 10 == 0 or epoch == arguments.epochs:
            mae = np.abs(rows[held_out] @ weights - minutes[held_out]).mean()
            # What `metric-definitions` reads.
            print(f"epoch={epoch} validation_mae={mae:.3f}", flush=True)

    np.savez(Path(arguments.model_dir, "model.npz"), weights=weights, mean=mean, deviation=deviation)


def read_rows(folder):
    rows = [row for path in sorted(Path(folder).glob("*.csv")) for row in csv.DictReader(path.open(newline=""))]
    if not rows:
        raise ValueError(f"there are no rows in {folder}/*.csv")
    features = np.array([[float(row[name]) for name in FEATURES] for row in rows])
    return features, np.array([float(row["minutes"]) for row in rows])


if __name__ == "__main__":
    main()
