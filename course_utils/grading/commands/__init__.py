"""The parts of the command `course`, one module each."""
