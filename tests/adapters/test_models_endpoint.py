"""Endpoints: MLflow's scoring server, and what a server can do wrong."""

import base64
import contextlib
import json
import os
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
from serving import server
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from pytest_mlquality.adapters.models import Trust, Wanted, http, load
from pytest_mlquality.errors import ModelError
from pytest_mlquality.redaction import conceal

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


# --- answers without end, of no shape, and what a server says of rows -------------------------------------------------


@pytest.fixture
def raw():
    """Start a server that sends what it is told to, bytes as they are, until the other side hangs up."""
    parts, ready = [], socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connected, _ = ready.accept()
            except OSError:
                return
            with connected, contextlib.suppress(OSError):
                connected.recv(65536)
                for part in parts[0]():
                    connected.sendall(part)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()

    def told(made, path="invocations"):
        parts[:] = [made]
        return f"http://127.0.0.1:{ready.getsockname()[1]}/{path}"

    yield told
    ready.shutdown(socket.SHUT_RDWR)
    ready.close()
    thread.join(30)


def endless():
    yield b"HTTP/1.1 200 OK\r\n\r\n"
    while True:
        yield b" " * 65536


def endless_in_chunks():
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    while True:
        yield b"10000\r\n" + b" " * 65536 + b"\r\n"


def dripping(start):
    def made():
        yield start
        # A read never waits for long: each has its byte.
        for _ in range(3_000):
            threading.Event().wait(0.01)
            yield b"x"

    return made


@pytest.mark.parametrize("made", [endless, endless_in_chunks])
def test_an_endless_answer_is_cut_at_its_bound(raw, made):
    uri = raw(made)
    with pytest.raises(ModelError, match=r"answers with more than 1,179,648 bytes.*65,536 for each row") as caught:
        endpoint(uri).predict(FRAME[:2])
    assert "prediction alone" in caught.value.remedy


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 "])
def test_a_dripping_answer_ends_with_the_time_of_the_whole_exchange(raw, start, monkeypatch):
    monkeypatch.setattr(http, "SECONDS", 0.3)
    with pytest.raises(ModelError, match=r"did not answer in full within 0\.3 s"):
        endpoint(raw(dripping(start))).predict(FRAME[:1])


@pytest.mark.parametrize(
    "answer", [b"", b"no HTTP", b"HTTP/1.1 2OO OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"]
)
def test_what_is_no_answer_of_http_is_one_error(raw, answer):
    with pytest.raises(ModelError, match=r"cannot be reached|does not speak HTTP|without 'predictions'"):
        endpoint(raw(lambda: [answer])).predict(FRAME[:1])


def test_a_reason_phrase_and_names_of_a_server_may_be_cells(raw):
    uri = raw(lambda: [b"HTTP/1.1 400 no CanaryName0\r\n\r\nCanaryName0"])
    with pytest.raises(ModelError, match=r"status 400 \(Bad Request\)") as caught:
        endpoint(uri).predict(FRAME[:1])
    assert "Canary" not in str(caught.value)
    raw(lambda: [b"HTTP/1.1 799 CanaryName0\r\n\r\n"])
    with pytest.raises(ModelError, match=r"status 799'?$|status 799\n"):
        endpoint(uri).predict(FRAME[:1])
    raw(lambda: [b'HTTP/1.1 200 OK\r\n\r\n{"CanaryName0": 1, "error": "CanaryName0"}'])
    with pytest.raises(ModelError, match="without 'predictions': it has error") as caught:
        endpoint(uri).predict(FRAME[:1])
    assert "Canary" not in str(caught.value)


TENSOR = {"name": "age", "datatype": "FP64", "shape": [-1, 1]}
BAD = [
    {"inputs": 1},
    {"inputs": "age"},
    {"inputs": {"name": "age"}},
    {"inputs": ["age"]},
    {"inputs": [None]},
    {"inputs": [[]]},
    *({"inputs": [{key: value for key, value in TENSOR.items() if key != missing}]} for missing in TENSOR),
    *({"inputs": [TENSOR | {"shape": shape}]} for shape in (None, 1, "1", [None], ["a"], [1.5], [True], [2**40], {})),
    *({"inputs": [TENSOR | {"name": name}]} for name in (None, 1, "", [], {})),
    *({"inputs": [TENSOR | {"datatype": kind}]} for kind in (None, 1, "CanaryName0", [], {})),
    {"inputs": [TENSOR, TENSOR]},
    [],
    None,
    "CanaryName0",
]


@pytest.mark.parametrize("metadata", BAD, ids=json.dumps)
def test_bad_metadata_are_one_error(raw, metadata):
    uri = raw(lambda: [b"HTTP/1.1 200 OK\r\n\r\n", json.dumps(metadata).encode()], "v2/models/m")
    with pytest.raises(
        ModelError, match=r"does not answer as the protocol says|did not answer with a JSON object"
    ) as caught:
        endpoint(uri)
    assert "Canary" not in str(caught.value)


@pytest.mark.parametrize(
    "outputs",
    [
        *(one["inputs"] for one in BAD if isinstance(one, dict)),
        [],
        [TENSOR],
        [TENSOR | {"data": "x"}],
        [TENSOR | {"data": [1, 2, 3], "shape": [2]}],
        [TENSOR | {"data": [[1], [2, 3]], "shape": [3]}],
        [TENSOR | {"name": "CanaryName0", "data": [1]}, TENSOR | {"data": [1]}],
    ],
    ids=json.dumps,
)
def test_bad_outputs_are_one_error(raw, outputs):
    uri = raw(lambda: [b'HTTP/1.1 200 OK\r\n\r\n{"inputs": [], "outputs": [{"name": "p"}]}'], "v2/models/m")
    model = endpoint(uri, features=("age",))
    raw(lambda: [b"HTTP/1.1 200 OK\r\n\r\n", json.dumps({"outputs": outputs}).encode()])
    with pytest.raises(ModelError, match="the endpoint") as caught:
        model.predict(FRAME[:2])
    assert "Canary" not in str(caught.value)


@pytest.mark.parametrize("nesting", [b"[" * 100_000, b'{"predictions": ' + b"[" * 100_000])
def test_json_without_end_in_depth_is_no_answer(raw, nesting):
    with pytest.raises(ModelError, match="did not answer with a JSON object"):
        endpoint(raw(lambda: [b"HTTP/1.1 200 OK\r\n\r\n", nesting])).predict(FRAME[:1])


PASSWORDS = [
    "pa@ss-word",
    "pa:ss-word",
    "pa'ss-word",
    'pa"ss-word',
    "pa ss-word",
    "pa/ss-word",
    "pa?ss-word",
    "pa#ss-word",
    "pa[ss-word",
]


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize("written", [str, lambda password: quote(password, safe="")], ids=["raw", "encoded"])
def test_a_password_of_any_sign_is_shown_to_nobody(password, written):
    uri = f"http://me:{written(password)}@127.0.0.1:9/v2/models/m"
    with pytest.raises(ModelError, match=r"127\.0\.0\.1:9/v2/models/m") as caught:
        endpoint(uri)
    said = (
        f"{caught.value} {conceal(repr(uri))} {conceal(json.dumps(uri))} {conceal(password)} {conceal(quote(password))}"
    )
    assert not [
        part for part in ("pa@", "pa:", "pa'", 'pa"', "pa ", "pa/", "pa?", "pa#", "pa[", "ss-word") if part in said
    ]


def test_the_login_of_a_raw_password_is_sent_as_it_is_meant(answering):
    uri, asked = answering({"predictions": [0.5]})
    model = endpoint(uri.replace("pass-word", "p@ss/w?rd#1"))
    assert model.predict(FRAME[:1]) == [0.5]
    sent = asked[0][1]["Authorization"]
    assert base64.b64decode(sent.removeprefix("Basic ")) == b"me:p@ss/w?rd#1"
    assert conceal(sent) == "Basic ***"
