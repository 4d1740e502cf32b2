"""The hidden checks of 05_protonet: of the same kind as the public ones, on other inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from course_utils.checks.criteria import check
from course_utils.checks.expectation import expect
from course_utils.checks.mann import coded_characters, pair
from course_utils.checks.neighbours import either, with_stand_ins
from course_utils.checks.protonet import (
    PROBES,
    Evaluation,
    Rng,
    Told,
    Training,
    a_report,
    accuracies,
    audited,
    checked_images,
    distances,
    drawn,
    encoded,
    evaluated,
    evaluated_often,
    judged_loss,
    loss_and_accuracy,
    neighbours,
    noise,
    numbered_images,
    one_training,
    pictures,
    probabilities,
    protocol,
    refuses,
    right_choice,
    right_distances_and_loss,
    right_interval,
    told,
    trained,
    trained_often,
    with_trained_weights,
)
from course_utils.checks.student import Student
from course_utils.checks.wire import Tensor

# sample_episode -------------------------------------------------------------------------------------------------------


@check("sample_episode", weight=1)
def draws_from_the_generator_alone(student: Student, rng: Rng) -> None:
    """The generator's state decides everything; no global dice are used or moved."""
    probes = student.module("course_utils.checks.episode_probes")
    generators = student.module("numpy").random
    data = coded_characters(rng, 20, 8)

    def episode(generator: Any) -> np.ndarray:
        support, query = pair(student.sample_episode(data, 5, 2, 3, generator), "an episode")
        return np.concatenate([checked_images(support, "the support", 5, 2), checked_images(query, "queries", 5, 3)], 1)

    found = []
    for seed in (3, 4):
        probes.seed_globally(seed)
        found.append(episode(generators.default_rng(17)))
    expect(found[1], "the episode of the same generator").equals(found[0], hint="Use rng for all that is random.")
    generator = generators.default_rng(17)
    first, second = episode(generator), episode(generator)
    expect(first, "the episode of a fresh generator with the same seed").equals(found[0])
    expect(second, "the next episode").differs_from(first)
    expect(episode(generators.default_rng(18)), "the episode with another seed").differs_from(first)
    probes.seed_globally(11)
    expected = tuple(probes.flags())
    probes.seed_globally(11)
    episode(generators.default_rng(1))
    expect(tuple(probes.flags()), "the next global random numbers, after drawing an episode").equals(expected)


@check("sample_episode", weight=1)
def draws_all_that_there_is(student: Student, rng: Rng) -> None:
    """Every character stands at every place of an episode, every drawing in the support and among the queries."""
    data = coded_characters(rng, 6, 5)
    support, query, places = set(), set(), set()
    for _ in range(200):
        found = drawn(student, data, (4, 1, 2), int(rng.integers(2**31)))
        support |= set(zip(found.support[0].ravel().tolist(), found.support[1].ravel().tolist(), strict=True))
        query |= set(zip(found.query[0].ravel().tolist(), found.query[1].ravel().tolist(), strict=True))
        places |= set(zip(found.classes[:, 0].tolist(), range(4), strict=True))
    # 800 draws of 30 images, and 200 of 6 characters a place: that one is missing has a probability below 10^-9.
    expect(len(support), "different drawings in the support, of 30").equals(30)
    expect(len(query), "different drawings among the queries, of 30").equals(30)
    expect(len(places), "different pairs of character and place, of 24").equals(24)


@check("sample_episode", weight=1)
def uses_the_last_character_and_drawing(student: Student, rng: Rng) -> None:
    """An episode may take all characters and all drawings; one more of either is refused."""
    data = coded_characters(rng, 9, 14)
    for size in ((9, 6, 8), (9, 1, 13)):
        found = drawn(student, data, size, int(rng.integers(2**31)))
        expect(sorted(found.classes[:, 0].tolist()), "the characters of a 9-way episode from 9").equals(list(range(9)))
        expect(np.sort(found.drawings, axis=1), "the drawings, of 14").equals(np.tile(np.arange(14), (9, 1)))
    refuses(student, data, (10, 6, 8), (9, 10, 1))
    refuses(student, data, (9, 7, 8), (14, 15, 1))


@check("sample_episode", weight=1)
def draws_episodes_of_any_size(student: Student, rng: Rng) -> None:
    """Large episodes and one-image ones are right in classes and drawings as well."""
    data = coded_characters(rng, 45, 12)
    for way, shot, query in ((40, 5, 6), (3, 1, 1), (2, 10, 2)):
        found = drawn(student, data, (way, shot, query), int(rng.integers(2**31)))
        expect([len(set(row.tolist())) for row in found.classes], "the characters of each class").equals([1] * way)
        expect(len(set(found.classes[:, 0].tolist())), "different classes").equals(way)
        expect([len(set(row.tolist())) for row in found.drawings], "different drawings of each class").equals(
            [shot + query] * way
        )


# build_encoder --------------------------------------------------------------------------------------------------------


def block(images: np.ndarray, kernel: np.ndarray, training: bool) -> np.ndarray:
    """One block on images [n, H, W, C]: convolution, normalisation (without scale and shift), ReLU, pooling."""
    count, height, width, channels = images.shape
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    columns = np.stack([padded[:, y : y + height, x : x + width] for y in range(3) for x in range(3)], axis=3)
    maps = columns.reshape(-1, 9 * channels) @ kernel.reshape(9 * channels, -1)
    if training:
        maps = (maps - maps.mean(0)) / np.sqrt(maps.var(0) + 1e-3)
    maps = np.maximum(maps, 0).reshape(count, height, width, -1)[:, : height // 2 * 2, : width // 2 * 2]
    return maps.reshape(count, height // 2, 2, width // 2, 2, -1).max(axis=(2, 4))


def with_large_kernels(encoder: Any, rng: Rng, channels: int = 1) -> list[np.ndarray]:
    """Give the encoder kernels so large that the epsilon of a normalisation hardly matters; returns them."""
    encoded(encoder, pictures(rng, 2, channels=channels))
    weights = [np.asarray(weight) for weight in encoder.get_weights()]
    kernels = {
        number: rng.normal(scale=3 / np.sqrt(weight.shape[2]), size=weight.shape).astype(np.float32)
        for number, weight in enumerate(weights)
        if weight.ndim == 4
    }
    encoder.set_weights([kernels.get(number, weight) for number, weight in enumerate(weights)])
    return list(kernels.values())


@check("build_encoder", weight=2, timeout=60)
def computes_four_blocks(student: Student, rng: Rng) -> None:
    """It computes four blocks in the order that the task says, in training as in inference."""
    encoder = student.build_encoder()
    kernels = with_large_kernels(encoder, rng)
    images = pictures(rng, 6)
    for training in (False, True):
        expected = images.astype(float)
        for kernel in kernels:
            expected = block(expected, kernel, training)
        expected = expected.reshape(6, -1)
        said = encoded(encoder, images, training=training)
        scale = float(np.abs(expected).max())
        expect(said / scale, f"the embeddings with training={training}, of given kernels").close_to(
            expected / scale,
            atol=0.01,
            rtol=0.01,
            why="The order of a block matters.",
            hint="Convolution, normalisation, ReLU, pooling.",
        )


@check("build_encoder", weight=1, timeout=60)
def normalises_by_the_statistics_of_training(student: Student, rng: Rng) -> None:
    """In training its statistics move; in inference an image's embedding does not depend on the others."""
    encoder = student.build_encoder()
    with_large_kernels(encoder, rng)
    images = pictures(rng, 7)
    before = [np.asarray(weight) for weight in encoder.get_weights()]
    encoded(encoder, images, training=True)
    after = [np.asarray(weight) for weight in encoder.get_weights()]
    moved = sum(not np.array_equal(one, other) for one, other in zip(before, after, strict=True))
    expect(moved, "arrays that a call in training mode moves").equals(8, hint="A mean and a variance in each block.")
    together = encoded(encoder, images, training=False)
    alone = encoded(encoder, images[2:3], training=False)
    scale = float(np.abs(together).max())
    expect(alone / scale, "an image's embedding by itself").close_to(together[2:3] / scale, atol=1e-4)
    expect(together, "the embeddings in training mode").differs_from(encoded(encoder, images, training=True))


@check("build_encoder", weight=1, timeout=60)
def takes_images_of_other_shapes(student: Student, rng: Rng) -> None:
    """It can be built for images of another size with three channels."""
    encoder = student.build_encoder((48, 48, 3))
    said = encoded(encoder, pictures(rng, 4, 48, 3))
    expect(said.shape[1] >= 64, "the size of an embedding").is_true("64 or more", got=str(said.shape[1]))
    kernels = [np.shape(weight) for weight in encoder.get_weights() if np.ndim(weight) == 4]
    expect(list(kernels[0]), "the first kernel").equals([3, 3, 3, 64], hint="Use input_shape.")
    expect(encoded(student.build_encoder(), pictures(rng, 3)).shape, "the embeddings, by default").equals((3, 64))


# prototypes, squared_distances, prototypical_loss ---------------------------------------------------------------------


@check("prototypes", weight=1)
def takes_the_mean_of_any_support(student: Student, rng: Rng) -> None:
    """It is the mean for one shot, for many, and for outliers, and for numbers far from zero."""
    for way, shot, size, centre in ((3, 1, 4, 0.0), (5, 4, 3, 100.0), (2, 9, 64, 0.0), (30, 5, 7, -3.0)):
        support = (centre + rng.standard_t(2, size=(way, shot, size))).astype(np.float32)
        expect(student.prototypes(Tensor(support)), "the prototypes").close_to(
            support.astype(float).mean(axis=1), atol=1e-3, rtol=1e-4
        )


@check("prototypes", weight=1)
def passes_gradients_to_the_support(student: Student, rng: Rng) -> None:
    """Gradients pass through it: a prototype moves by a share of each shot."""
    weights = noise(rng, 4, 6)
    (slope,) = student.module(PROBES).slopes(student.prototypes, [noise(rng, 4, 3, 6)], weights)
    expect(slope, "the gradient along the support").close_to(
        np.repeat(weights[:, None] / 3, 3, axis=1), atol=1e-5, hint="No NumPy, no stop_gradient."
    )


@check("squared_distances", weight=1)
def measures_many_distances(student: Student, rng: Rng) -> None:
    """It is right for one query or prototype, for many, and for points far from zero."""
    for queries, way, size, centre in ((1, 4, 3, 0.0), (5, 1, 7, 0.0), (90, 20, 64, 0.0), (6, 9, 4, 30.0)):
        points, asked = noise(rng, way, size) + np.float32(centre), noise(rng, queries, size) + np.float32(centre)
        expect(student.squared_distances(Tensor(asked), Tensor(points)), "the distances").close_to(
            distances(asked, points), atol=1e-5 * (10 + size * centre**2), rtol=1e-3
        )


@check("squared_distances", weight=1)
def passes_gradients_both_ways(student: Student, rng: Rng) -> None:
    """Gradients pass to queries and prototypes, and are zero, not NaN, where both are the same point."""
    asked, points, weights = noise(rng, 6, 5), noise(rng, 4, 5), noise(rng, 6, 4)
    asked[2] = points[1]
    slopes = student.module(PROBES).slopes(student.squared_distances, [asked, points], weights)
    pull = 2 * weights[..., None] * (asked[:, None] - points[None]).astype(float)
    expect(slopes[0], "the gradient along the queries").close_to(pull.sum(1), atol=1e-4, rtol=1e-4)
    expect(slopes[1], "the gradient along the prototypes").close_to(-pull.sum(0), atol=1e-4, rtol=1e-4)


@check("prototypical_loss", weight=1)
def judges_episodes_of_any_size(student: Student, rng: Rng) -> None:
    """Loss and accuracy are right for one query a class, for many classes, and with errors of every kind."""
    for way, query, size, spread in ((3, 1, 4, 1.0), (12, 5, 8, 1.5), (2, 7, 3, 2.0), (5, 4, 6, 0.1)):
        points = noise(rng, way, size)
        queries = (points[:, None] + noise(rng, way, query, size, scale=spread)).astype(np.float32)
        judged_loss(student, queries, points, "The mean over all queries.", atol=1e-3, rtol=1e-3)
        turned = np.roll(points, 1, axis=0)
        judged_loss(student, queries, turned, "Row c has label c.", atol=1e-3, rtol=1e-3)


@check("prototypical_loss", weight=1)
def bears_large_distances(student: Student, rng: Rng) -> None:
    """With distances of thousands the loss is right, neither infinite nor cut off."""
    points = noise(rng, 4, 5, scale=40.0)
    queries = (points[:, None] + noise(rng, 4, 3, 5, scale=20.0)).astype(np.float32)
    queries[1, 1] = points[2]
    judged_loss(student, queries, points, "A softmax in logits, from_logits=True.", atol=0.5, rtol=1e-3)


@check("prototypical_loss", weight=2)
def slopes_down_in_both_arguments(student: Student, rng: Rng) -> None:
    """Its gradients along the queries and along the prototypes are those of the cross-entropy."""
    points, probes = noise(rng, 4, 3), student.module(PROBES)
    queries = (points[:, None] + noise(rng, 4, 5, 3)).astype(np.float32)
    flat = queries.reshape(20, 3).astype(float)
    labels = np.repeat(np.eye(4), 5, axis=0)
    weights = (labels - probabilities(distances(flat, points))) / 20  # of the distances
    pull = 2 * weights[..., None] * (flat[:, None] - points[None])

    def attempt() -> None:
        slopes = probes.slopes(student.prototypical_loss, [queries, points], np.float32(1))
        hint = "Both terms of the loss depend on the embeddings; no NumPy, no stop_gradient."
        expect(slopes[0], "the gradient along the queries").close_to(
            pull.sum(1).reshape(queries.shape), atol=1e-4, rtol=1e-3, hint=hint
        )
        expect(slopes[1], "the gradient along the prototypes").close_to(-pull.sum(0), atol=1e-4, rtol=1e-3, hint=hint)

    either(attempt, with_stand_ins(student, neighbours(student, "squared_distances"), attempt))


# train ----------------------------------------------------------------------------------------------------------------


def adam(task: Told, episodes: Sequence[np.ndarray], shot: int, learning_rate: float) -> tuple[list[float], np.ndarray]:
    """The losses and the kernel after training a told encoder with Adam on these episodes [way, shot + query]."""
    kernel = task.kernel.astype(float)
    first, second = np.zeros_like(kernel), np.zeros_like(kernel)
    losses = []
    for step, numbers in enumerate(episodes, start=1):
        rows = task.table[numbers].astype(float)  # [way, shot + query, D]
        way, size = len(rows), rows.shape[-1]
        means, asked = rows[:, :shot].mean(1), rows[:, shot:].reshape(-1, size)
        losses.append(loss_and_accuracy((rows @ kernel)[:, shot:], means @ kernel)[0])
        squared = distances(asked @ kernel, means @ kernel)
        labels = np.repeat(np.eye(way), len(asked) // way, axis=0)
        weights = (labels - probabilities(squared)) / len(asked)
        apart = asked[:, None] - means[None]
        slope = 2 * np.einsum("qw,qwd,qwe->de", weights, apart, apart @ kernel)
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        rate = learning_rate * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        kernel = kernel - rate * first / (np.sqrt(second) + 1e-7)
    return losses, kernel


def as_adam(result: Training, task: Told, episodes: Sequence[np.ndarray], shot: int, learning_rate: float) -> None:
    """The demand that losses and kernel are those of Adam on these episodes."""
    losses, kernel = adam(task, episodes, shot, learning_rate)
    expect(result.losses, "the losses").close_to(np.array(losses), atol=2e-3, rtol=2e-2)
    expect((result.state["kernel"] - task.kernel) / learning_rate, "how far the weights moved").close_to(
        (kernel - task.kernel) / learning_rate, atol=0.1, hint="Adam(learning_rate), one step an episode."
    )


@check("train", weight=1, timeout=90)
def goes_down_the_slope(student: Student, rng: Rng) -> None:
    """Where all episodes are the same, losses and weights are those of Adam, at any rate and for a second encoder."""
    for (way, shot, query), rate in (((4, 1, 2), 0.02), ((6, 2, 3), 0.002)):
        task = told(rng, way, shot + query, spread=0.0, scale=0.4)
        episode = np.arange(way * (shot + query)).reshape(way, -1)

        def judge(
            result: Training, task: Told = task, episode: np.ndarray = episode, shot: int = shot, rate: float = rate
        ) -> None:
            as_adam(result, task, [episode] * 5, shot, rate)

        trained(student, task, (way, shot, query), 5, judge, learning_rate=rate)


@check("train", weight=1, timeout=90)
def learns_through_prototypes_too(student: Student, rng: Rng) -> None:
    """On noted episodes, losses and weights are those of the loss's whole gradient; by default at a rate of 0.001."""
    task = told(rng, 8, 6, spread=0.7, scale=0.5)

    def judge(result: Training) -> None:
        if result.noted:
            expect([numbers.shape for numbers in result.noted][-6:], "the sizes of the episodes").equals([(5, 5)] * 6)
            expect(len(result.noted), "episodes drawn for 6 steps").between(6, 8)
            as_adam(result, task, result.noted[-6:], 2, 0.001)
        else:  # it draws its episodes without sample_episode
            expect(np.abs(result.state["kernel"] - task.kernel).max(), "how far Adam moves a weight").between(
                0.0005, 0.0062
            )

    noted = student.module(PROBES).NotedEpisodes()

    def attempt() -> None:
        judge(one_training(student, task, (5, 2, 3), 6, noted, 5))

    stand_ins: dict[str, Any] = {"sample_episode": noted}
    others = neighbours(student, "prototypes", "squared_distances", "prototypical_loss")
    either(with_stand_ins(student, stand_ins, attempt), with_stand_ins(student, stand_ins | others, attempt))


@check("train", weight=1, timeout=90)
def draws_a_new_episode_for_each_step(student: Student, rng: Rng) -> None:
    """Its losses are on average those of random episodes of the size asked for; it shows all images there are."""
    task = told(rng, 7, 8, spread=0.8)
    losses = expected_losses(task, (4, 2, 3), rng)

    def judge(result: Training) -> None:
        # Five standard errors of both means: a right answer fails once in a million.
        room = 5 * float(losses.std()) * np.sqrt(1 / 150 + 1 / len(losses))
        expect(float(np.mean(result.losses)), "the mean loss of an encoder that learns at a rate of 1e-9").close_to(
            float(losses.mean()), atol=room, rtol=0, hint="The queries are other drawings than the support."
        )
        shown = result.state["shown"]
        expect(float(shown.sum()), "images shown in 150 episodes").equals(150 * 4 * 5)
        # 3,000 draws of 56 images: that one never comes up has a probability below 10^-20.
        expect(float(shown.min()), "how often the rarest image was shown").at_least(1)
        expect(result.images_after, "the images afterwards").equals(task.images)

    trained(student, task, (4, 2, 3), 150, judge, learning_rate=1e-9)


def expected_losses(task: Told, size: tuple[int, int, int], rng: Rng, episodes: int = 1500) -> np.ndarray:
    """float64 [episodes], the losses of random episodes before any training."""
    way, shot, query = size
    count, drawings, _ = task.embeddings.shape
    losses = []
    for _ in range(episodes):
        classes = rng.choice(count, way, replace=False)
        chosen = np.stack([rng.choice(drawings, shot + query, replace=False) for _ in classes])
        found = task.embeddings[classes[:, None], chosen]
        losses.append(loss_and_accuracy(found[:, shot:], found[:, :shot].mean(1))[0])
    return np.array(losses)


@check("train", weight=1, timeout=90)
def repeats_itself_with_the_same_generator(student: Student, rng: Rng) -> None:
    """The same generator gives the same training, another one another; global dice have no say in it."""
    task = told(rng, 9, 6, spread=0.6)

    def judge(results: list[Training]) -> None:
        first, same, other = (np.array(result.losses) for result in results)
        expect(same, "the losses with the same generator").close_to(first, atol=1e-4, rtol=1e-4)
        expect(other, "the losses with another generator").differs_from(first)

    trained_often(student, task, (4, 1, 3), 5, [(5, 1), (5, 2), (6, 1)], judge)


# evaluate -------------------------------------------------------------------------------------------------------------


@check("evaluate", weight=2, timeout=90)
def measures_what_it_is_told(student: Student, rng: Rng) -> None:
    """For several sizes the accuracy is what it should be; by default on 1,000 episodes with 5 queries a class."""
    task = told(rng, 12, 9, spread=0.9)
    for way, shot, query, episodes in ((3, 3, 6, 300), (10, 1, 2, 200)):
        measured(student, task, (way, shot, query), accuracies(task, (way, shot, query), rng), episodes, False)
    measured(student, task, (4, 2, 5), accuracies(task, (4, 2, 5), rng), 1000, True)


def measured(
    student: Student, task: Told, size: tuple[int, int, int], expected: np.ndarray, episodes: int, default: bool
) -> None:
    """The demand on mean, n and interval of one evaluation."""
    how = {} if default else {"query": size[2], "episodes": episodes}

    def judge(result: Evaluation) -> None:
        expect(result.n, "the number of episodes, n").equals(episodes)
        # Five standard errors of both means: a right answer fails once in a million.
        room = 5 * float(expected.std()) * np.sqrt(1 / episodes + 1 / len(expected))
        expect(result.mean, f"the accuracy of {size[0]}-way {size[1]}-shot episodes").close_to(
            float(expected.mean()), atol=room, rtol=0
        )

    evaluated(student, task, size[:2], judge, seed=episodes, **how)


@check("evaluate", weight=1, timeout=60)
def gives_the_interval_over_episodes(student: Student, rng: Rng) -> None:
    """The interval is that of a mean over episodes, whose queries stand and fall together."""
    # Some characters are told apart by every drawing, the others by none: episodes differ more than queries do.
    images = numbered_images(12, 9)
    table = np.repeat(rng.normal(size=(12, 1, 5)), 9, axis=1)
    table[6:] = table[6:7]
    task = Told(images, table.reshape(-1, 5).astype(np.float32), np.eye(5, dtype=np.float32))
    expected = accuracies(task, (3, 1, 8), rng)
    half = 1.96 * float(expected.std()) / np.sqrt(400)

    def judge(result: Evaluation) -> None:
        expect(result.low <= result.mean <= result.high, "the interval").is_true("one with the mean inside")
        # Over queries, as if they were independent, it would be less than 0.4 times as wide.
        expect(result.high - result.low, "the width of the 95 % interval").between(1.6 * half, 2.5 * half)

    evaluated(student, task, (3, 1), judge, query=8, episodes=400)


@check("evaluate", weight=1, timeout=60)
def embeds_each_image_once(student: Student, rng: Rng) -> None:
    """It embeds each image at most once, in inference mode, however many episodes there are."""
    task = told(rng, 11, 7, spread=0.5)

    def judge(result: Evaluation) -> None:
        shown = result.state["shown"]
        expect(float(shown.sum()), "images embedded, of 77, for 200 episodes").between(70, 77)
        expect(float(shown.max()), "how often an image was embedded at most").at_most(1)
        expect(float(result.state["shown_in_training"].sum()), "images embedded in training mode").equals(0)
        expect(result.state["kernel"], "the encoder's weights").equals(task.kernel)
        expect(result.images_after, "the images afterwards").equals(task.images)

    evaluated(student, task, (5, 1), judge, query=3, episodes=200)


@check("evaluate", weight=1, timeout=60)
def is_not_fooled_by_a_collapsed_encoder(student: Student, rng: Rng) -> None:
    """An encoder that embeds everything in one point is right in about one of `way` cases, not in all."""
    for way in (4, 8):
        images = numbered_images(9, 6)
        task = Told(images, np.full((54, 3), 0.5, np.float32), np.eye(3, dtype=np.float32))

        def judge(result: Evaluation, way: int = way) -> None:
            expect(result.mean, f"the accuracy of a collapsed encoder, {way}-way").close_to(1 / way, atol=0.1, rtol=0)

        evaluated(student, task, (way, 2), judge, query=4, episodes=60)


@check("evaluate", weight=1, timeout=60)
def draws_from_the_generator(student: Student, rng: Rng) -> None:
    """The same generator gives the same accuracy, another one another."""
    task = told(rng, 9, 6, spread=1.0)

    def judge(results: list[Evaluation]) -> None:
        first, same, *others = (result.mean for result in results)
        expect(same, "the accuracy with the same generator").close_to(first, atol=1e-6)
        # Two agree by chance in 1 of 40 cases, all four with the first one in 1 of 2 million.
        expect(others != [first] * 4, "the accuracies with other generators").is_true("others")

    evaluated_often(student, task, (5, 1), (1, 1, 2, 3, 4, 5), judge, query=3, episodes=50)


# trained_encoder ------------------------------------------------------------------------------------------------------

# Private episodes of embedded characters, mirrored: 20-way, 1-shot. An encoder that was never trained gets 36 to 40 %;
# 60 training episodes of 10-way on real Omniglot 47 %, 600 of 20-way, two minutes of training, 83 %. Over 400 episodes
# of 100 queries a figure moves by less than 1 %.
PRIVATE, GOOD, FAIR = 400, 0.75, 0.6


def private_images() -> np.ndarray:
    """uint8 [60, 20, 28, 28]: embedded test characters, mirrored, so that nobody has trained on them."""
    from course_utils.data import load_omniglot, split_characters

    images = split_characters(load_omniglot("embedded"))["test"].images
    return np.ascontiguousarray(images[:: max(1, len(images) // 60)][:60, :, :, ::-1])


def private_accuracy(encoder: Any, rng: Rng) -> float:
    """The accuracy of the nearest mean in 20-way 1-shot episodes; the images come in random order."""
    from course_utils.episodes import as_floats

    images = private_images()
    flat = as_floats(images.reshape(-1, 28, 28, 1))
    order = rng.permutation(len(flat))
    said = np.zeros((len(flat), 0))
    for start in range(0, len(flat), 300):
        block = order[start : start + 300]
        part = encoded(encoder, flat[block], training=False)
        said = said if said.shape[1] else np.zeros((len(flat), part.shape[1]))
        said[block] = part
    table = said.astype(np.float32)
    embedded = Told(images, table, np.eye(table.shape[1], dtype=np.float32))
    return float(accuracies(embedded, (20, 1, 5), rng, PRIVATE).mean())


@check("trained_encoder", weight=1, timeout=90)
def answers_private_episodes(student: Student, rng: Rng) -> None:
    """The weights answer private episodes better than weights that were never trained."""
    expect(private_accuracy(with_trained_weights(student), rng), "accuracy on private episodes").at_least(FAIR)


@check("trained_encoder", weight=2, timeout=90)
def answers_most_private_episodes(student: Student, rng: Rng) -> None:
    """The weights answer private episodes about as well as some minutes of training teach."""
    expect(private_accuracy(with_trained_weights(student), rng), "accuracy on private episodes").at_least(GOOD)


# audit ----------------------------------------------------------------------------------------------------------------


@check("audit", weight=2)
def audits_other_reports(student: Student, rng: Rng) -> None:
    """It audits other reports: large distances, many variants, ties in validation, one in which the label is near."""
    for spread, variants in ((0.3, 2), (3.0, 9), (300.0, 4)):
        report = a_report(rng, spread, variants)
        said = audited(student, report)
        right_distances_and_loss(said, report)
        right_choice(said, report)
    report = a_report(rng, 1.0, 6)
    report["variants"] = {"P": (0.9, 0.99), "Q": (0.95, 0.91), "R": (0.95, 0.93), "S": (0.2, 0.97)}
    right_choice(audited(student, report), report)
    report["prototypes"] = [report["query"], *report["prototypes"]] * 2
    report["label"] = len(report["prototypes"]) // 2
    right_distances_and_loss(audited(student, report), report)


@check("audit", weight=1, timeout=60)
def gives_intervals_of_95_percent(student: Student, rng: Rng) -> None:
    """Its intervals over episodes are those of 95 %, for few episodes and for many."""
    widths = []
    for episodes in (60, 90, 150, 400):
        report = a_report(rng, episodes=episodes)
        widths.append(right_interval(audited(student, report), report))
    # Normal and t give 1.00 to 1.01, a bootstrap of 1,000 resamples 0.99 +- 0.016; 90 % would be 0.84, 99 % 1.31.
    expect(float(np.mean(widths)), "the intervals' mean width, where the normal one's is 1").between(0.9, 1.1)


@check("audit", weight=1)
def compares_like_with_like(student: Student, rng: Rng) -> None:
    """It compares figures of one protocol alone, and leaves its own out."""
    for _ in range(8):
        report = a_report(rng)
        own = next(figure for figure in report["figures"] if figure["name"] == report["own"])
        _compared(student, report, own)
    report["figures"] = [figure for figure in report["figures"] if figure is own or protocol(figure) != protocol(own)]
    _compared(student, report, own)
    report["own"] = report["figures"][0]["name"]
    _compared(student, report, report["figures"][0])


def _compared(student: Student, report: dict[str, Any], own: Mapping[str, Any]) -> None:
    fair = [f["name"] for f in report["figures"] if f is not own and protocol(f) == protocol(own)]
    expect(sorted(audited(student, report)["comparable"]), "the comparable figures").equals(sorted(fair))
