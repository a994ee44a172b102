"""Fit rent = slope * area + intercept to the CSV files of the channel `train`, by gradient descent."""

import csv
import json
import signal
import sys
import traceback
from pathlib import Path

ML = Path("/opt/ml")
CHANNEL = ML / "input/data/train"
stopping = False


def stop(*_: object) -> None:
    """The job is stopped or out of time: what is in /opt/ml/model 120 seconds later is kept."""
    global stopping
    stopping = True


def main() -> None:
    # Every hyperparameter arrives as text.
    parameters = json.loads((ML / "input/config/hyperparameters.json").read_text())
    epochs = int(parameters.get("epochs", "200"))
    learning_rate = float(parameters.get("learning_rate", "0.5"))

    rows = [
        (float(row["area"]) / 100, float(row["rent"]) / 1000)
        for path in sorted(CHANNEL.glob("*.csv"))
        for row in csv.DictReader(path.read_text().splitlines())
    ]
    if not rows:
        raise ValueError(f"no rows in {CHANNEL}/*.csv")
    print(f"{len(rows)} rows")

    slope = intercept = 0.0
    for epoch in range(1, epochs + 1):
        errors = [slope * area + intercept - rent for area, rent in rows]
        slope -= learning_rate * sum(error * area for error, (area, _) in zip(errors, rows)) / len(rows)
        intercept -= learning_rate * sum(errors) / len(rows)
        # What `metric-definitions` read.
        print(f"epoch {epoch}: loss={sum(error * error for error in errors) / len(rows):.6f}")
        if stopping:
            print("SIGTERM: saving what there is.")
            break

    (ML / "model/model.json").write_text(json.dumps({"slope": slope, "intercept": intercept}) + "\n")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    try:
        main()
    except Exception as error:
        # The first 1024 characters become the job's FailureReason.
        (ML / "output/failure").write_text(f"{type(error).__name__}: {error}\n\n{traceback.format_exc()}")
        traceback.print_exc()
        sys.exit(1)
