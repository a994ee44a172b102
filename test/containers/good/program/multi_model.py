import json
from pathlib import Path

from serving import Handler


class MultiModel(Handler):
    """Loads, lists, invokes and unloads models, as endpoints with many models ask for it."""

    models: dict[str, Path] = {}

    @classmethod
    def load(cls, folder: Path | None = None) -> None:
        if folder is not None:
            super().load(folder)

    def do_POST(self) -> None:
        if self.path == "/models":
            wanted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            return self.load_model(wanted["model_name"], Path(wanted["url"]))
        _, _, name, call = self.path.split("/")
        if name not in self.models or call != "invoke":
            return self.answer(404)
        self.load(self.models[name])
        return self.invocations(self.rfile.read(int(self.headers["Content-Length"])))

    def do_GET(self) -> None:
        if self.path == "/models":
            self.answer_json({"models": [self.describe(name) for name in self.models]})
        elif self.path.startswith("/models/"):
            name = self.path.removeprefix("/models/")
            self.answer_json(self.describe(name)) if name in self.models else self.answer(404)
        else:
            super().do_GET()

    def do_DELETE(self) -> None:
        self.answer(200 if self.models.pop(self.path.removeprefix("/models/"), None) else 404)

    def load_model(self, name: str, folder: Path) -> None:
        if name in self.models:
            return self.answer(409)
        self.models[name] = folder
        return self.answer(200)

    def describe(self, name: str) -> dict:
        return {"modelName": name, "modelUrl": str(self.models[name])}
