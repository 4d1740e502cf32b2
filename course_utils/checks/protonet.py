"""The public checks of 05_protonet, which students run in their own notebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from course_utils.checks.criteria import check
from course_utils.checks.expectation import expect
from course_utils.checks.mann import coded_characters, pair
from course_utils.checks.neighbours import either, with_stand_ins
from course_utils.checks.student import Student, StudentError
from course_utils.checks.wire import Tensor
from course_utils.episodes import distinct_numbers

Rng = np.random.Generator
PROBES = "course_utils.checks.prototype_probes"
EPISODE_PROBES = "course_utils.checks.episode_probes"

# Stand-ins for what other functions of the notebook lean on, by the names that they have there.
STAND_INS = {
    "prototypes": "mean_of_support",
    "squared_distances": "multiplied_out",
    "prototypical_loss": "loss_and_accuracy",
}


def neighbours(student: Student, *names: str) -> dict[str, Any]:
    """The stand-ins for these functions of the notebook."""
    probes = student.module(PROBES)
    return {name: getattr(probes, STAND_INS[name]) for name in names}


# sample_episode -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drawn:
    """An episode made out: which character and drawing each image is, [way, shot] and [way, query]."""

    support: tuple[np.ndarray, np.ndarray]
    query: tuple[np.ndarray, np.ndarray]

    @property
    def classes(self) -> np.ndarray:
        """int64 [way, shot + query], the character of each image."""
        return np.concatenate([self.support[0], self.query[0]], axis=1)

    @property
    def drawings(self) -> np.ndarray:
        """int64 [way, shot + query]."""
        return np.concatenate([self.support[1], self.query[1]], axis=1)


def checked_images(images: Any, what: str, way: int, count: int) -> np.ndarray:
    """The images of one part of an episode, if they have the shape, dtype and range that the task asks for."""
    expect(images, what).has_shape((way, count, 28, 28, 1), hint="Add the channel's axis at the end, [..., None].")
    expect(images, what).has_dtype("float32", hint="as_floats makes float32 of uint8.").between(
        0, 1, why="Networks like inputs of the size of 1.", hint="Divide by 255, once."
    )
    return np.asarray(images)[..., 0]


def made_out(value: Any, data: np.ndarray, way: int, shot: int, query: int) -> Drawn:
    """Which of the images in `data` an episode has. Unmet where one is none of them."""
    parts = pair(value, "what sample_episode returns")
    known = {drawing.tobytes(): number for number, drawing in enumerate(data.reshape(-1, 28 * 28))}
    found = []
    for part, what, count in zip(parts, ("the support", "the queries"), (shot, query), strict=True):
        pixels: np.ndarray = 255 * checked_images(part, what, way, count)
        rounded = np.round(pixels).astype(np.uint8)
        expect(pixels, f"255 times {what}").close_to(rounded, atol=1e-2, hint="Divide by 255.")
        numbers = np.array([known.get(image.tobytes(), -1) for image in rounded.reshape(-1, 28 * 28)])
        expect(int((numbers < 0).sum()), "images that are none of those given").equals(
            0, hint="Every image is one of `images`, neither turned nor inverted."
        )
        numbers = numbers.reshape(way, count)
        found.append((numbers // data.shape[1], numbers % data.shape[1]))
    return Drawn(*found)


def drawn(student: Student, data: np.ndarray, size: tuple[int, int, int], seed: int) -> Drawn:
    """An episode of this size (way, shot, query)."""
    value, _ = student.module(PROBES).run(student.sample_episode, (), data, size, seed)
    return made_out(value, data, *size)


@check("sample_episode", weight=1)
def gives_images_of_an_episode(student: Student, rng: Rng) -> None:
    """It gives support (way, shot, 28, 28, 1) and queries (way, query, 28, 28, 1), float32 in [0, 1]."""
    data = coded_characters(rng, 11, 9)
    for size in ((5, 1, 3), (3, 4, 2), (11, 2, 7)):
        drawn(student, data, size, int(rng.integers(2**31)))


@check("sample_episode", weight=1)
def draws_distinct_classes(student: Student, rng: Rng) -> None:
    """The classes of an episode are all different; support and queries have them in the same order."""
    data = coded_characters(rng, 8, 7)
    for _ in range(20):
        classes = drawn(student, data, (6, 2, 3), int(rng.integers(2**31))).classes
        expect([len(set(row.tolist())) for row in classes], "the number of characters in each class").equals(
            [1] * 6, hint="Support and queries of a class are drawings of one and the same character."
        )
        expect(len(set(classes[:, 0].tolist())), "different classes in a 6-way episode").equals(
            6, why="Twice the same class cannot be told apart.", hint="Draw without replacement."
        )


@check("sample_episode", weight=1)
def keeps_queries_out_of_the_support(student: Student, rng: Rng) -> None:
    """The drawings of a class are all different, so no query stands in the support."""
    data = coded_characters(rng, 6, 6)
    for _ in range(20):
        drawings = drawn(student, data, (4, 2, 4), int(rng.integers(2**31))).drawings
        expect(min(len(set(row.tolist())) for row in drawings), "different drawings of a class, of 6").equals(
            6,
            why="A query that stands in the support is recognised pixel by pixel.",
            hint="Draw shot + query different drawings at once.",
        )


@check("sample_episode", weight=1)
def leaves_the_images_alone(student: Student, rng: Rng) -> None:
    """The array of images stays as it was."""
    data = coded_characters(rng, 7, 5)
    for size in ((7, 2, 3), (3, 1, 1)):
        value, after = student.module(PROBES).run(student.sample_episode, (), data, size, int(rng.integers(2**31)))
        made_out(value, data, *size)
        expect(after, "the images afterwards").equals(
            data,
            why="All later episodes come from this array.",
            hint="Index it; neither shuffle nor scale it in place.",
        )


def refuses(student: Student, data: np.ndarray, size: tuple[int, int, int], numbers: Sequence[int]) -> None:
    """The demand that an episode of this size is a ValueError which names one of the numbers."""
    try:
        student.module(PROBES).run(student.sample_episode, (), data, size, 0)
    except StudentError as error:
        if error.kind != "ValueError":
            raise
        expect(any(str(number) in error.text for number in numbers), "the error").is_true(
            "a ValueError that says how many there are, or how many are missing",
            got=f"ValueError: {error.text[:200]}",
            hint="check_size(images.shape[0], images.shape[1], way, shot + query) says it.",
        )
        return
    expect(None, f"an episode of {size}").is_true(
        "a ValueError",
        got=f"an episode of way, shot and query {size} from {data.shape[0]} characters with {data.shape[1]} drawings",
        hint="check_size(images.shape[0], images.shape[1], way, shot + query) raises it.",
    )


@check("sample_episode", weight=1)
def says_what_is_missing(student: Student, rng: Rng) -> None:
    """With too few characters or drawings it raises a ValueError that says how many."""
    data = coded_characters(rng, 13, 17)
    refuses(student, data, (19, 1, 1), (13, 19, 6))
    refuses(student, data, (3, 8, 12), (17, 20, 3))


# build_encoder --------------------------------------------------------------------------------------------------------


def encoded(encoder: Any, images: np.ndarray, **how: Any) -> np.ndarray:
    """What an encoder gives for images, if it is a row of numbers for each."""
    said = encoder(Tensor(images), **how)
    expect(said, f"the embeddings of images of shape {images.shape}").has_shape((len(images), None)).is_finite()
    return np.asarray(said, float)


def pictures(rng: Rng, count: int, size: int = 28, channels: int = 1) -> np.ndarray:
    """float32 [count, size, size, channels], sparse noise in blocks."""
    images = rng.random((count, size // 2, size // 2, channels)) * (rng.random((count, size // 2, size // 2, 1)) < 0.4)
    return images.repeat(2, axis=1).repeat(2, axis=2).astype(np.float32)


@check("build_encoder", weight=1, timeout=60)
def gives_64_features(student: Student, rng: Rng) -> None:
    """It embeds images of 28x28 as 64 numbers."""
    encoder = student.build_encoder()
    for count in (3, 7):
        expect(encoder(Tensor(pictures(rng, count))), f"the embeddings of {count} images").has_shape(
            (count, 64), hint="28, 14, 7, 3, 1: pad the convolutions, not the pooling; flatten at the end."
        )


@check("build_encoder", weight=1, timeout=60)
def has_the_weights_of_four_blocks(student: Student, rng: Rng) -> None:
    """It has the weights of four blocks of convolution and batch normalisation."""
    encoder = student.build_encoder()
    encoded(encoder, pictures(rng, 3))
    shapes = [np.shape(weight) for weight in encoder.get_weights()]
    kernels = [shape for shape in shapes if len(shape) == 4]
    expect([list(shape) for shape in kernels], "the kernels of the convolutions").equals(
        [[3, 3, 1, 64], *[[3, 3, 64, 64]] * 3], hint="Four convolutions of 3x3 with 64 filters, and no dense layer."
    )
    others = [shape for shape in shapes if len(shape) != 4]
    expect(all(shape == (64,) for shape in others) and len(others) in (16, 20), "the other weights").is_true(
        "four for each batch normalisation, and perhaps a bias for each convolution",
        got=f"arrays of the shapes {sorted(set(others))}, {len(others)} of them",
    )


# prototypes, squared_distances, prototypical_loss ---------------------------------------------------------------------


def noise(rng: Rng, *shape: int, scale: float = 1.0) -> np.ndarray:
    """float32 normal noise."""
    return rng.normal(scale=scale, size=shape).astype(np.float32)


def distances(queries: np.ndarray, prototypes: np.ndarray) -> np.ndarray:
    """float64 [Q, way], squared Euclidean."""
    difference = np.asarray(queries, float)[:, None] - np.asarray(prototypes, float)[None]
    return (difference**2).sum(-1)


def probabilities(squared: np.ndarray) -> np.ndarray:
    """The softmax of negative squared distances [..., way]."""
    shifted = np.exp(squared.min(-1, keepdims=True) - squared)
    return shifted / shifted.sum(-1, keepdims=True)


def loss_and_accuracy(queries: np.ndarray, prototypes: np.ndarray) -> tuple[float, float]:
    """The mean cross-entropy and the accuracy of queries [way, query, D]."""
    way, query, size = queries.shape
    squared = distances(queries.reshape(-1, size), prototypes)
    labels: np.ndarray = np.repeat(np.arange(way), query)
    least = squared.min(-1)
    logsumexp = np.log(np.exp(least[:, None] - squared).sum(-1)) - least
    loss = squared[np.arange(len(labels)), labels] + logsumexp
    return float(loss.mean()), float((squared.argmin(-1) == labels).mean())


@check("prototypes", weight=1)
def takes_the_mean_over_shots(student: Student, rng: Rng) -> None:
    """The prototype of a class is the mean over its shots."""
    for way, shot, size in ((4, 3, 5), (3, 1, 6), (6, 5, 4)):
        support = noise(rng, way, shot, size)
        expect(student.prototypes(Tensor(support)), f"the prototypes for support of shape {support.shape}").close_to(
            support.mean(axis=1), atol=1e-5, hint="The shots are the second axis, axis=1."
        )


@check("squared_distances", weight=1)
def measures_squared_distances(student: Student, rng: Rng) -> None:
    """It gives the squared Euclidean distance of each query (rows) to each prototype (columns)."""
    queries = np.array([[0, 0], [3, 4], [6, 8], [1, 0]], np.float32)
    points = np.array([[0, 0], [3, 4], [1, 1]], np.float32)
    why = "Squared, the mean is the best prototype and the classifier linear."
    expect(student.squared_distances(Tensor(queries), Tensor(points)), "the distances of easy points").close_to(
        distances(queries, points), atol=1e-4, why=why, hint="From (3, 4) to (0, 0) it is 25, neither 5 nor -25."
    )
    queries, points = noise(rng, 7, 5), noise(rng, 4, 5)
    expect(student.squared_distances(Tensor(queries), Tensor(points)), "the distances of 7 queries").close_to(
        distances(queries, points), atol=1e-4, why=why, hint="(Q, way): a row for each query."
    )


def judged_loss(
    student: Student, queries: np.ndarray, points: np.ndarray, hint: str, atol: float = 1e-4, rtol: float = 1e-4
) -> None:
    """The demand on loss and accuracy; with the student's own squared_distances or a stand-in."""
    loss, accuracy = loss_and_accuracy(queries, points)

    def attempt() -> None:
        said = student.prototypical_loss(Tensor(queries), Tensor(points))
        value, share = pair(said, "what prototypical_loss returns")
        what = f"of {queries.shape[1]} queries of each of {len(points)} classes"
        expect(value, f"the loss {what}").close_to(loss, atol=atol, rtol=rtol, hint=hint)
        expect(share, f"the accuracy {what}").close_to(
            accuracy, atol=1e-5, hint="The share of queries whose nearest prototype is their own, not the logits' mean."
        )

    either(attempt, with_stand_ins(student, neighbours(student, "squared_distances"), attempt))


@check("prototypical_loss", weight=2)
def gives_loss_and_accuracy(student: Student, rng: Rng) -> None:
    """It gives the mean cross-entropy of softmax(-distance), and the accuracy."""
    hint = "The labels are 0, 0, ..., 1, 1, ...: class by class. The logits are the negative distances."
    for way, query, size in ((4, 3, 5), (3, 6, 4)):
        points = noise(rng, way, size)
        queries = (points[:, None] + noise(rng, way, query, size, scale=1.0)).astype(np.float32)
        judged_loss(student, queries, points, hint)


@check("prototypical_loss", weight=1)
def starts_near_guessing(student: Student, rng: Rng) -> None:
    """Where all distances are the same, the loss is ln(way)."""
    hint = "Both terms count: the distance to the own prototype, and the logsumexp."
    for way, query in ((5, 2), (3, 4)):
        queries: np.ndarray = np.ones((way, query, 6), np.float32)
        points = noise(rng, 1, 6).repeat(way, axis=0)

        def attempt(queries: np.ndarray = queries, points: np.ndarray = points) -> None:
            loss, _ = pair(student.prototypical_loss(Tensor(queries), Tensor(points)), "what prototypical_loss returns")
            what = f"the loss of guessing in {len(points)}-way episodes"
            expect(loss, what).close_to(np.log(len(points)), atol=1e-4, hint=hint)

        either(attempt, with_stand_ins(student, neighbours(student, "squared_distances"), attempt))


# train ----------------------------------------------------------------------------------------------------------------


def numbered_images(characters: int, drawings: int) -> np.ndarray:
    """uint8 [characters, drawings, 28, 28], whose corner tells a told encoder which image it is."""
    numbers = np.arange(characters * drawings).reshape(characters, drawings)
    images: np.ndarray = np.zeros((characters, drawings, 28, 28), np.uint8)
    images[..., 0, 0], images[..., 0, 1], images[..., 0, 2] = 255, numbers // 256, numbers % 256
    images[..., 4:24, 10:14] = 200
    return images


@dataclass(frozen=True)
class Told:
    """Images with the table and the kernel by which a told encoder embeds them: embedding = table[number] @ kernel."""

    images: np.ndarray
    table: np.ndarray
    kernel: np.ndarray

    def encoder(self, student: Student) -> Any:
        """The encoder, on the student's side."""
        return student.module(PROBES).told_encoder(self.table, self.kernel)

    @property
    def embeddings(self) -> np.ndarray:
        """[characters, drawings, E], before any training."""
        return (self.table @ self.kernel).reshape(*self.images.shape[:2], -1)


def told(rng: Rng, characters: int, drawings: int, spread: float, scale: float = 1.0, size: int = 4) -> Told:
    """Clusters: a centre for each character, and drawings with this spread about it; a kernel of this scale."""
    centres = rng.normal(size=(characters, 1, size))
    table = centres + spread * rng.normal(size=(characters, drawings, size))
    kernel = scale * np.linalg.qr(rng.normal(size=(size, size)))[0][:, : size - 1]
    return Told(
        numbered_images(characters, drawings),
        table.reshape(-1, size).astype(np.float32),
        kernel.astype(np.float32),
    )


@dataclass(frozen=True)
class Training:
    """What came of a training: the losses, the encoder's state, and the images of each episode where that was noted."""

    losses: list[float]
    state: Mapping[str, np.ndarray]
    images_after: np.ndarray
    noted: list[np.ndarray] = field(default_factory=list)


def trained(
    student: Student,
    task: Told,
    size: tuple[int, int, int],
    episodes: int,
    judge: Callable[[Training], None],
    seed: int = 1,
    **how: Any,
) -> None:
    """Judge a training; with the student's own helpers or with stand-ins, whichever works."""
    trained_often(student, task, size, episodes, [(seed, None)], lambda results: judge(results[0]), **how)


def trained_often(
    student: Student,
    task: Told,
    size: tuple[int, int, int],
    episodes: int,
    seeds: Sequence[tuple[int, int | None]],
    judge: Callable[[list[Training]], None],
    **how: Any,
) -> None:
    """Judge several trainings together, all with the same helpers.

    Args:
        seeds: of the generator of each training, and of the global dice before it; None to leave those alone.
    """
    names = ("prototypes", "squared_distances", "prototypical_loss")
    own, others = (student.module(PROBES).NotedEpisodes() for _ in range(2))

    def attempt(noted: Any = None) -> None:
        judge([one_training(student, task, size, episodes, noted, seed, dice, **how) for seed, dice in seeds])

    either(
        attempt,
        with_stand_ins(student, {"sample_episode": own}, lambda: attempt(own)),
        with_stand_ins(student, neighbours(student, *names) | {"sample_episode": others}, lambda: attempt(others)),
    )


def one_training(
    student: Student,
    task: Told,
    size: tuple[int, int, int],
    episodes: int,
    noted: Any,
    seed: int,
    dice: int | None = None,
    **how: Any,
) -> Training:
    """What came of one training; `noted` are the NotedEpisodes that stand in for sample_episode, or None."""
    probes = student.module(PROBES)
    already = len(noted.noted()) if noted is not None else 0
    if dice is not None:
        student.module(EPISODE_PROBES).seed_globally(dice)
    encoder = task.encoder(student)
    losses, after = probes.run(student.train, (encoder,), task.images, (*size, episodes), seed, **how)
    expect(isinstance(losses, (list, tuple, np.ndarray)), "the losses").is_true("a list", got=type(losses).__name__)
    expect(losses, "the losses").has_length(episodes, hint="One float an episode.").is_finite()
    state = {name: np.asarray(value) for name, value in probes.state(encoder).items()}
    found = [np.asarray(part) for part in noted.noted()][already:] if noted is not None else []
    return Training([float(loss) for loss in losses], state, np.asarray(after), found)


@check("train", weight=1, timeout=90)
def lowers_the_loss(student: Student, rng: Rng) -> None:
    """The loss starts near ln(way) and falls, the encoder's weights change in place, and no image does."""
    task = told(rng, 10, 6, spread=0.1, scale=0.05)

    def judge(result: Training) -> None:
        expect(result.losses[0], "the first loss, with embeddings that hardly differ").close_to(
            np.log(6), atol=0.1, hint="Return the losses as they were before each step."
        )
        last = float(np.mean(result.losses[-5:]))
        expect(last, "the mean of the last 5 of 60 losses").at_most(
            0.6 * np.log(6),
            why="The encoder does not learn.",
            hint="Apply the gradients of the loss to encoder.trainable_variables, with Adam(learning_rate).",
        )
        expect(result.state["kernel"], "the encoder's weights").differs_from(task.kernel, hint="Train it in place.")
        expect(result.images_after, "the images afterwards").equals(task.images)

    trained(student, task, (6, 2, 3), 60, judge, learning_rate=0.05)


@check("train", weight=1, timeout=90)
def trains_in_training_mode(student: Student, rng: Rng) -> None:
    """It embeds support and queries of each episode once, in training mode."""
    task = told(rng, 7, 6, spread=0.3)

    def judge(result: Training) -> None:
        shown = float(result.state["shown"].sum())
        expect(shown, "images embedded in 8 episodes, 5-way with 1 support and 4 queries").equals(
            8 * 5 * 5, hint="way * (shot + query) images an episode; no sample of it twice."
        )
        expect(float(result.state["shown_in_training"].sum()), "images embedded with training=True").equals(
            shown,
            why="Batch normalisation gathers its statistics in training mode alone.",
            hint="encoder(images, training=True)",
        )

    trained(student, task, (5, 1, 4), 8, judge)


# evaluate -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Evaluation:
    """What came of an evaluation: the accuracy's numbers, the encoder's state, and the images afterwards."""

    mean: float
    low: float
    high: float
    n: int
    state: Mapping[str, np.ndarray]
    images_after: np.ndarray


def evaluated(
    student: Student,
    task: Told,
    size: tuple[int, int],
    judge: Callable[[Evaluation], None],
    seed: int = 2,
    **how: Any,
) -> None:
    """Judge an evaluation of (way, shot); with the student's own helpers or with stand-ins, whichever works."""
    evaluated_often(student, task, size, [seed], lambda results: judge(results[0]), **how)


def evaluated_often(
    student: Student,
    task: Told,
    size: tuple[int, int],
    seeds: Sequence[int],
    judge: Callable[[list[Evaluation]], None],
    **how: Any,
) -> None:
    """Judge several evaluations together, all with the same helpers, each with a generator of its own."""
    probes = student.module(PROBES)

    def one(seed: int) -> Evaluation:
        encoder = task.encoder(student)
        accuracy, after = probes.run(student.evaluate, (encoder,), task.images, size, seed, **how)
        for name in ("mean", "low", "high"):
            expect(getattr(accuracy, name), f"the accuracy's {name}").between(
                0, 1, hint="Return Accuracy.of_episodes(...) of the accuracy of each episode, as a fraction."
            )
        state = {name: np.asarray(value) for name, value in probes.state(encoder).items()}
        numbers = (float(accuracy.mean), float(accuracy.low), float(accuracy.high))
        return Evaluation(*numbers, accuracy.n, state, np.asarray(after))

    def attempt() -> None:
        judge([one(seed) for seed in seeds])

    stand_ins = neighbours(student, "prototypes", "squared_distances", "prototypical_loss")
    noted = stand_ins | {"sample_episode": probes.NotedEpisodes()}
    either(attempt, with_stand_ins(student, stand_ins, attempt), with_stand_ins(student, noted, attempt))


def accuracies(task: Told, size: tuple[int, int, int], rng: Rng, episodes: int = 1500) -> np.ndarray:
    """float64 [episodes], what evaluating a told encoder gives on the trusted side."""
    way, shot, query = size
    embeddings: np.ndarray = task.embeddings.astype(float)
    classes = distinct_numbers(len(embeddings), way, (episodes,), rng)
    drawings = distinct_numbers(embeddings.shape[1], shot + query, (episodes, way), rng)
    chosen = embeddings[classes[..., None], drawings]  # [episodes, way, shot + query, E]
    means = chosen[:, :, :shot].mean(2)
    squared = ((chosen[:, :, shot:, None] - means[:, None, None]) ** 2).sum(-1)
    right: np.ndarray = squared.argmin(-1) == np.arange(way)[:, None]
    return right.mean(axis=(1, 2))


@check("evaluate", weight=1, timeout=60)
def measures_a_told_encoder(student: Student, rng: Rng) -> None:
    """An encoder that tells the classes apart gets 100 %, one that is told to err what it should."""
    clear = told(rng, 9, 8, spread=0.0)

    def all_right(result: Evaluation) -> None:
        expect(result.mean, "the accuracy of an encoder that sees every class").close_to(1.0, atol=1e-6)
        expect(result.n, "the number of episodes, n").equals(120, hint="Episodes are independent, queries are not.")

    evaluated(student, clear, (5, 1), all_right, query=4, episodes=120)
    blurred = told(rng, 9, 8, spread=0.9)
    expected = accuracies(blurred, (5, 1, 4), rng)

    def as_told(result: Evaluation) -> None:
        # Five standard errors of both means: a right answer fails once in a million.
        room = 5 * float(expected.std()) * np.sqrt(1 / 400 + 1 / len(expected))
        expect(result.mean, "the accuracy of an encoder that errs").close_to(
            float(expected.mean()),
            atol=room,
            rtol=0,
            why="Queries that are in the support, or statistics of the test episode, would change it.",
            hint="Means of the support's embeddings, and queries that are other drawings.",
        )

    evaluated(student, blurred, (5, 1), as_told, query=4, episodes=400)


@check("evaluate", weight=1, timeout=60)
def only_looks(student: Student, rng: Rng) -> None:
    """It embeds in inference mode, and changes neither encoder nor images."""
    task = told(rng, 6, 7, spread=0.3)

    def judge(result: Evaluation) -> None:
        expect(float(result.state["shown"].sum()), "images embedded").at_least(
            6 * 7, hint="Scale images to [0, 1] first."
        )
        expect(float(result.state["shown_in_training"].sum()), "images embedded in training mode").equals(
            0,
            why="There each query is answered with the help of the other queries of its episode.",
            hint="encoder(images, training=False)",
        )
        expect(result.state["kernel"], "the encoder's weights").equals(task.kernel, why="A test that trains is none.")
        expect(result.images_after, "the images afterwards").equals(task.images)

    evaluated(student, task, (4, 2), judge, query=3, episodes=30)


# trained_encoder ------------------------------------------------------------------------------------------------------

WEIGHTS = "trained/encoder.weights.h5"


def with_trained_weights(student: Student) -> Any:
    """An encoder with the weights that were handed in."""
    encoder = student.build_encoder()
    encoder(Tensor(np.zeros((2, 28, 28, 1), np.float32)))
    student.module("course_utils.training").read_weights(WEIGHTS)
    encoder.load_weights(WEIGHTS)
    return encoder


@check("trained_encoder", weight=1, timeout=60)
def hands_in_weights_that_fit(student: Student, rng: Rng) -> None:
    """The folder `trained` holds weights that build_encoder() can load."""
    encoded(with_trained_weights(student), pictures(rng, 5), training=False)


# audit ----------------------------------------------------------------------------------------------------------------


def a_report(rng: Rng, spread: float = 2.0, variants: int = 5, episodes: int = 12) -> dict[str, Any]:
    """A report of the same form as the notebook's, with other numbers."""
    classes, size = int(rng.integers(3, 7)), int(rng.integers(3, 6))
    names = [f"V{number}" for number in rng.permutation(variants)]
    validation, test = (rng.permutation(np.linspace(0.9, 0.97, variants) + rng.uniform(0, 0.005)) for _ in range(2))
    if validation.argmax() == test.argmax():
        test = np.roll(test, 1)
    means = rng.uniform(0.5, 0.9, episodes).round(3)
    return {
        "query": rng.normal(scale=spread, size=size).round(2).tolist(),
        "prototypes": rng.normal(scale=spread, size=(classes, size)).round(2).tolist(),
        "label": int(rng.integers(classes)),
        "variants": {
            name: (round(float(v), 4), round(float(t), 4)) for name, v, t in zip(names, validation, test, strict=True)
        },
        "episodes": means.tolist(),
        "own": "Ours",
        "figures": figures(rng),
    }


def figures(rng: Rng) -> list[dict[str, Any]]:
    """The figures of a report: the own one, some of the same protocol, and each of the ways to differ from it."""
    own = {
        "way": int(rng.choice([5, 20])),
        "shot": int(rng.choice([1, 5])),
        "within_alphabet": bool(rng.integers(2)),
        "transductive": bool(rng.integers(2)),
    }
    others = [
        own,
        own,
        own | {"way": 25 - own["way"]},
        own | {"shot": 6 - own["shot"]},
        own | {"within_alphabet": not own["within_alphabet"]},
        own | {"transductive": not own["transductive"]},
        own | {"way": own["shot"], "shot": own["way"]},
    ]
    named = [{"name": f"Network {number}"} | figure for number, figure in zip(rng.permutation(7), others, strict=True)]
    named.append({"name": "Ours"} | own)
    return [named[number] for number in rng.permutation(8)]


def protocol(figure: Mapping[str, Any]) -> tuple:
    """What has to be the same in figures that are compared."""
    return tuple(figure[part] for part in ("way", "shot", "within_alphabet", "transductive"))


def audited(student: Student, report: dict[str, Any]) -> Mapping[str, Any]:
    """What `audit` says of a report, if it is a dictionary with the parts that are asked for."""
    said = student.audit(report)
    parts = ("distances", "loss", "chosen", "test_accuracy", "accuracy", "comparable")
    missing = [part for part in parts if not (isinstance(said, dict) and part in said)]
    expect(len(missing), "missing parts of the answer").equals(0, hint=f"A dictionary with {', '.join(parts)}.")
    return said


def right_distances_and_loss(said: Mapping[str, Any], report: Mapping[str, Any]) -> None:
    """The demand on distances and loss."""
    squared = distances(np.array([report["query"]]), np.array(report["prototypes"]))[0]
    expect(said["distances"], "the squared distances").close_to(squared, atol=1e-3, rtol=1e-5)
    least = squared.min()
    loss = squared[report["label"]] - least + np.log(np.exp(least - squared).sum())
    expect(said["loss"], "the loss").close_to(
        loss, atol=1e-3, rtol=1e-5, hint="d_y + log(sum(exp(-d))); take the least distance out of the sum."
    )


def right_choice(said: Mapping[str, Any], report: Mapping[str, Any]) -> None:
    """The demand on the chosen variant: the best in validation, with the accuracy that it has in testing."""
    best = max(validation for validation, _ in report["variants"].values())
    allowed = sorted(name for name, (validation, _) in report["variants"].items() if validation == best)
    expect(said["chosen"] in allowed, "the chosen variant").is_true(
        f"one that is best in validation: {' or '.join(allowed)}",
        got=str(said["chosen"])[:50],
        why="The best of several test figures is too high on average.",
    )
    expect(said["test_accuracy"], "its accuracy in testing").close_to(report["variants"][said["chosen"]][1], atol=1e-6)


def half_width(report: Mapping[str, Any]) -> float:
    """1.96 standard errors of the mean over episodes."""
    return float(1.96 * np.std(report["episodes"], ddof=1) / np.sqrt(len(report["episodes"])))


def right_interval(said: Mapping[str, Any], report: Mapping[str, Any]) -> float:
    """The demand on mean and interval of one report; returns the interval's width, in those of the normal one."""
    expect(said["accuracy"], "the accuracy").has_length(3, hint="(mean, low, high)")
    mean, low, high = (float(number) for number in said["accuracy"])
    expect(mean, "the mean accuracy").close_to(float(np.mean(report["episodes"])), atol=1e-5)
    # Normal, t and bootstrap intervals of these sizes are within a quarter of one another.
    half = half_width(report)
    hint = "Accuracy.of_episodes(report['episodes'], ...) resamples whole episodes."
    expect(mean - low, "from the lower end of the interval to the mean").between(0.7 * half, 1.35 * half, hint=hint)
    expect(high - mean, "from the mean to the upper end").between(0.7 * half, 1.35 * half, hint=hint)
    return (high - low) / (2 * half)


@check("audit", weight=1)
def computes_distances_loss_and_choice(student: Student, rng: Rng) -> None:
    """It computes squared distances and the loss again, and chooses on validation classes."""
    for _ in range(3):
        report = a_report(rng)
        said = audited(student, report)
        right_distances_and_loss(said, report)
        right_choice(said, report)


@check("audit", weight=1)
def gives_an_interval_and_fair_comparisons(student: Student, rng: Rng) -> None:
    """It gives mean and 95 % interval over episodes, and compares figures of one protocol alone."""
    report = a_report(rng)
    said = audited(student, report)
    right_interval(said, report)
    own = next(figure for figure in report["figures"] if figure["name"] == report["own"])
    fair = [f["name"] for f in report["figures"] if f is not own and protocol(f) == protocol(own)]
    expect(sorted(said["comparable"]), "the comparable figures").equals(
        sorted(fair), hint="Way, shot, within alphabets or not, transductive or not: all four as the own figure's."
    )
