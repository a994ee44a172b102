"""The application behind gunicorn: heating demand for lines of `outdoor temperature,hour`, as CSV."""

import json

import flask

app = flask.Flask(__name__)


class Model:
    weights = None

    @classmethod
    def get(cls):
        """Read the model once, when it is first asked for."""
        if cls.weights is None:
            with open("/opt/ml/model/weights.json") as file:
                cls.weights = json.load(file)
        return cls.weights

    @classmethod
    def predict(cls, temperature, hour):
        bias, cold, night = cls.get()
        return bias + cold * max(0.0, 18.0 - temperature) / 18.0 + night * (hour < 6 or hour > 21)


@app.route("/ping", methods=["GET"])
def ping():
    try:
        healthy = Model.get() is not None
    except OSError:
        healthy = False
    return flask.Response("\n", status=200 if healthy else 404, mimetype="application/json")


@app.route("/invocations", methods=["POST"])
def invocations():
    if flask.request.mimetype != "text/csv":
        return flask.Response("This predictor takes CSV only\n", status=415, mimetype="text/plain")
    try:
        rows = [
            [float(cell) for cell in line.split(",")]
            for line in flask.request.get_data(as_text=True).splitlines()
            if line.strip()
        ]
        answers = [f"{Model.predict(temperature, hour):.1f}\n" for temperature, hour in rows]
    except ValueError as error:
        return flask.Response(f"Bad line: {error}\n", status=400, mimetype="text/plain")
    return flask.Response("".join(answers), status=200, mimetype="text/csv")
