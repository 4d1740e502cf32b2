"""Divides the whole numbers as whole numbers.

Loses: normalize_img
"""
# %% normalize_img
def normalize_img(image, label):
    return image // 255, label
