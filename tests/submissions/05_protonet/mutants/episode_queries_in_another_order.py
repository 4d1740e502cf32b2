"""Support and queries have the classes in different orders.

Loses: sample_episode
"""
# %% sample_episode, edited
# -    return chosen[:, :shot], chosen[:, shot:]
# +    return chosen[:, :shot], rng.permutation(chosen[:, shot:])
