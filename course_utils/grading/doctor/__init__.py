"""Repairs what people's tools do to notebooks, against the release, and lists what it did."""

from course_utils.grading.doctor.diagnosis import Diagnosis, Repair
from course_utils.grading.doctor.repairing import repair

__all__ = ["Diagnosis", "Repair", "repair"]
