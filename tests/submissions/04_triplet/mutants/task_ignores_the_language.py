"""Ignores the language.

Loses: make_oneshot_task
"""
# %% make_oneshot_task, edited
# -    first, end = (0, len(X)) if language is None else c[language]
# +    first, end = (0, len(X))
