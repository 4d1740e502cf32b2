"""The hidden checks of 04_triplet: of the same kind as the public ones, on other inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.checks.criteria import check
from course_utils.checks.expectation import expect
from course_utils.checks.student import Student
from course_utils.checks.triplet import (
    ALPHABETS,
    PROBES,
    SHAPE,
    Linear,
    Rng,
    are_hard,
    are_tasks,
    are_triplets,
    are_unit_vectors,
    as_floats,
    batches,
    coded_characters,
    complaint,
    embeddings,
    gives_the_three_embeddings,
    labelled,
    loss_of,
    made_out,
    mean_batch_hard,
    mean_loss,
    percentages,
    side_by_side,
    sketches,
    spread,
    task_of,
    tasks,
    unit_vectors,
    with_trained_weights,
)
from course_utils.checks.wire import Tensor

# build_embedding_network ----------------------------------------------------------------------------------------------


@check("build_embedding_network", weight=2, timeout=60)
def takes_images_of_another_size(student: Student, rng: Rng) -> None:
    """It takes images of another size, faint ones as well, and looks at them one by one."""
    shape = (36, 32, 1)
    model = student.build_embedding_network(shape)
    images = sketches(rng, 5, shape)
    images[3] *= 0.25
    vectors = embeddings(student, model, images)
    are_unit_vectors(vectors)
    expect(embeddings(student, model, images[::-1]), "the embeddings in another order").close_to(
        vectors[::-1], atol=1e-4
    )
    expect(student.module(PROBES).outputs_without_a_flag(model, images), "the embeddings, called as it is").close_to(
        vectors, atol=1e-4
    )


@check("build_embedding_network", weight=2, timeout=60)
def can_be_trained(student: Student, rng: Rng) -> None:
    """A little training brings drawings of one character together, and keeps others apart."""
    model = student.build_embedding_network(SHAPE)
    originals = sketches(rng, 10)
    pairs = np.stack([originals, np.roll(originals, (1, 1), axis=(1, 2))], axis=1)
    values = [float(value) for value in student.module(PROBES).taught(model, pairs, 10, 0.003)]
    expect(values, "the mean cosine of others less that of pairs, at each step").is_finite()
    expect(min(values[-3:]), f"after 10 steps of training, {values[0]:.2f} before").at_most(
        max(-1.0, min(-0.35, values[0] - 0.05))
    )
    are_unit_vectors(embeddings(student, model, originals))


@check("build_embedding_network", weight=1, timeout=60)
def survives_a_blank_image_among_others(student: Student, rng: Rng) -> None:
    """A blank image among others, and one of ink alone, are finite as well, with their gradients."""
    model = student.build_embedding_network(SHAPE)
    images = sketches(rng, 4)
    images[1], images[2] = 0, 1
    vectors = embeddings(student, model, images)
    are_unit_vectors(vectors[[0, 3]])
    for training in (False, True):
        slopes = student.module(PROBES).slopes(model, images, training, int(rng.integers(2**31)))
        expect(slopes, "the largest gradient of each weight").is_finite()
        expect(max(slopes), "the largest gradient").at_least(1e-9)


# build_triplet_network ------------------------------------------------------------------------------------------------


@check("build_triplet_network", weight=2, timeout=60)
def embeds_images_of_another_size(student: Student, rng: Rng) -> None:
    """It takes the size of the images from the embedding network, and single triplets."""
    gives_the_three_embeddings(student, rng, (9, 14, 1), 7, 1)


@check("build_triplet_network", weight=2, timeout=60)
def trains_the_embedding(student: Student, rng: Rng) -> None:
    """All that the embedding network learns by is in the triplet network, once."""
    probes = student.module(PROBES)
    model = Linear.drawn(rng, 64, 4).model(student, (8, 8, 1))
    network = student.build_triplet_network(model)
    triplets = rng.random((5, 3, 8, 8, 1)).astype(np.float32)
    probes.outputs(network, triplets)
    expect(int(probes.trainable_count(network)), "numbers that can be trained").equals(64 * 4)
    expect(max(probes.slopes(network, triplets, True, 1)), "the largest gradient").at_least(1e-6)


# triplet_loss ---------------------------------------------------------------------------------------------------------


@check("triplet_loss", weight=2)
def is_right_for_other_margins(student: Student, rng: Rng) -> None:
    """It is a single number, right for other margins and sizes, and for vectors that are no unit vectors."""
    for count, size, margin, scale in ((7, 2, 0.0, 1.0), (33, 16, 1.0, 1.0), (4, 5, 0.2, 3.0)):
        vectors = (scale * spread(rng, count, size)).astype(np.float32)
        expect(loss_of(student, vectors, margin=margin), f"the loss with margin={margin}").has_shape(()).close_to(
            mean_loss(vectors, margin), atol=1e-4, rtol=1e-4
        )
    vectors = spread(rng, 20, 4)
    expect(loss_of(student, vectors), "the loss without a margin given").close_to(mean_loss(vectors, 0.2), atol=1e-5)


@check("triplet_loss", weight=1)
def ignores_satisfied_triplets(student: Student, rng: Rng) -> None:
    """Triplets that keep the margin cost nothing, but count in the mean; the first argument does not matter."""
    far = unit_vectors(rng, 1, 3, 4)
    far[:, 1], far[:, 2] = far[:, 0], -far[:, 0]
    wrong = far[:, [0, 2, 1]]
    expect(loss_of(student, far, 0.2), "the loss of a triplet that keeps the margin").close_to(0.0, atol=1e-5)
    both = np.concatenate([far, far, far, wrong])
    expect(loss_of(student, both, 0.2), "the loss of three such and one that is quite wrong").close_to(1.05, atol=1e-4)
    truth = rng.normal(size=4).astype(np.float32)
    outputs = side_by_side(student, both)
    expect(student.triplet_loss(Tensor(truth), Tensor(outputs)), "the same, with another ground truth").close_to(
        1.05, atol=1e-4
    )


@check("triplet_loss", weight=1)
def has_the_right_gradient(student: Student, rng: Rng) -> None:
    """Its gradient leads the right way, and is finite where distances are 0."""
    vectors = spread(rng, 6, 3)
    vectors[0] = vectors[0, :1]  # a collapsed triplet
    farther = np.square(vectors - vectors[:, :1]).sum(-1)[1:4].argmax(axis=1)
    vectors[1:4, [1, 2]] = np.stack([vectors[[1, 2, 3], farther], vectors[[1, 2, 3], 3 - farther]], axis=1)
    slope = student.module(PROBES).slope_of_loss(
        student.triplet_loss, side_by_side(student, vectors), np.zeros(6, np.float32)
    )
    anchors, positives, negatives = vectors.astype(float).transpose(1, 0, 2)
    x = np.square(anchors - positives).sum(-1) - np.square(anchors - negatives).sum(-1) + 0.2
    parts = np.stack([negatives - positives, positives - anchors, anchors - negatives], axis=1)
    expected = 2 * parts * (x > 0)[:, None, None] / 6
    expect(np.asarray(slope, float).reshape(6, 3, 3), "the gradient along the embeddings").close_to(
        expected, atol=1e-4, rtol=1e-3
    )


# get_batch ------------------------------------------------------------------------------------------------------------


@check("get_batch", weight=2, timeout=60)
def works_on_any_images(student: Student, rng: Rng) -> None:
    """It works on the X that is given: floats, other sizes, two characters with two drawings, and leaves it alone."""
    for characters, drawings, height, width, size in ((2, 2, 9, 9, 16), (30, 20, 7, 11, 8)):
        data = coded_characters(rng, characters, drawings, height, width)
        for X in (data, as_floats(data)):
            are_triplets(batches(student, student.get_batch(X, size), data, size, 2))


@check("get_batch", weight=1, timeout=60)
def is_a_generator_for_fit(student: Student, rng: Rng) -> None:
    """Keras's fit takes it as a generator, and 64 triplets are a batch unless another size is given."""
    data = coded_characters(rng, 5, 4, 6, 6)
    probes = student.module(PROBES)
    losses, seen = probes.fitted(student.get_batch(data, 8), (6, 6, 1), 3)
    expect([float(loss) for loss in losses], "the loss of each epoch").is_finite()
    expect(int(seen), "batches in two epochs of 3 steps").equals(6)
    batches(student, student.get_batch(data), data, 64, 1)


@check("get_batch", weight=2, timeout=60)
def finds_hard_negatives_in_any_images(student: Student, rng: Rng) -> None:
    """Hard negatives are right in floats, in two characters only and in many, for several networks in turn."""
    for characters, drawings, size in ((2, 3, 6), (12, 9, 16)):
        data = coded_characters(rng, characters, drawings, 8, 9)
        for X in (data, as_floats(data)):
            embedding = Linear.drawn(rng, 72, 4)
            generator = student.get_batch(X, size, True, embedding.model(student, (8, 9, 1)))
            are_hard(batches(student, generator, data, size, 1), data, embedding, "in a batch")


@check("get_batch", weight=2, timeout=60)
def draws_all_kinds_of_hard_triplets(student: Student, rng: Rng) -> None:
    """Hard triplets have anchors and positives of all kinds, and mining leaves the network as it is."""
    data = coded_characters(rng, 5, 4)
    embedding = Linear.drawn(rng, 120, 5)
    model = embedding.model(student, (12, 10, 1))
    generator = student.get_batch(data, 24, True, model)
    drawing = student.module(PROBES).Batches(generator)
    found = [made_out(drawing.draw(), data, 24) for _ in range(3)]
    for batch in found:
        are_hard(batch, data, embedding, "in a batch")
    numbers = np.concatenate([batch.characters * 4 + batch.drawings for batch in found])
    for place, name in enumerate(("anchors", "positives")):
        # 72 draws of 20 images leave out 0.5 on average; 12 of them are never left out.
        expect(len(set(numbers[:, place].tolist())), f"different {name} in 72 hard triplets, of 20 images").at_least(8)
    expect(len(set((numbers[:, 2] // 4).tolist())), "different characters of the negatives, of 5").at_least(3)
    for before, after in zip(embedding.weights, student.module(PROBES).weights(model), strict=True):
        expect(after, "a weight of the network after mining").close_to(before, atol=1e-6)


# make_oneshot_task ----------------------------------------------------------------------------------------------------


@check("make_oneshot_task", weight=2)
def makes_tasks_of_any_images(student: Student, rng: Rng) -> None:
    """It works on the X that is given: floats, other sizes, two drawings, as many characters as there are."""
    data = coded_characters(rng, 19, 2, 5, 9)
    for X in (data, as_floats(data)):
        for way, language in ((19, None), (4, "Signs"), (1, None)):
            value = student.make_oneshot_task(way, X, ALPHABETS, language)
            are_tasks([task_of(value, data, way)])


@check("make_oneshot_task", weight=2)
def draws_all_that_there_is(student: Student, rng: Rng) -> None:
    """Every character is asked for, every drawing is shown, and every place is the right one now and then."""
    data = coded_characters(rng, 19, 3, 6, 6)
    found = tasks(student, 130, 5, data)
    # 130 draws: that one of 19 characters is never asked for has a probability of 2 %, that three are, of 10^-9.
    expect(len({task.test[0] for task in found}), "different characters of test images, of 19").at_least(16)
    expect(len({task.test[1] for task in found}), "different drawings as test images, of 3").equals(3)
    expect(len({task.place for task in found}), "different places of the right answer, of 5").equals(5)
    shown = {(int(c), int(d)) for task in found for c, d in zip(task.characters, task.drawings, strict=True)}
    expect(len(shown), "different support images, of 57").at_least(54)
    small = tasks(student, 60, 4, data, "Runes")
    expect(len({task.test[0] for task in small}), "different characters of test images within an alphabet of 6").equals(
        6
    )


@check("make_oneshot_task", weight=1)
def says_so_for_each_alphabet(student: Student, rng: Rng) -> None:
    """Every alphabet that is too small is named, and one with just enough letters is not."""
    data = coded_characters(rng, 19, 3)
    expect(complaint(student, data, 7, "Runes"), "the error for a 7-way task in an alphabet of 6 letters").is_true(
        "an error that names the alphabet, Runes, or the number of its letters, 6", got="no such error"
    )
    are_tasks(tasks(student, 2, 6, data, "Runes"))


# test_oneshot ---------------------------------------------------------------------------------------------------------


@check("test_oneshot", weight=2, timeout=60)
def counts_each_task(student: Student, rng: Rng) -> None:
    """It counts k tasks with N characters each: what it says is a multiple of 100 / k, and right on average."""
    for count, way in ((1, 3), (7, 20)):

        def judge(found: list[float], count: int = count) -> None:
            right = found[0] * count / 100
            expect(abs(right - round(right)), f"how far {found[0]:.3f} % is from a number of {count} tasks").at_most(
                1e-3
            )

        percentages(student, rng, judge, 10, way, count)

    def average(found: list[float]) -> None:
        # 120 tasks of which half can be solved: a deviation of 4.6 points.
        expect(float(np.mean(found)), "the mean of 8 tests of 15 tasks, half of which can be solved").between(27, 73)
        between = [value for value in found if 0 < value < 100]
        expect(len(between), "tests of 8 in which some tasks were solved and some were not").at_least(1)

    percentages(student, rng, average, 10, 6, 15, times=8)


@check("test_oneshot", weight=1, timeout=60)
def asks_for_as_many_characters(student: Student, rng: Rng) -> None:
    """A collapsed embedding gets about half of 2-way tasks, and next to nothing of 20-way tasks."""

    def judge_two(found: list[float]) -> None:
        # 400 tasks: a deviation of 2.5 points; 5-way ones would give 20.
        expect(float(np.mean(found)), "the mean of 5 tests of 80 tasks, 2-way, collapsed").between(37, 63)

    def judge_twenty(found: list[float]) -> None:
        expect(float(np.mean(found)), "the mean of 3 tests of 20 tasks, 20-way, collapsed").at_most(20)

    percentages(student, rng, judge_two, -1, 2, 80, times=5)
    percentages(student, rng, judge_twenty, -1, 20, 20, times=3)


# Bonus ----------------------------------------------------------------------------------------------------------------


@check("batch_hard_loss", weight=2)
def is_right_for_vectors_of_any_length(student: Student, rng: Rng) -> None:
    """It is a single number, right for vectors of any length, for classes of any size and labels in a column."""
    for classes, drawings, size, length, margin in ((8, 4, 16, 3.5, None), (3, 5, 2, 0.3, 0.2), (6, 2, 9, 2.0, 1.0)):
        labels, vectors = labelled(rng, classes, drawings, size, length)
        for given in (labels, labels[:, None]):
            arguments = () if margin is None else (margin,)
            said = student.batch_hard_loss(Tensor(given), Tensor(vectors), *arguments)
            expect(said, f"the loss with margin {margin}").has_shape(()).close_to(
                mean_batch_hard(labels, vectors, margin), atol=1e-3, rtol=1e-3
            )


@check("batch_hard_loss", weight=1)
def has_a_finite_gradient(student: Student, rng: Rng) -> None:
    """Its gradient is finite, also where all embeddings are one point, and leads positives together."""
    labels, vectors = labelled(rng, 4, 3, 5)
    probes = student.module(PROBES)
    slope = np.asarray(probes.slope_of_loss(student.batch_hard_loss, vectors, labels), float)
    expect(slope, "the gradient along the embeddings").is_finite()
    expect(mean_batch_hard(labels, vectors - 0.05 * slope, None), "the loss after a small step against it").at_most(
        mean_batch_hard(labels, vectors, None) - 1e-6
    )
    point = np.repeat(unit_vectors(rng, 1, 5), 12, axis=0)
    expect(
        probes.slope_of_loss(student.batch_hard_loss, point, labels), "the gradient of a collapsed batch"
    ).is_finite()


# Private tasks of embedded characters, turned by 90 degrees and mirrored: 20-way, one shot.
CHARACTERS, WAY, TASKS = 150, 20, 4_000


def private_images(rng: Rng) -> np.ndarray:
    """float32 [150, 2, 28, 28, 1]: two drawings of each of some embedded characters of evaluation alphabets."""
    from course_utils.data import background_split, load_omniglot

    images = background_split(load_omniglot("embedded"))["evaluation"].images
    characters = rng.permutation(len(images))[:CHARACTERS]
    drawings = rng.permuted(np.tile(np.arange(images.shape[1]), (CHARACTERS, 1)), axis=1)[:, :2]
    chosen = images[characters[:, None], drawings]
    return as_floats(np.rot90(chosen, axes=(2, 3))[:, :, :, ::-1])[..., None]


def private_accuracy(student: Student, model: Any, rng: Rng) -> float:
    """The part of private one-shot tasks that an embedding solves; ties count as wrong."""
    images = private_images(rng)
    vectors = embeddings(student, model, images.reshape(-1, *SHAPE)).reshape(CHARACTERS, 2, -1)
    vectors = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    distances = 2 - 2 * vectors[:, 0] @ vectors[:, 1].T
    others = rng.permuted(np.tile(np.arange(1, CHARACTERS), (TASKS, 1)), axis=1)[:, : WAY - 1]
    asked = np.arange(TASKS) % CHARACTERS
    mates = distances[asked, asked]
    nearest_other = distances[asked[:, None], (asked[:, None] + others) % CHARACTERS].min(axis=1)
    return float((mates < nearest_other - 1e-6).mean())


# Batch-hard weights of the reference get about 0.95 here, random triplets' 0.90, a network without training 0.35.
GOOD, FAIR = 0.80, 0.60


def trained_accuracy(student: Student, rng: Rng) -> float:
    """The accuracy of the weights that were handed in."""
    return student.once("private accuracy", lambda: private_accuracy(student, with_trained_weights(student), rng))


@check("trained_batch_hard", weight=1, timeout=60)
def recognises_private_characters(student: Student, rng: Rng) -> None:
    """The weights recognise characters that nobody has trained on."""
    expect(trained_accuracy(student, rng), "accuracy on private 20-way one-shot tasks").at_least(FAIR)


@check("trained_batch_hard", weight=1, timeout=60)
def recognises_most_private_characters(student: Student, rng: Rng) -> None:
    """The weights recognise most of them."""
    expect(trained_accuracy(student, rng), "accuracy on private 20-way one-shot tasks").at_least(GOOD)


@check("trained_batch_hard", weight=1, timeout=60)
def has_learned(student: Student, rng: Rng) -> None:
    """The weights do better than those that the network starts with."""
    untrained = private_accuracy(student, student.build_embedding_network(SHAPE), rng)
    expect(trained_accuracy(student, rng), f"accuracy on private tasks, {untrained:.2f} before training").at_least(
        min(untrained + 0.15, 0.9)
    )
