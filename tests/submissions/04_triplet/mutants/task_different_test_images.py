"""The test images are N different drawings.

Loses: make_oneshot_task
"""
# %% make_oneshot_task, edited
#      test_image = X[characters[right], test_drawing]
# +    test_images = X[characters[right], (test_drawing + np.arange(N)) % X.shape[1]]

# -    return (as_input(np.repeat(test_image[None], N, axis=0)), as_input(support)), targets
# +    return (as_input(test_images), as_input(support)), targets
