"""Plots of the course's notebooks: data samples, augmentation, histories, slider plots and diagrams."""

from course_utils.plots.continuous import plot_continuous_classification
from course_utils.plots.diagrams import draw_lstm_cell, draw_reading_order
from course_utils.plots.embeddings import (
    by_pca,
    by_tsne,
    plot_best_of,
    plot_class_batch,
    plot_distance_histograms,
    plot_embedding,
    plot_oneshot_distances,
    plot_triplets,
)
from course_utils.plots.episodes import plot_accuracy_curves, plot_episode, plot_episode_steps, plot_memory
from course_utils.plots.history import plot_history
from course_utils.plots.one_shot import plot_oneshot_errors, plot_oneshot_tasks
from course_utils.plots.pairs import draw_siamese_network, plot_hardest_pairs, plot_neighbours, plot_pairs
from course_utils.plots.prototypes import (
    plot_accuracy_table,
    plot_confused_characters,
    plot_embedded_episode,
    plot_support_and_query,
)
from course_utils.plots.samples import get_dataset_sample, plot_augmentation_images, show_dataset_sample

__all__ = [
    "by_pca",
    "by_tsne",
    "draw_lstm_cell",
    "draw_reading_order",
    "draw_siamese_network",
    "get_dataset_sample",
    "plot_accuracy_curves",
    "plot_accuracy_table",
    "plot_augmentation_images",
    "plot_best_of",
    "plot_class_batch",
    "plot_confused_characters",
    "plot_continuous_classification",
    "plot_distance_histograms",
    "plot_embedded_episode",
    "plot_embedding",
    "plot_episode",
    "plot_episode_steps",
    "plot_hardest_pairs",
    "plot_history",
    "plot_memory",
    "plot_neighbours",
    "plot_oneshot_distances",
    "plot_oneshot_errors",
    "plot_oneshot_tasks",
    "plot_pairs",
    "plot_support_and_query",
    "plot_triplets",
    "show_dataset_sample",
]
