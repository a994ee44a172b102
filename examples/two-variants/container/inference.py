"""The model behind the endpoint, in the terms of sagemaker-inference: load, read a request, predict, write an answer."""

import json
from io import StringIO
from pathlib import Path

import numpy as np
from sagemaker_inference import content_types, errors
from sagemaker_inference.default_inference_handler import DefaultInferenceHandler

FEATURES = 3


class Handler(DefaultInferenceHandler):
    def default_model_fn(self, model_dir, context=None):
        with np.load(Path(model_dir, "model.npz")) as file:
            return {name: file[name] for name in file.files}

    def default_input_fn(self, input_data, content_type, context=None):
        # The toolkit's own reader also takes NumPy's formats, with pickles in them, which would run a stranger's code;
        # and of columns of whole numbers among others it makes a structured array.
        if content_type == content_types.CSV:
            rows = np.loadtxt(StringIO(input_data), delimiter=",", ndmin=2)
        elif content_type == content_types.JSON:
            rows = np.atleast_2d(np.array(json.loads(input_data), dtype=float))
        else:
            raise errors.UnsupportedFormatError(content_type)
        if rows.ndim != 2 or rows.shape[1] != FEATURES or not np.isfinite(rows).all():
            raise ValueError(f"each row must hold {FEATURES} finite numbers")
        return rows

    def default_predict_fn(self, data, model, context=None):
        rows = np.column_stack([(data - model["mean"]) / model["deviation"], np.ones(len(data))])
        return (rows @ model["weights"]).round(1)
