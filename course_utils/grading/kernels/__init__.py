"""Notebook kernels for grading: forked from a warm process, each in a sandbox of its own."""
