import argparse
import json
import math
import os
import signal
import time
from pathlib import Path

stopping = False


def stop(*_):
    global stopping
    stopping = True


def main():
    signal.signal(signal.SIGTERM, stop)
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--smoothing", type=float, default=1.0)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds an epoch takes longer, to watch it")
    parser.add_argument("--model-dir", default=os.environ["SM_MODEL_DIR"])
    parser.add_argument("--train", default=os.environ["SM_CHANNEL_TRAIN"])
    arguments = parser.parse_args()

    # Word counts by class: the first word of a line is its class.
    lines = [line.split() for path in Path(arguments.train).glob("*.txt") for line in path.open()]
    counts = {}
    for epoch in range(1, arguments.epochs + 1):
        for label, *words in lines[epoch - 1 :: arguments.epochs]:
            for word in words:
                of_label = counts.setdefault(label, {})
                of_label[word] = of_label.get(word, 0) + 1
        time.sleep(arguments.pause)
        print(f"epoch={epoch} train_accuracy={accuracy(counts, lines, arguments.smoothing):.4f}", flush=True)
        if stopping:
            print(f"SIGTERM in epoch {epoch}: saving what there is.", flush=True)
            break

    Path(arguments.model_dir, "counts.json").write_text(json.dumps(counts))


def accuracy(counts, lines, smoothing):
    def score(label, words):
        total = sum(counts[label].values())
        return sum(math.log((counts[label].get(word, 0) + smoothing) / (total + smoothing)) for word in words)

    return sum(max(counts, key=lambda label: score(label, words)) == right for right, *words in lines) / len(lines)


if __name__ == "__main__":
    main()
