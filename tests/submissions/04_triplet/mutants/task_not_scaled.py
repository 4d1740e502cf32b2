"""Leaves grey values from 0 to 255.

Loses: make_oneshot_task
"""
# %% make_oneshot_task, edited
#      support = X[characters, drawings]
# +    as_input = lambda images: np.asarray(images, "float32")[..., None]
