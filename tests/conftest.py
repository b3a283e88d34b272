"""What all tests share: fixtures for ImageJ and the shared data, and ``--require``, which keeps skips honest."""

from __future__ import annotations

import importlib.util
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pybridge.files.home import home_folder

if TYPE_CHECKING:
    from pybridge.imagej import Gateway

PARTS = ("jvm", "cuda", "shared", "models", "torch", "display")

# Tests write nothing into the user's own folder, but what was fetched from Maven Central or compiled is used again.
os.environ.setdefault("M2_REPO", str(home_folder() / "cache" / "java" / "maven"))
os.environ.setdefault("NUMBA_CACHE_DIR", str(home_folder() / "cache" / "numba"))
_test_home = tempfile.TemporaryDirectory(prefix="pybridge-tests-", ignore_cleanup_errors=True)
os.environ["PYBRIDGE_HOME"] = _test_home.name


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--require",
        action="append",
        default=[],
        metavar="PARTS",
        help=f"comma list of {', '.join(PARTS)}: where such a part is missing, fail instead of skipping",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "jvm: needs Java and ImageJ")
    config.addinivalue_line("markers", "display: needs Java, ImageJ and a display")
    wrong = [part for part in _required(config) if part not in PARTS]
    if wrong:
        raise pytest.UsageError(f"--require={','.join(wrong)}: choose from {', '.join(PARTS)}")
    if "torch" in _required(config) and importlib.util.find_spec("torch") is None:
        raise pytest.UsageError("--require=torch: torch is not installed (`pip install -e '.[test,train]'`)")


def _required(config: pytest.Config) -> list[str]:
    return [part for text in config.getoption("--require") for part in text.split(",") if part]


def missing(part: str, reason: str, config: pytest.Config) -> None:
    """Skip a test because a part is missing here, or fail it when that part is required."""
    if part in _required(config):
        pytest.fail(f"--require={part}: {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session", autouse=True)
def every_record_fits_the_schema() -> Iterator[None]:
    """Read back each run record that is written while a test runs: it must be whole, and fit ``pybridge-run/1``."""
    import json

    from pybridge.core.record import RunRecord
    from pybridge.reporting.stored_record import parse_record

    written = RunRecord.to_json

    def checked(record: RunRecord) -> str:
        text = written(record)
        problems = parse_record(json.loads(text), path=Path("record.json")).problems
        assert problems == (), f"{record.command}: {problems}"
        return text

    RunRecord.to_json = checked  # type: ignore[method-assign]
    yield
    RunRecord.to_json = written  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def shared_data(request: pytest.FixtureRequest) -> Path:
    """The folder of real images beside the checkout, or where ``PYBRIDGE_SHARED_DATA`` says."""
    named = os.environ.get("PYBRIDGE_SHARED_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        missing("shared", f"no shared data in {folder}", request.config)
    return folder


@pytest.fixture(scope="session")
def gateway(request: pytest.FixtureRequest) -> Iterator[Gateway]:
    """ImageJ: the embedded one, or what ``PYBRIDGE_TEST_FIJI`` names (a Fiji folder or an endpoint)."""
    from pybridge import imagej
    from pybridge.core.errors import ImageJError

    try:
        started = imagej.start(os.environ.get("PYBRIDGE_TEST_FIJI") or None)
    except ImageJError as error:
        missing("jvm", str(error), request.config)
    yield started
    started.close()


@pytest.fixture(scope="session")
def nuclei_model(request: pytest.FixtureRequest) -> str:
    """The id of the model that comes with PyBridge."""
    from pybridge.files.home import shipped_folder

    if not (shipped_folder("models") / "nuclei-fluo" / "model.onnx").is_file():
        missing("models", "models/nuclei-fluo has no weights in this checkout", request.config)
    return "nuclei-fluo"
