"""Endpoints: MLflow's scoring server, and what a server can do wrong."""

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from serving import server
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from pytest_mlquality.adapters.models import Trust, Wanted, load
from pytest_mlquality.errors import ModelError

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
FRAME = pd.DataFrame({"age": [20.0, 40.0, 60.0, 70.0] * 300, "region": ["north", "south", "south", "west"] * 300})


def endpoint(uri, **more):
    return load(Wanted(uri, Path(), **more))


@pytest.mark.verify
def test_mlflows_scoring_server_gives_the_models_answers(tmp_path):
    import mlflow

    encoded = make_column_transformer((OneHotEncoder(), ["region"]), remainder="passthrough")
    fitted = make_pipeline(encoded, LogisticRegression()).fit(FRAME, ["no", "yes", "yes", "no"] * 300)
    mlflow.sklearn.save_model(
        fitted, tmp_path / "m", pyfunc_predict_fn="predict_proba", pip_requirements=["scikit-learn"]
    )
    serve = [sys.executable, "-m", "mlflow", "models", "serve", "-m", str(tmp_path / "m"), "--env-manager", "local"]
    with server(lambda port: [*serve, "-p", str(port)], "/ping", tmp_path / "log") as address:
        model = endpoint(f"{address}/invocations", features=("age", "region"), classes=("no", "yes"))
        assert np.allclose(model.predict_proba(FRAME[["region", "age"]]), fitted.predict_proba(FRAME), atol=1e-12)
        with pytest.raises(ModelError, match="status 400"):
            endpoint(f"{address}/invocations", features=("age",)).predict(FRAME)


# --- what a server can do wrong: one that answers whatever it is told to ----------------------------------------------


@pytest.fixture
def answering():
    """Start a server that answers every question with the bytes it was given, and keeps what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append((self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200 if answers[0] else 302)
            self.send_header("Location", f"http://localhost:{self.server.server_address[1]}/elsewhere")
            self.end_headers()
            self.wfile.write(answers[0])

        def log_message(self, *_args):
            pass

    asked, answers = [], [b""]
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()

        def told(answer):
            answers[0] = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            return f"http://me:pass-word@127.0.0.1:{running.server_address[1]}/invocations?token=t0ken", asked

        yield told
        running.shutdown()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"<html>", "did not answer with a JSON object"),
        ([0.5], "did not answer with a JSON object"),
        ({"outputs": [0.5]}, "answered without 'predictions': it has outputs"),
        ({"predictions": [0.5]}, r"shape \(1,\) where \(4,\) was expected"),
        ({"predictions": [None, 0.1, 0.2, 0.3]}, "1 of 4 rows are missing or not finite"),
    ],
)
def test_an_answer_that_is_none_is_explained_without_the_password(answering, answer, words):
    uri, asked = answering(answer)
    model = endpoint(uri)
    with pytest.raises(ModelError, match=words) as caught:
        model.predict(FRAME[:4])
    assert "pass-word" not in str(caught.value) + model.uri
    assert "t0ken" not in str(caught.value) + model.uri
    path, headers, _ = asked[0]
    assert (path, headers["Authorization"]) == ("/invocations", "Basic bWU6cGFzcy13b3Jk")


def test_a_redirect_is_not_followed(answering):
    uri, asked = answering(b"")
    with pytest.raises(ModelError, match=r"status 302 \(Found\)"):
        endpoint(uri).predict(FRAME[:1])
    assert [path for path, _, _ in asked] == ["/invocations"]


def test_rows_go_in_questions_of_a_thousand(answering):
    uri, asked = answering({"predictions": [0.0] * 1_000})
    with pytest.raises(ModelError, match=r"shape \(2000,\) where \(1200,\)"):
        endpoint(uri).predict(FRAME)
    sizes = [len(json.loads(body)["dataframe_split"]["data"]) for _, _, body in asked]
    assert sizes == [1_000, 200]


def test_an_endpoint_that_is_none_says_what_is(monkeypatch):
    with pytest.raises(ModelError, match=r"127\.0\.0\.1:9/predict' names no protocol") as caught:
        endpoint("http://me:pass-word@127.0.0.1:9/predict")
    assert "/v2/models/NAME" in caught.value.remedy
    assert "pass-word" not in str(caught.value)
    with pytest.raises(ModelError, match=r"cannot be reached: .*refused"):
        endpoint("http://me:pass-word@127.0.0.1:9/v2/models/m")
    with pytest.raises(ModelError, match="no file that could be pinned"):
        endpoint("http://127.0.0.1:9/invocations", trust=Trust(sha256="0" * 64))
