"""Compares figures of different shots.

Loses: audit
"""
# %% audit, edited
# -        return tuple(figure[part] for part in ("way", "shot", "within_alphabet", "transductive"))
# +        return tuple(figure[part] for part in ("way", "within_alphabet", "transductive"))
