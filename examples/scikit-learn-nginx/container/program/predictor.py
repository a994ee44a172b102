"""What gunicorn runs: the rent of each apartment of a CSV without a header, one a line."""

import csv
import math

import joblib
from flask import Flask, Response, abort, request
from werkzeug.exceptions import HTTPException

COLUMNS = ["area", "rooms", "floor", "built"]

# Loaded once, before gunicorn forks its workers (--preload).
model = joblib.load("/opt/ml/model/model.joblib")
app = Flask(__name__)


@app.get("/ping")
def ping():
    return Response(status=200)


@app.post("/invocations")
def invocations():
    if request.mimetype != "text/csv":
        abort(415, f"Content-Type is {request.mimetype or 'missing'}: send text/csv.")
    rents = model.predict(read_rows(request.get_data(as_text=True)))
    return Response("".join(f"{rent:.0f}\n" for rent in rents), mimetype="text/csv")


def read_rows(text):
    """What cannot be read is the caller's mistake: 400, not 500."""
    try:
        rows = [[float(value) for value in row] for row in csv.reader(text.splitlines()) if row]
    except ValueError as error:
        abort(400, f"The payload cannot be read: {error}.")
    if not rows or any(len(row) != len(COLUMNS) or not all(map(math.isfinite, row)) for row in rows):
        abort(400, f"Each line must hold {len(COLUMNS)} finite numbers: {', '.join(COLUMNS)}.")
    return rows


@app.errorhandler(HTTPException)
def refuse(error):
    return Response(f"{error.description}\n", status=error.code, mimetype="text/plain")
