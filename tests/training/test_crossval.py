"""Cross-validation: what is refused before torch is imported."""

import subprocess
import sys

import pytest

from pybridge.core.errors import UsageError
from pybridge.training.crossval import cross_validate
from pybridge.training.data import load_data
from tests.builders.records import settings_for, write_squares


def test_more_folds_than_groups_are_refused(tmp_path):
    write_squares(tmp_path / "cells")
    config = settings_for(tmp_path / "cells", data={"folds": 5})
    with pytest.raises(UsageError, match=r"cross-validation with k=5: 2 group\(s\): .* To do: give k=2 or less"):
        cross_validate(config, load_data(config, base=tmp_path), tmp_path / "work")
    assert not (tmp_path / "work").exists()


def test_fewer_than_two_folds_are_refused(tmp_path):
    write_squares(tmp_path / "cells")
    config = settings_for(tmp_path / "cells")
    with pytest.raises(UsageError, match=r"cross-validate 'squares': data\.folds is 0\. To do: set data\.folds to 5"):
        cross_validate(config, load_data(config, base=tmp_path), tmp_path / "work")


def test_record_readme_curves_and_pictures_come_without_torch_or_matplotlib():
    rooms = ("crossval", "curves", "pictures", "provenance", "readme", "record", "scores")
    code = f"import sys\nfor room in {rooms}: __import__(f'pybridge.training.{{room}}')\n"
    code += "sys.exit(sorted({'torch', 'matplotlib', 'monai', 'onnx'} & set(sys.modules)) or 0)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
