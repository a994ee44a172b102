"""Answers with the model of `training.py`, and does what SageMaker expects of a server.

Each broken container overrides the one method in which it goes wrong.
"""

import json
import math
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

MODEL = Path("/opt/ml/model")


class Handler(BaseHTTPRequestHandler):
    model: dict = {}

    @classmethod
    def load(cls, folder: Path = MODEL) -> None:
        cls.model = json.loads((folder / "model.json").read_text())

    def do_GET(self) -> None:
        if self.path == "/ping":
            self.ping()
        elif self.path == "/execution-parameters":
            self.execution_parameters()
        else:
            self.answer(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/invocations":
            self.invocations(body)
        else:
            self.answer(404)

    def ping(self) -> None:
        self.answer(200)

    def execution_parameters(self) -> None:
        self.answer_json({"MaxConcurrentTransforms": 4, "BatchStrategy": "MULTI_RECORD", "MaxPayloadInMB": 6})

    def invocations(self, body: bytes) -> None:
        try:
            numbers = self.parse(body)
        except ValueError as error:
            self.refuse(error)
        else:
            self.answer_json({"predictions": self.predict(numbers)})

    def parse(self, body: bytes) -> list[float]:
        """One number a line."""
        numbers = [float(line) for line in body.decode().split()]
        if not numbers or not all(map(math.isfinite, numbers)):
            raise ValueError("each line must hold a finite number")
        return numbers

    def predict(self, numbers: list[float]) -> list[float]:
        return [round(self.model["slope"] * x + self.model["intercept"], 2) for x in numbers]

    def refuse(self, error: ValueError) -> None:
        self.answer(400, "text/plain", f"{error}\n".encode())

    def answer_json(self, value: dict) -> None:
        self.answer(200, "application/json", json.dumps(value).encode())

    def log_message(self, *_: object) -> None:
        """No access log: it would only hide what matters."""

    def answer(self, status: int, content_type: str | None = None, body: bytes = b"") -> None:
        self.send_response(status)
        if content_type:
            self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve(handler=Handler, address="0.0.0.0", server=ThreadingHTTPServer) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    handler.load()
    server((address, 8080), handler).serve_forever()
