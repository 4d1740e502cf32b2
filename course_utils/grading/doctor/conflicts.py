"""The two sides of a text in which git left its conflict markers."""

import re

_BEGIN = re.compile(r"^<{7}(?: |$)", re.MULTILINE)


def sides(text: str) -> tuple[str, str] | None:
    """(own side, other side) of a text with `<<<<<<<`, `=======` and `>>>>>>>` lines; None if it has none."""
    if not _BEGIN.search(text):
        return None
    own: list[str] = []
    other: list[str] = []
    both: tuple[list[str], ...] = (own, other)
    into = both
    for line in text.split("\n"):
        marker = line.rstrip()[:8].rstrip()
        if marker == "<<<<<<<":
            into = (own,)
        elif marker == "|||||||":
            into = ()
        elif marker == "=======" and into is not both:
            into = (other,)
        elif marker == ">>>>>>>":
            into = both
        else:
            for lines in into:
                lines.append(line)
    return "\n".join(own), "\n".join(other)
