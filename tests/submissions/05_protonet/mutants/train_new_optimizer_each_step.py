"""A fresh optimizer in each step.

Loses: train
"""
# %% train, edited
#      for number in range(episodes):
# +        for variable in optimizer.variables[2:]:
# +            variable.assign(keras.ops.zeros_like(variable))
