"""The jar files of the embedded ImageJ: fetched from Maven Central once, kept under ``PYBRIDGE_HOME`` after that."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import ssl
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pybridge.core.errors import ImageJError
from pybridge.files.cache import cache_path, load_cached, store_cached
from pybridge.files.home import home_folder

IMAGEJ_VERSION = "1.54p"
EMBEDDED = (f"net.imagej:ij:{IMAGEJ_VERSION}", "net.imagej:ij1-patcher:2.0.0")
SCRIPTING = (
    "org.scijava:scijava-common:2.100.1",
    "org.scijava:parsington:3.1.0",  # jgo would take 2.0.0, with which no `#@` script runs
    "org.python:jython-slim:2.7.4",
    "org.apache.groovy:groovy-jsr223:4.0.21",
)
"""What ``#@`` scripts in Jython and Groovy need besides; fetched when the first one is run."""
APPOSE = ("org.apposed:appose:0.9.0",)
"""The Java side of the worker's protocol, which older Fijis lack."""

log = logging.getLogger("pybridge.imagej")


def embedded_jars(endpoints: tuple[str, ...] = EMBEDDED) -> tuple[Path, ...]:
    """Give the jar files of the embedded ImageJ; the first time they come from Maven Central.

    The list of files is remembered, so that a later start needs neither the network nor jgo.

    Parameters
    ----------
    endpoints : tuple of str
        Maven coordinates ``group:artifact:version``.

    Returns
    -------
    tuple of Path
        Files that all exist.

    Raises
    ------
    ImageJError
        If they are not there and cannot be fetched.
    """
    remembered = _list_file(endpoints)
    jars = _read_list(remembered)
    if jars is None:
        jars = _fetch(endpoints)
        store_cached(remembered, {str(jar): jar.stat().st_size for jar in jars})
    return jars


def are_fetched(endpoints: tuple[str, ...] = EMBEDDED) -> bool:
    """Whether the jar files are here, so that a start needs no network."""
    return _read_list(_list_file(endpoints)) is not None


def _cache() -> Path:
    return home_folder() / "cache" / "java"


def _repository() -> Path:
    # Maven's own variable: people who share one repository between tools set it.
    shared = os.environ.get("M2_REPO")
    return Path(shared).expanduser() if shared else _cache() / "maven"


def _list_file(endpoints: tuple[str, ...]) -> Path:
    key = hashlib.sha256("+".join(endpoints).encode()).hexdigest()[:16]
    return cache_path("java", f"jars-{key}")


def _read_list(path: Path) -> tuple[Path, ...] | None:
    sizes = load_cached(path)
    if not isinstance(sizes, dict) or not sizes:
        return None
    try:
        intact = all(Path(name).stat().st_size == size for name, size in sizes.items())
    except OSError:
        return None  # tidied away: fetch again
    return tuple(map(Path, sizes)) if intact else None


def _fetch(endpoints: tuple[str, ...]) -> tuple[Path, ...]:
    from jgo.constants import MAVEN_CENTRAL_URL
    from jgo.env import EnvironmentBuilder
    from jgo.maven import MavenContext, PythonResolver

    log.info("fetching %s from Maven Central (once)", ", ".join(endpoints))
    asked = f"fetch {', '.join(endpoints)} from Maven Central"
    try:
        with _quiet_jgo(), _trusting_the_system():
            context = MavenContext(
                resolver=PythonResolver(lenient=True),
                repo_cache=_repository(),
                remote_repos={"central": MAVEN_CENTRAL_URL},
            )
            builder = EnvironmentBuilder(context=context, cache_dir=_cache() / "jgo")
            environment = builder.from_endpoint("+".join(endpoints), update=False)
    except Exception as error:  # jgo raises whatever requests, zipfile or the parser raised
        raise ImageJError(
            asked,
            found=f"{type(error).__name__}: {error}",
            do="check the network (a proxy is taken from the environment) and try again; needed once only",
        ) from error
    jars = tuple(sorted([*environment.modules_dir.glob("*.jar"), *environment.jars_dir.glob("*.jar")]))
    wanted = [endpoint.split(":")[1] for endpoint in endpoints]
    lacking = [name for name in wanted if not any(jar.name.startswith(f"{name}-") for jar in jars)]
    if lacking:
        raise ImageJError(
            asked,
            found=f"no {', '.join(lacking)} among {[jar.name for jar in jars]}",
            do="check the network (a proxy is taken from the environment) and try again; needed once only",
        )
    return jars


@contextlib.contextmanager
def _trusting_the_system() -> Iterator[None]:
    """Let jgo's downloads trust what the operating system trusts, as pip does.

    The library below it knows only the certificates that it brings along, and fails behind the proxy of a company or
    a university that has its own. A bundle that the user named already is left alone.
    """
    import certifi

    if os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE"):
        yield
        return
    system = ssl.create_default_context().get_ca_certs(binary_form=True)
    bundle = Path(certifi.where()).read_text(encoding="utf-8") + "".join(map(ssl.DER_cert_to_PEM_cert, system))
    with tempfile.TemporaryDirectory(prefix="pybridge-") as folder:
        file = Path(folder) / "certificates.pem"
        file.write_text(bundle, encoding="utf-8")
        os.environ["REQUESTS_CA_BUNDLE"] = str(file)
        try:
            yield
        finally:
            del os.environ["REQUESTS_CA_BUNDLE"]


@contextlib.contextmanager
def _quiet_jgo() -> Iterator[None]:
    """Keep jgo's remarks (a missing ``jar`` tool, which is of no matter) out of the user's terminal."""
    logger = logging.getLogger("jgo")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
