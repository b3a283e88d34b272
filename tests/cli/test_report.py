"""`pybridge report`: records in, three files out, and a word on what is missing."""

import pytest

from pybridge.cli import main
from tests.builders.reported_runs import write_run


def test_a_folder_of_a_run_gives_its_report(tmp_path, capsys):
    write_run(tmp_path / "run", images=2)
    assert main(["report", str(tmp_path / "run"), "-o", str(tmp_path / "out")]) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["report.html", "report.json", "report.md"]
    shown = capsys.readouterr().out
    assert f"report: {tmp_path / 'out' / 'report.html'}" in shown
    assert "of 17 items filled" in shown
    assert "missing: 10. Validation" in shown


def test_an_existing_report_is_kept_until_it_may_go(tmp_path, capsys):
    record = write_run(tmp_path / "run", truth=False)
    assert main(["report", str(record)]) == 0
    assert main(["report", str(record)]) == 1
    assert "the file exists" in capsys.readouterr().err
    assert main(["report", str(record), "--overwrite"]) == 0


def test_a_record_whose_hash_is_wrong_is_told_of_on_stderr(tmp_path, capsys):
    record = write_run(tmp_path / "run", truth=False)
    record.write_text(record.read_text().replace("0.4", "0.5"))
    assert main(["report", str(record), "--template", str(tmp_path / "facts.yaml")]) == 0
    told = capsys.readouterr()
    assert "edited" in told.err
    assert f"facts to fill in: {tmp_path / 'facts.yaml'}" in told.out


@pytest.mark.parametrize(
    ("words", "message"),
    [(["missing.json"], "no such file or folder"), (["{record}", "-o", "a.pdf"], "ends in '.pdf'")],
)
def test_wrong_words_are_refused_with_two(tmp_path, capsys, words, message):
    record = write_run(tmp_path / "run", truth=False)
    assert main(["report", *(word.format(record=record) for word in words)]) == 2
    assert message in capsys.readouterr().err


def test_a_report_never_replaces_its_record(tmp_path, capsys):
    record = write_run(tmp_path / "run", truth=False)
    before = record.read_bytes()
    assert main(["report", str(record), "-o", str(record.with_suffix(".html")), "--overwrite"]) == 2
    assert "an input or another output of this run has that name" in capsys.readouterr().err
    assert record.read_bytes() == before
