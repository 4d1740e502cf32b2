"""Where this package is published: the one place to change when a course keeps its own copy.

The set-up cell of every released notebook installs what `requirement()` says, so that a notebook goes on working
with the version that it was released with.
"""

from importlib.metadata import version

PACKAGE = "course-utils"
REPOSITORY = "https://github.com/deep-learning-course-kit/course-utils"
TAG = "v{version}"


def requirement() -> str:
    """What pip installs to get this very version of the package.

    Example:
        >>> requirement()
        'course-utils @ git+https://github.com/deep-learning-course-kit/course-utils@v0.1.0'
    """
    return f"{PACKAGE} @ git+{REPOSITORY}@{TAG.format(version=version(PACKAGE))}"
