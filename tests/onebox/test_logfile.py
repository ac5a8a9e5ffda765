"""The log file of a served box."""

from onebox.logfile import LogFile


def test_lines_are_in_the_file_when_flushed(tmp_path):
    path = tmp_path / "box.log"
    file = LogFile(path)
    file.write("one\n")
    file.flush()

    assert path.read_text() == "one\n"
    file.close()
    assert file.closed


def test_large_file_is_put_aside_once(tmp_path):
    path = tmp_path / "box.log"
    with LogFile(path, largest=10) as file:
        for line in ("first line\n", "second line\n", "3\n"):
            file.write(line)

    assert path.read_text() == "3\n"
    assert (tmp_path / "box.log.1").read_text() == "second line\n"


def test_restart_appends(tmp_path):
    path = tmp_path / "box.log"
    for line in ("one\n", "two\n"):
        with LogFile(path) as file:
            file.write(line)

    assert path.read_text() == "one\ntwo\n"
