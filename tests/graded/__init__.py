"""The hidden checks, one module an assignment. They are read by the grader alone and never released."""
