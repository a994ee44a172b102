"""Fit rent = slope * area + intercept by gradient descent."""

import csv
import json
import os

PREFIX = "/opt/ml"
TRAINING_PATH = os.path.join(PREFIX, "input/data/training")
PARAMETERS_PATH = os.path.join(PREFIX, "input/config/hyperparameters.json")
MODEL_PATH = os.path.join(PREFIX, "model")


def main() -> None:
    with open(PARAMETERS_PATH) as file:
        parameters = json.load(file)
    epochs = int(parameters.get("epochs", 50))
    learning_rate = float(parameters.get("learning_rate", 0.5))

    rows = []
    for name in os.listdir(TRAINING_PATH):
        with open(os.path.join(TRAINING_PATH, name)) as file:
            rows += [(float(row["area"]) / 100, float(row["rent"]) / 1000) for row in csv.DictReader(file)]
    print(f"Read {len(rows)} rows from {TRAINING_PATH}", flush=True)

    slope = intercept = 0.0
    for epoch in range(1, epochs + 1):
        errors = [slope * area + intercept - rent for area, rent in rows]
        slope -= learning_rate * sum(error * area for error, (area, _) in zip(errors, rows)) / len(rows)
        intercept -= learning_rate * sum(errors) / len(rows)
        loss = sum(error * error for error in errors) / len(rows)
        print(f"epoch {epoch}: loss={loss:.6f}", flush=True)

    with open(os.path.join(MODEL_PATH, "model.json"), "w") as file:
        json.dump({"slope": slope, "intercept": intercept}, file)
    print("Training complete.", flush=True)


if __name__ == "__main__":
    main()
