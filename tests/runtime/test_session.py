import subprocess
import sys
import threading

import onnx
import pytest

from pybridge import zoo
from pybridge.core.errors import ModelError
from pybridge.runtime import open_predictor, session
from pybridge.runtime.onnx_backend import OnnxBackend
from tests.builders.folders import write_model
from tests.builders.networks import plain


def test_a_session_is_kept_warm(built):
    first, second = open_predictor(built("plain"), device="cpu"), open_predictor(built("plain"), device="cpu")
    assert first._opened is second._opened


def test_the_number_of_warm_sessions_is_bounded(tmp_path):
    session.close_all()
    for seed in range(session.MOST_WARM + 2):
        open_predictor(zoo.find(write_model(tmp_path / str(seed), plain(seed=seed))), device="cpu")
    assert len(session._warm) == session.MOST_WARM


def test_a_warm_model_does_not_wait_for_one_that_is_being_opened(built, tmp_path, monkeypatch):
    warm = open_predictor(built("plain"), device="cpu")
    cold = zoo.find(write_model(tmp_path / "cold", plain(seed=77)))
    go_on, begun, really = threading.Event(), threading.Event(), session._open

    def slowly(model, device, backend):
        begun.set()
        assert go_on.wait(30)
        return really(model, device, backend)

    monkeypatch.setattr(session, "_open", slowly)
    found = []
    waiting = [threading.Thread(target=lambda: found.append(open_predictor(cold, device="cpu"))) for _ in range(2)]
    for thread in waiting:
        thread.start()
    assert begun.wait(30)
    again = []
    other = threading.Thread(target=lambda: again.append(open_predictor(built("plain"), device="cpu")))
    other.start()
    other.join(30)
    assert not other.is_alive()
    assert again[0]._opened is warm._opened
    go_on.set()
    for thread in waiting:
        thread.join(30)
    assert found[0]._opened is found[1]._opened  # opened once, for both that asked


def test_a_model_that_failed_to_open_is_tried_again(built, monkeypatch):
    session.close_all()
    really, fails = session._open, [True]

    def once(model, device, backend):
        if fails.pop() if fails else False:
            raise ModelError("open it", found="a fault", do="again")
        return really(model, device, backend)

    monkeypatch.setattr(session, "_open", once)
    with pytest.raises(ModelError, match="a fault"):
        open_predictor(built("plain"), device="cpu")
    assert open_predictor(built("plain"), device="cpu").device.used == "cpu"
    assert session._opening == {}


def test_an_opset_newer_than_onnxruntime_is_refused(tmp_path):
    network = plain()
    network.opset_import[0].version = 999
    with pytest.raises(ModelError, match="newer than this onnxruntime"):
        open_predictor(zoo.find(write_model(tmp_path / "m", network)), device="cpu")


def test_an_ir_version_newer_than_onnxruntime_is_refused(tmp_path):
    network = plain()
    network.ir_version = 99
    with pytest.raises(ModelError, match="newer than this onnxruntime"):
        open_predictor(zoo.find(write_model(tmp_path / "m", network)), device="cpu")


def test_an_operator_that_does_not_exist_is_named(tmp_path):
    network = plain()
    network.graph.node[0].op_type = "Convolutionish"
    with pytest.raises(ModelError, match="Convolutionish"):
        open_predictor(zoo.find(write_model(tmp_path / "m", network)), device="cpu")


def test_nothing_is_written_to_stdout_or_stderr_when_cuda_does_not_load(tmp_path):
    if OnnxBackend().gpus():
        pytest.skip("there is a GPU here")
    folder = write_model(tmp_path / "m", plain())
    code = (
        "import pybridge.zoo, pybridge.runtime, sys\n"
        "from pybridge.core.errors import DeviceError\n"
        f"model = pybridge.zoo.find({str(folder)!r})\n"
        "try:\n    pybridge.runtime.open_predictor(model, device='cuda')\n"
        "except DeviceError:\n    sys.exit(7)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (7, "", "")


def test_importing_the_runtime_does_not_load_onnxruntime():
    code = "import sys, pybridge.runtime; print('onnxruntime' in sys.modules, 'scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_the_graph_of_a_built_model_is_valid(tmp_path):
    onnx.checker.check_model(plain(), full_check=True)
