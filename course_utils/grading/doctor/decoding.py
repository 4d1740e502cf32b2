"""From the bytes of a file to its text, whatever the encoding."""

import json
import re

from course_utils.grading.doctor.diagnosis import Log

_SURROGATE = re.compile("[\ud800-\udfff]")


def decode(data: bytes, log: Log) -> str:
    """The text of `data`: UTF-8, UTF-16 or UTF-32, with or without a byte order mark.

    Bytes that are not valid become U+FFFD; NUL characters go.
    """
    encoding = _encoding(data)
    if encoding == "utf-8-sig":
        log.add("byte_order_mark", "The file began with a byte order mark; it was removed.")
    elif encoding != "utf-8":
        log.add("encoding", f"The file was saved as {encoding.upper()}; it was read as that.")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode(encoding, errors="replace")
        log.add(
            "invalid_bytes",
            f"The file held bytes that are not {encoding.upper()}; '\ufffd' stands for them now.",
        )
    if "\0" in text:
        text = text.replace("\0", "")
        log.add("nul_bytes", "The file held NUL bytes; they were removed.")
    return text


def _encoding(data: bytes) -> str:
    """JSON's own rule, which a single NUL in a UTF-8 file must not mislead."""
    start = data[:64]
    encoding = json.detect_encoding(start)
    if encoding.endswith(("-le", "-be")) and start.count(0) * 4 < len(start):
        return "utf-8"
    return encoding


def clean(text: str, log: Log) -> str:
    """The text of one cell with newlines alone, without NUL and without half characters."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        log.add("line_ends", "Lines ended in the way of Windows or old Macs (CRLF, CR); they end in newlines now.")
    if "\0" in text:
        text = text.replace("\0", "")
        log.add("nul_bytes", "A cell held NUL characters; they were removed.")
    if _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        log.add(
            "invalid_characters",
            "A cell held halves of characters; they were joined or replaced by '\ufffd'.",
        )
    return text
