"""Data sets behind one interface, from three sources: TFDS, a folder of yours, or embedded (needs no network).

    images = load("mnist")
    print(images)                      # says which source it used
    for image, label in images.train.dataset().take(3):
        ...                            # uint8 (28, 28, 1), int64

`COURSE_DATA_SOURCE` ("tfds", "folder" or "embedded") and `COURSE_DATA_DIR` (a folder) choose the source from outside.
"""

from course_utils.data.character_folder import read_characters
from course_utils.data.character_splits import background_split, split_characters, vinyals_split
from course_utils.data.characters import Characters
from course_utils.data.images import Images, Split
from course_utils.data.offline import serving, stop_serving
from course_utils.data.omniglot import load_omniglot
from course_utils.data.one_shot_runs import OneShotRun, one_shot_runs
from course_utils.data.sources import load

__all__ = [
    "Characters",
    "Images",
    "OneShotRun",
    "Split",
    "background_split",
    "load",
    "load_omniglot",
    "one_shot_runs",
    "read_characters",
    "serving",
    "split_characters",
    "stop_serving",
    "vinyals_split",
]
