"""Data sets behind one interface, from three sources: TFDS, a folder of yours, or embedded (needs no network).

    images = load("mnist")
    print(images)                      # says which source it used
    for image, label in images.train.dataset().take(3):
        ...                            # uint8 (28, 28, 1), int64

`COURSE_DATA_SOURCE` ("tfds", "folder" or "embedded") and `COURSE_DATA_DIR` (a folder) choose the source from outside.
"""

from course_utils.data.images import Images, Split
from course_utils.data.offline import serving, stop_serving
from course_utils.data.sources import load

__all__ = ["Images", "Split", "load", "serving", "stop_serving"]
