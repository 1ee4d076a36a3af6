"""A KServe server with one model, for tests: ``python serve_kserve.py MODEL.joblib PORT``."""

import sys

import joblib
import numpy as np
from kserve import InferOutput, InferResponse, Model, ModelServer

COLUMNS = ("age", "school")


class Loans(Model):
    def __init__(self, path):
        super().__init__("loans")
        self.fitted = joblib.load(path)
        self.ready = True

    def load(self):
        return True

    async def get_input_types(self):
        return [{"name": column, "datatype": "FP64", "shape": [-1]} for column in COLUMNS]

    async def predict(self, payload, headers=None, response_headers=None):
        if isinstance(payload, dict):
            return {"predictions": self.fitted.predict_proba(np.asarray(payload["instances"], float)).tolist()}
        rows = np.column_stack([tensor.as_numpy() for tensor in payload.inputs])
        found = self.fitted.predict_proba(rows)
        outputs = [
            InferOutput("probabilities", list(found.shape), "FP64", found.ravel().tolist()),
            InferOutput("positive", [len(found)], "FP64", found[:, 1].tolist()),
        ]
        return InferResponse(payload.id, self.name, outputs)


if __name__ == "__main__":
    ModelServer(http_port=int(sys.argv[2]), workers=1, enable_grpc=False).start([Loans(sys.argv[1])])
