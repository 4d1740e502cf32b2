"""The tests' own tests: right answers, mutants and what becomes of their points. An assignment is a folder here."""
