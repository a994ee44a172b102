"""A logistic regression as a dict that JSON can hold: whether a loan is paid back, by income, debt and late payments."""

import math

COLUMNS = ("income", "debt", "late_payments")


def fit(rows, labels, steps=2000, rate=0.5):
    """Gradient descent on the columns, brought to mean 0 and deviation 1."""
    means = [sum(column) / len(rows) for column in zip(*rows)]
    # A column of one value only has no deviation, and tells nothing.
    deviations = [
        math.sqrt(sum((value - mean) ** 2 for value in column) / len(rows)) or 1.0
        for column, mean in zip(zip(*rows), means)
    ]
    model = {"means": means, "deviations": deviations, "weights": [0.0] * len(COLUMNS), "bias": 0.0}
    scaled = [scale(model, row) for row in rows]
    for _ in range(steps):
        errors = [probability(model, values) - label for values, label in zip(scaled, labels)]
        for index, column in enumerate(zip(*scaled)):
            model["weights"][index] -= rate * sum(e * value for e, value in zip(errors, column)) / len(rows)
        model["bias"] -= rate * sum(errors) / len(rows)
    return model


def always_the_most_frequent(labels):
    """What any model should beat."""
    bias = 1.0 if 2 * sum(labels) >= len(labels) else -1.0
    return {"means": [0.0] * 3, "deviations": [1.0] * 3, "weights": [0.0] * 3, "bias": bias}


def scale(model, row):
    return [(value - mean) / deviation for value, mean, deviation in zip(row, model["means"], model["deviations"])]


def probability(model, scaled):
    score = model["bias"] + sum(weight * value for weight, value in zip(model["weights"], scaled))
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, score))))


def predict(model, row):
    return int(probability(model, scale(model, row)) > 0.5)


def accuracy(model, rows, labels):
    return sum(predict(model, row) == label for row, label in zip(rows, labels)) / len(rows)
