"""Where outputs go, decided before any work."""

from pathlib import Path

import pytest

from pybridge.core.errors import OutputExistsError, UsageError
from pybridge.files.outputs import free_name, plan_outputs

ROLES = [("labels", ".tif"), ("objects", ".csv")]


def test_outputs_go_beside_the_input_or_into_the_folder_named(tmp_path):
    source = tmp_path / "cells.tif"
    (beside,) = plan_outputs([source], None, roles=ROLES, overwrite=False)
    (inside,) = plan_outputs([source], str(tmp_path / "out"), roles=ROLES, overwrite=False)
    assert beside.path_of("objects", ".csv") == tmp_path / "cells-objects.csv"
    assert inside.path_of("labels", ".tif") == tmp_path / "out" / "cells-labels.tif"


def test_a_tif_named_as_output_is_the_label_image_and_names_the_rest(tmp_path):
    (plan,) = plan_outputs([Path("a.tif")], str(tmp_path / "mine-labels.tif"), roles=ROLES, overwrite=False)
    assert plan.path_of("labels", ".tif") == tmp_path / "mine-labels.tif"
    assert plan.path_of("objects", ".csv") == tmp_path / "mine-objects.csv"
    with pytest.raises(UsageError, match="one file for several results"):
        plan_outputs([Path("a.tif"), Path("b.tif")], "x.tif", roles=ROLES, overwrite=False)


def test_two_inputs_with_one_output_name_are_refused_even_if_they_differ_in_case_or_kind():
    for other in ("b/cells.tif", "a/CELLS.tif", "a/cells.png"):
        with pytest.raises(UsageError, match="both would be written to"):
            plan_outputs([Path("a/cells.tif"), Path(other)], "out", roles=ROLES, overwrite=True)


def test_an_existing_output_is_an_error_that_names_it_unless_it_may_be_replaced(tmp_path):
    (tmp_path / "cells-objects.csv").touch()
    with pytest.raises(OutputExistsError, match=r"cells-objects\.csv"):
        plan_outputs([tmp_path / "cells.tif"], None, roles=ROLES, overwrite=False)
    plan_outputs([tmp_path / "cells.tif"], None, roles=ROLES, overwrite=True)


def test_an_output_never_replaces_an_input_of_the_run(tmp_path):
    sources = [tmp_path / "a.tif", tmp_path / "a-labels.tif"]
    with pytest.raises(UsageError, match="it is an input of this run"):
        plan_outputs(sources, None, roles=ROLES, overwrite=True)


def test_the_record_of_a_second_run_gets_a_name_of_its_own(tmp_path):
    path = tmp_path / "run-record.json"
    assert free_name(path) == path
    path.touch()
    (tmp_path / "run-record-2.json").touch()
    assert free_name(path).name == "run-record-3.json"
