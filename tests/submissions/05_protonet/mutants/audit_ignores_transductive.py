"""Compares transductive figures with others.

Loses: audit
"""
# %% audit, edited
# -        return tuple(figure[part] for part in ("way", "shot", "within_alphabet", "transductive"))
# +        return tuple(figure[part] for part in ("way", "shot", "within_alphabet"))
