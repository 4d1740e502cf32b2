"""The queries begin with the support.

Loses: sample_episode
"""
# %% sample_episode, edited
# -    return chosen[:, :shot], chosen[:, shot:]
# +    return chosen[:, :shot], chosen[:, :query]
