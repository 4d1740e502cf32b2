"""The doctor's visit from the files of a submission to a notebook that can be graded."""

from collections.abc import Mapping

from nbformat import NotebookNode

from course_utils.grading.doctor.archive import collect
from course_utils.grading.doctor.choosing import choose, companions
from course_utils.grading.doctor.diagnosis import Diagnosis, Log
from course_utils.grading.doctor.rebuilding import rebuild
from course_utils.grading.doctor.release import Release


def repair(files: Mapping[str, bytes], release: NotebookNode, notebook_name: str) -> Diagnosis:
    """Find the notebook among the files of a submission and repair it against the release.

    Nothing of the submission is executed, `files` is not changed, and whatever it holds there is a diagnosis;
    a healthy submission's has no repairs.

    Args:
        files: content by path, as handed in.
        release: the release notebook, whose cells carry nbgrader's metadata.
        notebook_name: what the notebook is called, with or without `.ipynb`.

    Example:
        >>> diagnosis = repair({"notebook (1).ipynb": data}, release, "sequence_lstm")
        >>> [repair.kind for repair in diagnosis.repairs]
        ['renamed']
    """
    log = Log()
    frame = Release(release)
    available = collect(files, log)
    chosen = choose(available, frame, notebook_name.removesuffix(".ipynb"), log)
    if isinstance(chosen, str):
        return Diagnosis(None, tuple(log), readable=False, reason=chosen)
    others = companions(available, chosen, log)
    notebook = rebuild(chosen.draft, frame, log)
    return Diagnosis(notebook, tuple(log), readable=True, companions=others)
