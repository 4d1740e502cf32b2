"""Attacks on the grading engine, each with what it tries and what must hold afterwards."""
