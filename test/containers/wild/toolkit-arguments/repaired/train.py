"""Tell malignant from benign scans, on one or several hosts: logistic regression over pixels.

Each host trains on its share of the scans; after each epoch the first host averages the weights.
"""

import argparse
import json
import math
import os
import random
import time
import traceback
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path

CLASSES = ("benign", "malignant")
PORT = 29500

Scan = tuple[list[float], int]


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--learning-rate", type=float, default=0.5)
    parser.add_argument("--model-dir", default=os.environ["SM_MODEL_DIR"])
    parser.add_argument("--train", default=os.environ["SM_CHANNEL_TRAIN"])
    parser.add_argument("--test", default=os.environ["SM_CHANNEL_TEST"])
    parser.add_argument("--hosts", type=json.loads, default=json.loads(os.environ["SM_HOSTS"]))
    parser.add_argument("--current-host", default=os.environ["SM_CURRENT_HOST"])
    parser.add_argument("--num-gpus", type=int, default=int(os.environ.get("SM_NUM_GPUS", "0")))
    parser.add_argument("--checkpoint-dir", default="/opt/ml/checkpoints")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds an epoch takes longer, to watch it")
    return parser.parse_args()


def read_scans(folder: str) -> list[Scan]:
    """Read <class>/<name>.pgm, greyscale in ASCII: P2, width, height, maximum, then the pixels."""
    scans = []
    for label, name in enumerate(CLASSES):
        for path in sorted(Path(folder, name).glob("*.pgm")):
            _, _, _, maximum, *pixels = path.read_text().split()
            scans.append(([int(pixel) / int(maximum) for pixel in pixels], label))
    if not scans:
        raise ValueError(f"no scans in {folder}")
    return scans


def predict(weights: list[float], pixels: list[float]) -> float:
    score = weights[-1] + sum(weight * pixel for weight, pixel in zip(weights, pixels))
    return 1 / (1 + math.exp(-score))


def train_epoch(weights: list[float], scans: list[Scan], batch_size: int, rate: float) -> float:
    random.shuffle(scans)
    loss = 0.0
    for start in range(0, len(scans), batch_size):
        batch = scans[start : start + batch_size]
        for pixels, label in batch:
            probability = predict(weights, pixels)
            loss -= math.log(max(probability if label else 1 - probability, 1e-12))
            step = rate * (probability - label) / len(batch)
            for index, pixel in enumerate([*pixels, 1.0]):
                weights[index] -= step * pixel
    return loss / len(scans)


class Peers:
    """Averages weights over all hosts: the first host gathers and answers, the others ask."""

    def __init__(self, hosts: list[str], current: str) -> None:
        self.connections: list[Connection] = []
        self.first = current == hosts[0]
        if len(hosts) == 1:
            return
        if self.first:
            with Listener(("0.0.0.0", PORT)) as listener:
                self.connections = [listener.accept() for _ in hosts[1:]]
        else:
            self.connections = [self.connect(hosts[0])]

    @staticmethod
    def connect(host: str) -> Connection:
        for _ in range(60):
            try:
                return Client((host, PORT))
            except OSError:  # its name does not resolve yet, or it is not listening yet
                time.sleep(0.5)
        raise TimeoutError(f"{host} cannot be reached")

    def average(self, weights: list[float]) -> list[float]:
        if not self.first:
            self.connections[0].send(weights)
            return self.connections[0].recv()
        everybody = [weights, *(connection.recv() for connection in self.connections)]
        mean = [sum(values) / len(everybody) for values in zip(*everybody)]
        for connection in self.connections:
            connection.send(mean)
        return mean


def main() -> None:
    arguments = parse_arguments()
    rank = arguments.hosts.index(arguments.current_host)
    print(f"host {rank + 1} of {len(arguments.hosts)}: {arguments.current_host}, GPUs: {arguments.num_gpus}")
    random.seed(rank)

    scans = read_scans(arguments.train)[rank :: len(arguments.hosts)]
    test_scans = read_scans(arguments.test)
    peers = Peers(arguments.hosts, arguments.current_host)

    first_epoch = 1
    weights = [0.0] * (len(scans[0][0]) + 1)
    checkpoint = Path(arguments.checkpoint_dir, "checkpoint.json")
    if checkpoint.exists():  # after a spot interruption
        saved = json.loads(checkpoint.read_text())
        first_epoch, weights = saved["epoch"] + 1, saved["weights"]
        print(f"resuming after epoch {saved['epoch']}")

    accuracy = 0.0
    for epoch in range(first_epoch, arguments.epochs + 1):
        loss = train_epoch(weights, scans, arguments.batch_size, arguments.learning_rate)
        weights = peers.average(weights)
        hits = sum((predict(weights, pixels) > 0.5) == bool(label) for pixels, label in test_scans)
        accuracy = hits / len(test_scans)
        print(f"[epoch {epoch}] train_loss: {loss:.4f}")
        print(f"[epoch {epoch}] test_accuracy: {accuracy:.4f}")
        if peers.first and checkpoint.parent.is_dir():
            # In one step: an interruption never leaves half a checkpoint.
            new = checkpoint.with_suffix(".new")
            new.write_text(json.dumps({"epoch": epoch, "weights": weights}))
            new.replace(checkpoint)
        time.sleep(arguments.pause)

    if peers.first:
        Path(arguments.model_dir, "model.json").write_text(json.dumps(weights))
        info = {"classes": CLASSES, "epochs": arguments.epochs, "test_accuracy": accuracy}
        Path(arguments.model_dir, "model_info.json").write_text(json.dumps(info))


if __name__ == "__main__":
    try:
        main()
    except Exception as error:
        Path("/opt/ml/output/failure").write_text(f"{error!r}\n\n{traceback.format_exc()}")
        raise
