"""Tables of classes: what counts as one, and what is wrong with others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pybridge.core.errors import ImageFileError, UsageError
from pybridge.files import class_table
from pybridge.files.class_table import read_class_table


def write(folder: Path, text: str) -> Path:
    path = folder / "classes é.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_columns_are_found_by_name_in_any_order_and_spelling(tmp_path: Path, separator: str) -> None:
    lines = [["p_b", "Class", "Plate", "File", "P_a"], ["0.25", "a", "7", "x é.png", "0.75"]]
    table = read_class_table(write(tmp_path, "\n".join(separator.join(line) for line in lines)))
    assert (table.keys, table.classes, table.names) == (("x é.png",), ("a",), ("b", "a"))
    np.testing.assert_array_equal(table.probabilities, [[0.25, 0.75]])
    used = table.used(role="truth")
    assert (used.name, used.shape, used.role, len(used.sha256_file or "")) == ("classes é.csv", (1,), "truth", 64)


def test_other_columns_that_could_be_probabilities_are_kept_by_name(tmp_path: Path) -> None:
    text = "file,0.5,class,area,share,twice,twice,gap\n1,1,a,7,0.25,0,0,\n2,0,a,7,1,0,0,0\n"
    table = read_class_table(write(tmp_path, text))
    assert (table.names, table.other_names) == ((), ("0.5", "share"))
    np.testing.assert_array_equal(table.others, [[1, 0.25], [0, 1]])
    assert read_class_table(write(tmp_path, "file,class\n1,a\n")).others is None


@pytest.mark.parametrize(("named", "read"), [("p_a", 30), ("score", 30 + 20)])
def test_a_wide_table_is_read_only_as_far_as_its_columns_can_be_probabilities(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str, read: int
) -> None:
    cells: list[str] = []

    def counted(cell: str) -> float:
        cells.append(cell)
        return float(cell)

    monkeypatch.setattr(class_table, "float", counted, raising=False)
    header = ["file", "class", named, *(f"feature {number}" for number in range(20))]
    rows = [[str(number), "a", "1", *["7"] * 20] for number in range(30)]
    table = read_class_table(write(tmp_path, "\n".join(",".join(row) for row in (header, *rows))))
    assert (table.names, table.other_names) == ((("a",), ()) if named == "p_a" else ((), ("score",)))
    assert len(cells) == read


def test_a_byte_order_mark_and_quotes_are_read_over(tmp_path: Path) -> None:
    assert read_class_table(write(tmp_path, '\ufefffile,class\n"a, b.png","x"\n')).keys == ("a, b.png",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it lacks a column 'file' or 'class'"),
        ("file,kind\na,b\n", "it lacks a column 'class'"),
        ("file,class\n", "it lacks a row"),
        ("file,class\na,b,c\n", "row 2 has another number of columns"),
        ("file,class,p_a\nx,a,much\n", "a probability is no number"),
        ("file,class,p_a\nx,a,7\n", "not between 0 and 1"),
        ("file,class,p_a\nx,a,nan\n", "not between 0 and 1"),
        ("file,class,p_a\nx,a,\n", "a probability is no number"),
        ("file,class,p_a,prob_a\nx,a,1,1\n", "two columns of probabilities of the class 'a'"),
        ("file,class\nx,a\ny,\n", "row 3 has nothing in its column 'class'"),
        ("file,class\nx,a\n ,b\n", "row 3 has nothing in its column 'file'"),
        ("file,Truth,Predicted\nx,a,b\n", "2 columns that could be the class: 'Truth', 'Predicted'"),
    ],
)
def test_other_tables_are_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ImageFileError, match=message):
        read_class_table(write(tmp_path, text))


def test_two_rows_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"rows with one name: x\.png"):
        read_class_table(write(tmp_path, "file,class\na/x.png,1\nb\\x.png,2\n"))


def test_a_cell_may_have_several_lines(tmp_path: Path) -> None:
    assert read_class_table(write(tmp_path, 'file,class,note\na,x,"one\ntwo"\n')).keys == ("a",)


def test_a_missing_file_and_a_binary_one_are_named(tmp_path: Path) -> None:
    with pytest.raises(ImageFileError, match="no such file"):
        read_class_table(tmp_path / "gone.csv")
    (tmp_path / "x.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ImageFileError, match="no UTF-8 text"):
        read_class_table(tmp_path / "x.csv")
