"""The error tree."""

import inspect
import pickle

import pytest

from pybridge.core import errors
from pybridge.core.errors import PyBridgeError, did_you_mean

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, PyBridgeError)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_says_asked_found_and_do_and_survives_pickling(kind):
    error = kind("open 'a'", found="nothing.", do="look again")
    assert str(error) == "open 'a': nothing. To do: look again"
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (kind, str(error))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not PyBridgeError])
def test_every_error_is_also_a_builtin(kind):
    assert any(
        base.__module__ == "builtins" and base not in (Exception, BaseException, object) for base in kind.__mro__
    )


def test_a_wrong_name_is_answered_with_the_nearest():
    assert did_you_mean("nuclei-flou", ["cells", "nuclei-fluo"]) == "did you mean 'nuclei-fluo'?"
    assert did_you_mean("zzz", ["b", "a"]) == "choose one of 'a', 'b'"
    assert did_you_mean("zzz", []) == "there are none"
