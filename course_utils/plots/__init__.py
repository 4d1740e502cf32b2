"""Plots of the course's notebooks: data samples, augmentation, histories, slider plots and diagrams."""

from course_utils.plots.continuous import plot_continuous_classification
from course_utils.plots.diagrams import draw_lstm_cell, draw_reading_order
from course_utils.plots.episodes import plot_accuracy_curves, plot_episode, plot_episode_steps, plot_memory
from course_utils.plots.history import plot_history
from course_utils.plots.samples import get_dataset_sample, plot_augmentation_images, show_dataset_sample

__all__ = [
    "draw_lstm_cell",
    "draw_reading_order",
    "get_dataset_sample",
    "plot_accuracy_curves",
    "plot_augmentation_images",
    "plot_continuous_classification",
    "plot_episode",
    "plot_episode_steps",
    "plot_history",
    "plot_memory",
    "show_dataset_sample",
]
