"""Where a served box writes its log lines, so that the terminal stays readable."""

import io
import threading
from pathlib import Path

FILE = "kartoteka.log"
LARGEST = 10_000_000  # bytes; the file before it is kept as kartoteka.log.1


class LogFile(io.TextIOBase):
    """A text stream into a file that starts anew when it has grown large."""

    def __init__(self, path: Path, largest: int = LARGEST) -> None:
        super().__init__()
        self._path = path
        self._largest = largest
        self._lock = threading.Lock()
        self._open()

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        """Append the text; the line is on its way to the disk when this returns."""
        with self._lock:
            written = self._file.write(text)
            self._size += len(text.encode())
            if text.endswith("\n"):
                self._file.flush()
                if self._size > self._largest:
                    self._turn()
        return written

    def flush(self) -> None:
        with self._lock:
            self._file.flush()

    def close(self) -> None:
        super().close()
        with self._lock:
            self._file.close()

    def _turn(self) -> None:
        self._file.close()
        self._path.replace(self._path.with_name(self._path.name + ".1"))
        self._open()

    def _open(self) -> None:
        self._file = self._path.open("a", encoding="utf-8")
        self._size = self._file.tell()
