"""Gives the test image once.

Loses: make_oneshot_task
"""
# %% make_oneshot_task, edited
# -    return (as_input(np.repeat(test_image[None], N, axis=0)), as_input(support)), targets
# +    return (as_input(test_image[None]), as_input(support)), targets
