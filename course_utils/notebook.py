"""What keeps a half-finished notebook running from top to bottom."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

# How TensorFlow's tracing calls the functions that it has rewritten.
TRACED_PREFIX = "tf__"


@contextmanager
def until_solved() -> Iterator[None]:
    """Says what is still to be filled in, in place of a long traceback, where a task is not solved yet.

    Only `NotImplementedError`, which stands where a solution belongs, ends the block in this way; every other
    error passes through.

    Example:
        >>> with until_solved():
        ...     resize_img(image, 7)
        Fill in the cells above first: resize_img raised NotImplementedError.
    """
    try:
        yield
    except NotImplementedError as error:
        print(f"Fill in the cells above first: {_raised_by(error)} raised NotImplementedError.")


def _raised_by(error: BaseException) -> str:
    """The name of the function that raised the error."""
    traceback: TracebackType | None = error.__traceback__
    name = "a cell"
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_name
        traceback = traceback.tb_next
    return name.removeprefix(TRACED_PREFIX)
