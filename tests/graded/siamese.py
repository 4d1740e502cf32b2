"""The hidden checks of 03_siamese: of the same kind as the public ones, on other inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.checks.criteria import check
from course_utils.checks.expectation import expect
from course_utils.checks.neighbours import either, with_stand_ins
from course_utils.checks.siamese import (
    PROBES,
    SHAPE,
    Measured,
    Rng,
    accuracy_of,
    as_floats,
    closest,
    coded_images,
    codes,
    drawn_pairs,
    drawn_task,
    fresh,
    measured,
    mixed,
    near,
    short_training,
    siamese,
    split_classes,
    tasks,
    told_images,
    told_tasks,
    trained_classifier,
    with_classifiers,
)
from course_utils.checks.student import Student

EPISODE_PROBES = "course_utils.checks.episode_probes"


def untouched(student: Student, rng: Rng, call: Any) -> None:
    """The demand that a call changes no global random state."""
    globals_ = student.module(EPISODE_PROBES)
    seed = int(rng.integers(1000))
    globals_.seed_globally(seed)
    expected = tuple(globals_.flags())
    globals_.seed_globally(seed)
    call()
    expect(tuple(globals_.flags()), "the next global random numbers, after the call").equals(
        expected, why="The global generators belong to whoever runs your code.", hint="Draw from rng alone."
    )


# split_by_class -------------------------------------------------------------------------------------------------------


@check("split_by_class", weight=1)
def splits_the_same_classes_off_in_any_order(student: Student, rng: Rng) -> None:
    """The order of the data does not decide which classes are held out."""
    data, x, y = mixed(rng, 14, 2)
    order = rng.permutation(len(y))
    one = split_classes(student.split_by_class(x, y, 7), data, 7)
    other = split_classes(student.split_by_class(x[order], y[order], 7), data, 7)
    expect(sorted(other[1]), "the held-out classes, with the data in another order").equals(sorted(one[1]))


@check("split_by_class", weight=1)
def splits_80_classes_off(student: Student, rng: Rng) -> None:
    """Without num_train_classes, 80 classes are for training; floats and other label types are fine."""
    data, x, y = mixed(rng, 83, 2)
    train, held_out = split_classes(student.split_by_class(as_floats(x), y.astype(np.uint8)), data, 80)
    expect(sorted(train + held_out), "the classes of both parts").equals(list(range(83)))


# get_batch ------------------------------------------------------------------------------------------------------------


@check("get_batch", weight=1)
def takes_floats_and_other_shapes(student: Student, rng: Rng) -> None:
    """Floats in [0, 1] stay as they are; other sizes of images, and small data, are fine."""
    for shape, classes, images in (((12, 20, 1), 2, 2), (SHAPE, 3, 2), ((8, 8, 4), 2, 5)):
        data = coded_images(rng, classes, images, shape)
        for floats in (True, False):
            found = drawn_pairs(student, 8, data, fresh(student, rng), floats)
            expect(found.targets, "the targets").equals((found.left[0] == found.right[0]).astype(int))


@check("get_batch", weight=1)
def takes_any_batch_size(student: Student, rng: Rng) -> None:
    """Of an odd number of pairs either half has one more."""
    data = coded_images(rng, 6, 5)
    for batch_size in (1, 3, 17, 64):
        found = drawn_pairs(student, batch_size, data, fresh(student, rng))
        same = int((found.left[0] == found.right[0]).sum())
        expect(abs(2 * same - batch_size), f"pairs of one class minus pairs of two, of {batch_size}").at_most(1)
        expect(int(found.targets.sum()), "targets of 1").equals(same)


@check("get_batch", weight=1)
def draws_from_rng_alone(student: Student, rng: Rng) -> None:
    """The same generator state gives the same batch, the next batch is another one, and nothing global is touched."""
    data, probes = coded_images(rng, 5, 8), student.module(PROBES)
    seed = int(rng.integers(2**31))
    one, again = probes.generator(seed), probes.generator(seed)
    first, second = (drawn_pairs(student, 20, data, one) for _ in range(2))
    repeated = drawn_pairs(student, 20, data, again)
    for a, b in ((first.left, repeated.left), (first.right, repeated.right)):
        expect(list(map(list, zip(*b, strict=True))), "the images, with the same generator state").equals(
            list(map(list, zip(*a, strict=True)))
        )
    expect(np.stack(second.left + second.right), "the second batch").differs_from(np.stack(first.left + first.right))
    untouched(student, rng, lambda: drawn_pairs(student, 20, data, fresh(student, rng)))


@check("get_batch", weight=1)
def draws_all_that_there_is(student: Student, rng: Rng) -> None:
    """Every image comes up on both sides, in pairs of both kinds, and every class beside every other."""
    found = drawn_pairs(student, 1_000, coded_images(rng, 5, 4), fresh(student, rng))
    same = found.left[0] == found.right[0]
    for side, name in ((found.left, "left"), (found.right, "right")):
        for kind, chosen in (("one class", same), ("two classes", ~same)):
            # 500 draws of 20 images: that one never comes up has a probability below 10^-9.
            number = len({*zip(side[0][chosen].tolist(), side[1][chosen].tolist(), strict=True)})
            expect(number, f"different images on the {name}, in pairs of {kind}").equals(20)
    beside = {*zip(found.left[0][~same].tolist(), found.right[0][~same].tolist(), strict=True)}
    expect(len(beside), "different pairs of two classes, of 20").equals(20)


# build_siamese_network ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Responses:
    """How much the likeness of x and x + d differs from that of x and itself, for directions d = a, b and sums."""

    a: np.ndarray
    b: np.ndarray
    both: np.ndarray
    apart: np.ndarray
    twice: np.ndarray


def responses(student: Student, rng: Rng) -> Responses:
    """Responses of a network of few features to small changes of colour; observed once for all criteria."""

    def observe() -> Responses:
        probes = student.module(PROBES)
        model = student.build_siamese_network(SHAPE)
        base = (0.4 + 0.2 * as_floats(coded_images(rng, 1, 1)[0])).astype(np.float32)
        probes.likeness_in_inference(model, base, base)
        probes.focused(model, int(rng.integers(2**31)))
        # Directions in which all three colours change, by different amounts.
        a, b = rng.uniform(0.3, 1.0, (2, 12, 3)) * rng.choice([-1.0, 1.0], (2, 12, 3))
        directions = np.concatenate([a, b, a + b, a - b, 2 * a])
        found = np.zeros(len(directions))
        for size in (0.1, 0.02, 0.004):
            right = np.concatenate([base, base + size * directions[:, None, None].astype(np.float32)])
            said = np.ravel(np.asarray(probes.likeness_in_inference(model, np.repeat(base, len(right), 0), right)))
            found = said[1:].astype(float) - float(said[0])
            if np.abs(found).max() < 0.02:
                break
        return Responses(*found.reshape(5, 12))

    return student.once("responses of build_siamese_network", observe)


@check("build_siamese_network", weight=1, timeout=60)
def compares_by_distances_not_by_squares(student: Student, rng: Rng) -> None:
    """Features that differ twice as much count twice as much, not four times."""
    found = responses(student, rng)
    expect(float(np.abs(found.a).max()), "how much the likeness changes with small changes of an image").at_least(1e-5)
    clear = np.abs(found.a) > 0.1 * np.abs(found.a).max()
    ratio = float(np.median(np.abs(found.twice[clear]) / np.abs(found.a[clear])))
    expect(ratio, "how much more the likeness changes for differences twice as large").between(
        1.4, 2.7, why="Squares forget small differences, and let the largest one decide.", hint="|a - b|: keras.ops.abs"
    )


@check("build_siamese_network", weight=1, timeout=60)
def compares_each_feature_by_itself(student: Student, rng: Rng) -> None:
    """The features' differences count one by one: L1, not the length of the difference (L2)."""
    found = responses(student, rng)
    # Lengths obey the parallelogram law, |a + b|^2 + |a - b|^2 = 2 |a|^2 + 2 |b|^2; sums of absolute values do not.
    # Measured: 0.003 at most for lengths, 0.06 to 0.34 for sums.
    lengths = 2 * found.a**2 + 2 * found.b**2
    gap = np.abs(found.both**2 + found.apart**2 - lengths) / np.maximum(lengths, 1e-12)
    expect(float(np.quantile(gap, 0.75)), "how far the differences are from the parallelogram law of L2").at_least(
        0.02, hint="|a - b| for each feature, then a weighted sum: no square root of a sum of squares."
    )


@check("build_siamese_network", weight=1, timeout=60)
def keeps_pairs_apart(student: Student, rng: Rng) -> None:
    """Pairs of a batch do not mix, and a second network shares nothing with the first."""
    probes, model, images = siamese(student, rng)
    # From dark to bright, with all kinds of differences: what is mixed with others' then shows in one pair at least.
    images *= np.linspace(0.05, 1, len(images), dtype=np.float32)[:, None, None, None]
    others = np.roll(images, 1, axis=0)
    together = np.asarray(probes.likeness(model, images, others))
    pairs = [probes.likeness_in_inference(model, images[n : n + 1], others[n : n + 1]) for n in range(len(images))]
    alone = np.concatenate([np.asarray(likeness) for likeness in pairs])
    expect(alone, "the likeness of each pair by itself, with training=False").close_to(together, atol=3e-5)
    other = student.build_siamese_network(SHAPE)
    probes.likeness(other, images, images)
    probes.shaken(other, int(rng.integers(2**31)))
    expect(probes.likeness(model, images, others), "the first network, after a second was built").close_to(
        together, atol=1e-5
    )


@check("build_siamese_network", weight=1, timeout=60)
def encodes_images_not_differences(student: Student, rng: Rng) -> None:
    """Each image is encoded by itself, before anything is compared."""
    probes, model, images = siamese(student, rng)
    before = np.asarray(probes.likeness(model, images, images[::-1]), float)
    common = as_floats(coded_images(rng, 1, 6)[0])
    after = probes.likeness(model, images + common, images[::-1] + common)
    change = np.abs(np.asarray(after, float) - before).max()
    expect(float(change), "how much the likeness changes when something is added to both images").at_least(
        1e-6,
        why="A difference of pixels says little about what is in the pictures.",
        hint="|f(a) - f(b)|, not f(|a - b|).",
    )


@check("build_siamese_network", weight=1, timeout=60)
def takes_other_images(student: Student, rng: Rng) -> None:
    """It takes images of the shape that is asked for, such as grey ones of 40 x 36."""
    probes, model, images = siamese(student, rng, (40, 36, 1))
    said = probes.likeness(model, images, images[::-1])
    expect(said, "the likeness").has_shape((6, 1)).between(0, 1)
    expect(probes.likeness(model, images[::-1], images), "the likeness, swapped").close_to(np.asarray(said), atol=1e-5)


@check("build_siamese_network", weight=1, timeout=90)
def can_be_trained(student: Student, rng: Rng) -> None:
    """The loss of a short training falls, to well below that of a network that always says one half."""
    taught = short_training(student, rng)
    expect(np.array(taught.losses), "the losses").is_finite()
    expect(min(taught.losses), "the lowest loss").at_most(0.6)
    expect(taught.same, "the likeness of pairs of one class").at_least(taught.different + 0.05)


# make_oneshot_task ----------------------------------------------------------------------------------------------------


@check("make_oneshot_task", weight=1)
def works_on_any_data(student: Student, rng: Rng) -> None:
    """It takes floats, as few as two images of a class, other shapes, and N up to the number of classes."""
    for shape, classes, images, way, floats in (((12, 20, 1), 3, 2, 3, True), (SHAPE, 21, 2, 20, False)):
        data = coded_images(rng, classes, images, shape)
        for _ in range(4):
            task = drawn_task(student, way, data, fresh(student, rng), floats)
            expect(len(set(task.classes.tolist())), "different classes of the support images").equals(way)
            expect(int(task.classes[task.place]), "the class of the right answer").equals(task.test[0])
            expect(int(task.numbers[task.place]) != task.test[1], "the right answer").is_true(
                "another image than the test image", got="the test image"
            )


@check("make_oneshot_task", weight=1)
def draws_tasks_from_rng_alone(student: Student, rng: Rng) -> None:
    """The same generator state gives the same task, the next task is another one, and nothing global is touched."""
    data, probes = coded_images(rng, 9, 12), student.module(PROBES)
    seed = int(rng.integers(2**31))
    one, again = probes.generator(seed), probes.generator(seed)
    first = [drawn_task(student, 5, data, one) for _ in range(3)]
    repeated = [drawn_task(student, 5, data, again) for _ in range(3)]
    for a, b in zip(first, repeated, strict=True):
        expect([b.test, b.classes.tolist(), b.place], "the task, with the same generator state").equals(
            [a.test, a.classes.tolist(), a.place]
        )
    different = len({(task.test, task.place, *task.classes.tolist()) for task in first})
    expect(different, "different tasks of three").equals(3)
    untouched(student, rng, lambda: drawn_task(student, 5, data, fresh(student, rng)))


@check("make_oneshot_task", weight=1, timeout=60)
def draws_every_class_and_image(student: Student, rng: Rng) -> None:
    """Every class and image comes up, as test image and as support, and every place has the right answer."""
    drawn = tasks(student, 90, 3, coded_images(rng, 5, 3), rng)
    # 90 draws: that one of 15 test images is missing has a probability of 3 %, that four are below 10^-6.
    expect(len({task.test for task in drawn}), "different test images, of 15").at_least(12)
    expect(len({task.test[0] for task in drawn}), "different classes of test images, of 5").equals(5)
    mates = {(int(task.classes[task.place]), int(task.numbers[task.place])) for task in drawn}
    expect(len(mates), "different right answers, of 15").at_least(12)
    others = {
        (int(c), int(n)) for task in drawn for c, n in zip(task.classes, task.numbers, strict=True) if c != task.test[0]
    }
    expect(len(others), "different images among the wrong answers, of 15").at_least(14)
    places = np.bincount([task.place for task in drawn], minlength=3)
    # Binomial(90, 1/3): below 11 or above 53 with a probability below 10^-5.
    expect(places, "how often each of 3 places has the right answer, of 90").between(11, 53)
    firsts = {int(task.classes[0]) for task in drawn}
    expect(len(firsts), "different classes in the first place, of 5").equals(5)


# oneshot_accuracy -----------------------------------------------------------------------------------------------------


@check("oneshot_accuracy", weight=2, timeout=60)
def judges_by_one_support_image(student: Student, rng: Rng) -> None:
    """One support image of each class decides, not the mean over many."""
    judge = near(
        0.5,
        120,
        "the accuracy of a score that is right for half of the support images",
        why="With all images of a class for support it would be another, much easier task than one-shot.",
    )
    measured(student, rng, judge, "even", 4, 120)


@check("oneshot_accuracy", weight=1, timeout=60)
def never_takes_the_test_image_for_support(student: Student, rng: Rng) -> None:
    """A score that only knows a picture again gets no more than guessing."""
    measured(
        student,
        rng,
        near(1 / 3, 150, "the accuracy of a score that only finds the same picture"),
        "same picture",
        3,
        150,
    )


@check("oneshot_accuracy", weight=1, timeout=60)
def takes_scores_of_any_form(student: Student, rng: Rng) -> None:
    """Scores may be (P,) or (P, 1), arrays or tensors."""
    for shape in ("column", "tensor"):

        def perfect(found: Measured) -> None:
            expect(found.mean, "the accuracy of a score that knows the classes").equals(1.0)

        def hopeless(found: Measured) -> None:
            expect(found.mean, "the accuracy of a score that has them the wrong way round").equals(0.0)

        measured(student, rng, perfect, "right", 4, 12, shape)
        measured(student, rng, hopeless, "wrong", 4, 12, shape)


@check("oneshot_accuracy", weight=1, timeout=60)
def measures_k_tasks(student: Student, rng: Rng) -> None:
    """It measures k tasks of N classes, 250 of 20 without these arguments."""
    probes = student.module(PROBES)
    for way, count, named in ((3, 7, True), (20, 250, False)):
        data = told_images(way + 1, 6)

        def attempt(way: int = way, count: int = count, named: bool = named, data: np.ndarray = data) -> None:
            score = probes.ToldScore("even")
            arguments = {"N": way, "k": count, "rng": fresh(student, rng)} if named else {}
            found = accuracy_of(student.oneshot_accuracy(score, data, **arguments))
            expect(found.mean * count, f"right answers of {count}").close_to(
                float(round(found.mean * count)), atol=1e-3, hint="A whole number: k tasks, each right or wrong."
            )
            if not named:
                near(0.5, count, "the accuracy of a score that is right for half of the tasks")(found)
            expect(sum(score.calls), f"pairs that were scored for {count} tasks of {way} classes").equals(way * count)

        either(
            attempt, with_stand_ins(student, {"make_oneshot_task": told_tasks(student, rng, data, way, count)}, attempt)
        )


@check("oneshot_accuracy", weight=1, timeout=60)
def gives_guessing_in_larger_tasks(student: Student, rng: Rng) -> None:
    """A constant score gets 1/N for other N as well."""
    for way, count in ((2, 120), (10, 200)):
        measured(
            student, rng, near(1 / way, count, f"a constant score in {way}-way tasks"), "constant", way, count, "column"
        )


@check("oneshot_accuracy", weight=1, timeout=60)
def draws_its_tasks_from_rng(student: Student, rng: Rng) -> None:
    """The same generator state gives the same accuracy; other states other tasks; nothing global is touched."""
    probes, data = student.module(PROBES), told_images(6, 9)
    seeds = [int(seed) for seed in rng.integers(2**31, size=6)]

    def mean(seed: int) -> float:
        score = probes.ToldScore("even")
        return accuracy_of(student.oneshot_accuracy(score, data, N=4, k=60, rng=probes.generator(seed))).mean

    def attempt() -> None:
        means = [mean(seed) for seed in seeds]
        expect(mean(seeds[0]), "the accuracy, with the same generator state").equals(means[0])
        # Each mean has 61 values, none with a probability above 0.11: all six equal in 2 of 100,000 cases.
        expect(len(set(means)), "different accuracies with six generators").at_least(2)
        untouched(student, rng, lambda: mean(seeds[0]))

    either(attempt, with_stand_ins(student, {"make_oneshot_task": drawing_tasks(student)}, attempt))


def drawing_tasks(student: Student) -> Any:
    """A stand-in for make_oneshot_task whose tasks depend on the generator that it gets."""
    return student.module(PROBES).ToldDraws()


# build_classifier and neural_codes ------------------------------------------------------------------------------------


@check("build_classifier", weight=1, timeout=60)
def names_each_image_by_itself(student: Student, rng: Rng) -> None:
    """What it says of an image does not depend on the others of the batch, and differs from image to image."""
    probes, model = student.module(PROBES), student.build_classifier(9)
    images = as_floats(coded_images(rng, 1, 5)[0])
    probes.outputs(model, images)
    probes.shaken(model, int(rng.integers(2**31)))
    said = np.asarray(probes.outputs(model, images))
    expect(probes.outputs(model, images[2:3]), "the probabilities of one image by itself").has_shape((1, 9)).close_to(
        said[2:3], atol=1e-4
    )
    expect(float(np.ptp(said, axis=0).max()), "how much the probabilities differ from image to image").at_least(1e-5)
    expect(said.sum(-1), "the sum of the probabilities").close_to(np.ones(5), atol=1e-4)


@check("neural_codes", weight=2, timeout=90)
def depends_on_late_layers(student: Student, rng: Rng) -> None:
    """The codes are of a late layer, of the model that is given, and the same when asked again."""
    data = as_floats(coded_images(rng, 1, 3)[0])

    def judge(probes: Any, model: Any) -> None:
        before = codes(student, model, data)
        expect(codes(student, model, data), "the codes, asked for again").close_to(before, atol=1e-5, rtol=1e-4)
        arrays = list(probes.kernels(model))
        late = arrays[len(arrays) // 2] if len(arrays) > 2 else arrays[0]
        probes.scale_weight(model, late, -0.5 if late == arrays[0] else 0.3)
        size = 1e-4 * max(1.0, float(np.abs(before).max()))
        change = np.abs(codes(student, model, data) - before).max()
        expect(float(change), "the change of the codes with the weights in the middle of the network").at_least(
            size, hint="A late hidden layer: the one before the last."
        )

    with_classifiers(student, rng, judge)


@check("neural_codes", weight=1, timeout=60)
def are_not_the_answers(student: Student, rng: Rng) -> None:
    """The codes are not what the last layer says."""
    data = as_floats(coded_images(rng, 1, 4)[0])

    def judge(probes: Any, model: Any) -> None:
        found = codes(student, model, data)
        said = np.asarray(probes.outputs(model, data), float)
        is_answer = found.shape == said.shape and bool(np.allclose(found, said, atol=1e-5))
        expect(not is_answer, "the codes").is_true("the output of a hidden layer", got="the class probabilities")

    with_classifiers(student, rng, judge)


@check("nearest_support", weight=2)
def finds_the_closest_of_many(student: Student, rng: Rng) -> None:
    """It is right for many codes, for one, for floats and whole numbers, whatever their length and sign."""
    for queries, support, size in ((40, 17, 5), (1, 6, 3), (9, 1, 4), (3, 30, 1)):
        for shift in (0.0, 4.0):
            one = rng.normal(shift, 2.0, (queries, size)).astype(np.float32)
            two = (rng.normal(shift, 2.0, (support, size)) * rng.uniform(0.2, 3.0, (support, 1))).astype(np.float32)
            found = student.nearest_support(one, two)
            expect(found, "the indices").has_shape((queries,))
            margin = np.sort(np.linalg.norm(one[:, None].astype(float) - two[None], axis=-1), axis=1)
            clear = np.ones(queries, bool) if support == 1 else margin[:, 1] - margin[:, 0] > 1e-3
            expect(np.asarray(found)[clear], "the indices of the closest").equals(closest(one, two)[clear])
    whole: np.ndarray = np.arange(12).reshape(4, 3) * 5
    expect(student.nearest_support(whole[[2, 0, 3]] + 1, whole), "the indices for whole numbers").equals(
        np.array([2, 0, 3])
    )


@check("nearest_support", weight=1)
def leaves_the_codes_as_they_are(student: Student, rng: Rng) -> None:
    """Long codes count as long: nothing is normalised, and distances are L2, not L1."""
    support = np.array([[10.0, 10.0], [1.0, 0.2], [0.0, 6.5]], np.float32)
    queries = np.array([[1.0, 1.0], [9.0, 1.0], [4.4, 10.5], [0.6, 3.2]], np.float32)
    expect(student.nearest_support(queries, support), "the indices").equals(closest(queries, support))
    support = np.array([[3.0, 3.0, 3.0], [5.5, 0.0, 0.0]], np.float32)
    expect(student.nearest_support(np.zeros((1, 3), np.float32), support), "the index of the closest in L2").equals(
        np.array([0])
    )


# Trained weights ------------------------------------------------------------------------------------------------------

# Private images: the embedded figures of the 20 held-out classes, mirrored and in other colours, in 20-way one-shot
# tasks. What the classifier says of the 80 classes (logarithms of probabilities) serves as code, so that nothing else
# that students write is needed. Measured: untrained networks 6 to 18 %, trained for three epochs on CIFAR-100 19 %
# (12 before), trained on the embedded data 32 and 34 % (7 and 18 before).
PRIVATE_TASKS = 4_000
FAIR, GAIN = 0.15, 0.025


def private_accuracy(student: Student, model: Any, rng: Rng) -> float:
    """The accuracy of 20-way one-shot tasks with private images, by the classifier's own answers."""
    from course_utils import one_shot
    from course_utils.data import load

    data = load("cifar100", "embedded").train
    images = data.images[np.argsort(data.labels, kind="stable")].reshape(100, -1, *SHAPE)[80:, :30]
    images = as_floats(images[:, :, :, ::-1][..., [2, 0, 1]])
    said = student.module(PROBES).outputs(model, images.reshape(-1, *SHAPE))
    expect(said, "the probabilities").has_shape((600, None)).is_finite()
    codes_of = np.log(np.maximum(np.asarray(said, float), 1e-9)).reshape(20, 30, -1)
    return one_shot.accuracy(codes_of, one_shot.closeness, 20, PRIVATE_TASKS, rng, "private images").mean


@check("trained_classifier", weight=2, timeout=90)
def finds_private_images_alike(student: Student, rng: Rng) -> None:
    """What the trained classifier says tells private images of new classes apart."""
    expect(private_accuracy(student, trained_classifier(student), rng), "one-shot accuracy on private images").at_least(
        FAIR
    )


@check("trained_classifier", weight=1, timeout=90)
def has_learned(student: Student, rng: Rng) -> None:
    """The trained classifier does better than the one that the training started with."""
    seed = int(rng.integers(2**31))
    trained = private_accuracy(student, trained_classifier(student), np.random.default_rng(seed))
    untrained = private_accuracy(student, student.build_classifier(80), np.random.default_rng(seed))
    expect(trained - untrained, "one-shot accuracy on private images, above that of an untrained network").at_least(
        GAIN
    )
