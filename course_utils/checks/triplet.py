"""The public checks of 04_triplet, which students run in their own notebook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.checks.criteria import check
from course_utils.checks.expectation import expect
from course_utils.checks.neighbours import either, with_stand_ins
from course_utils.checks.student import Died, Student, StudentError, TimedOut
from course_utils.checks.wire import Tensor

Rng = np.random.Generator
PROBES = "course_utils.checks.triplet_probes"
SHAPE = (28, 28, 1)


def pair(value: Any, what: str) -> tuple[Any, Any]:
    """The two parts, if that is what came back."""
    if not (isinstance(value, (tuple, list)) and len(value) == 2):
        expect(value, what).is_true("a pair", hint="Give both parts.")
    return value[0], value[1]


# build_embedding_network ----------------------------------------------------------------------------------------------


def sketches(rng: Rng, count: int, shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    """float32 [count, H, W, 1] in [0, 1]: bars of ink at random places on blank paper."""
    images: np.ndarray = np.zeros((count, *shape), np.float32)
    for image in images:
        for _ in range(4):
            row, column = rng.integers(0, shape[0] - 8), rng.integers(0, shape[1] - 8)
            if rng.integers(2):
                image[row : row + 8, column : column + 2] = 1
            else:
                image[row : row + 2, column : column + 8] = 1
    return images


def embeddings(student: Student, model: Any, images: np.ndarray) -> np.ndarray:
    """What an embedding network says in inference mode, if it is [B, D] and finite."""
    said = student.module(PROBES).outputs(model, images)
    expect(said, f"the embeddings of {len(images)} images").has_shape(
        (len(images), None), hint="One vector for each image: flatten the features before the last layer."
    ).is_finite()
    return np.asarray(said, float)


def are_unit_vectors(vectors: np.ndarray) -> None:
    """The demand that each vector has length 1."""
    expect(np.linalg.norm(vectors, axis=-1), "the lengths of the embeddings").between(
        0.998,
        1.002,
        why="With lengths that are free the network makes distances large by making vectors long.",
        hint="Divide each vector by its own length, the root of the sum of its squares: axis=-1.",
    )


@check("build_embedding_network", weight=2, timeout=60)
def embeds_on_the_unit_sphere(student: Student, rng: Rng) -> None:
    """It gives one vector of length 1 for each image."""
    model = student.build_embedding_network(SHAPE)
    for count in (1, 7):
        vectors = embeddings(student, model, sketches(rng, count))
        expect(vectors.shape[1], "the dimensions of the embedding").at_least(2)
        are_unit_vectors(vectors)


@check("build_embedding_network", weight=1, timeout=60)
def tells_images_apart(student: Student, rng: Rng) -> None:
    """Different images get different embeddings, the same image always the same one."""
    model = student.build_embedding_network(SHAPE)
    images = sketches(rng, 6)
    vectors = embeddings(student, model, images)
    gaps = np.linalg.norm(vectors[:, None] - vectors[None], axis=-1)[~np.eye(6, dtype=bool)]
    expect(float(gaps.min()), "the smallest distance of two different images").at_least(
        1e-4, hint="The embedding has to depend on the image."
    )
    alone = embeddings(student, model, images[2:3])
    expect(alone[0], "an image's embedding, alone").close_to(
        vectors[2], atol=1e-4, why="Embeddings are compared that come from different batches."
    )


@check("build_embedding_network", weight=2, timeout=60)
def survives_a_blank_image(student: Student, rng: Rng) -> None:
    """A blank image has a finite embedding and a finite gradient."""
    model = student.build_embedding_network(SHAPE)
    blank: np.ndarray = np.zeros((3, *SHAPE), np.float32)
    embeddings(student, model, blank)
    for training in (False, True):
        slopes = student.module(PROBES).slopes(model, blank, training, int(rng.integers(2**31)))
        expect(len(slopes), "weights that can be trained").at_least(1)
        expect(slopes, "the largest gradient of each weight, for blank images").is_finite(
            why="A single NaN spoils all weights in one step.",
            hint="The root has no slope at zero: add a small number under it, or use keras.layers.UnitNormalization.",
        )


# build_triplet_network ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Linear:
    """An embedding that is known on both sides: unit vectors of (x kernel - mean) / sqrt(variance + 0.001)."""

    kernel: np.ndarray
    mean: np.ndarray
    variance: np.ndarray

    @classmethod
    def drawn(cls, rng: Rng, pixels: int, size: int) -> Linear:
        """A random one."""
        kernel = rng.normal(size=(pixels, size)).astype(np.float32)
        mean = rng.normal(scale=2.0, size=size).astype(np.float32)
        return cls(kernel, mean, rng.uniform(0.3, 3.0, size).astype(np.float32))

    @property
    def weights(self) -> list[np.ndarray]:
        """As Keras's set_weights takes them."""
        return [self.kernel, self.mean, self.variance]

    def model(self, student: Student, shape: tuple[int, ...]) -> Any:
        """The Keras model, on the student's side."""
        return student.module(PROBES).linear_embedding(shape, *self.weights)

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """float64 [..., D], for images [..., H, W] or [..., H, W, 1] with as many pixels as the kernel takes."""
        flat = np.asarray(images, float).reshape(-1, len(self.kernel))
        values = (flat @ self.kernel.astype(float) - self.mean) / np.sqrt(self.variance + 1e-3)
        vectors: np.ndarray = values / np.linalg.norm(values, axis=-1, keepdims=True)
        return vectors


def triplet_outputs(student: Student, network: Any, triplets: np.ndarray, size: int) -> np.ndarray:
    """[B, 3, D], what a triplet network says in inference mode, its embeddings side by side."""
    said = student.module(PROBES).outputs(network, triplets)
    expect(said, f"the output for triplets {triplets.shape} and embeddings of {size} numbers").has_shape(
        (len(triplets), 3, size) if np.ndim(said) == 3 else (len(triplets), 3 * size),
        hint="The three embeddings side by side: (B, 3 D).",
    )
    return np.asarray(said, float).reshape(len(triplets), 3, size)


def gives_the_three_embeddings(student: Student, rng: Rng, shape: tuple[int, ...], size: int, count: int) -> None:
    """The demand that a triplet network says what the embedding network that it was built of says, before and after."""
    pixels = int(np.prod(shape))
    embedding = Linear.drawn(rng, pixels, size)
    model = embedding.model(student, shape)
    network = student.build_triplet_network(model)
    triplets = rng.random((count, 3, *shape)).astype(np.float32)
    expect(
        triplet_outputs(student, network, triplets, size), "the embeddings of anchor, positive and negative"
    ).close_to(
        embedding(triplets).reshape(count, 3, size),
        atol=1e-4,
        hint="In this order, and each image by the embedding network.",
    )
    changed = Linear.drawn(rng, pixels, size)
    model.set_weights(changed.weights)
    expect(
        triplet_outputs(student, network, triplets, size), "the output after the embedding network was changed"
    ).close_to(
        changed(triplets).reshape(count, 3, size),
        atol=1e-4,
        why="What the triplet network learns is wanted in the embedding network.",
        hint="Call the network that was handed in, and copy nothing.",
    )


@check("build_triplet_network", weight=2, timeout=60)
def embeds_all_three(student: Student, rng: Rng) -> None:
    """It gives the embeddings of anchor, positive and negative side by side, by the network handed in."""
    gives_the_three_embeddings(student, rng, SHAPE, 5, 4)


# triplet_loss ---------------------------------------------------------------------------------------------------------


def unit_vectors(rng: Rng, *shape: int) -> np.ndarray:
    """float32 [*shape] of length 1 along the last axis."""
    values = rng.normal(size=shape)
    return (values / np.linalg.norm(values, axis=-1, keepdims=True)).astype(np.float32)


def mean_loss(vectors: np.ndarray, margin: float) -> float:
    """The triplet loss of [B, 3, D], in NumPy."""
    anchors, positives, negatives = np.asarray(vectors, float).transpose(1, 0, 2)
    x = np.square(anchors - positives).sum(-1) - np.square(anchors - negatives).sum(-1)
    return float(np.maximum(x + margin, 0).mean())


def stacks(student: Student) -> bool:
    """Whether the student's triplet network gives (B, 3, D) instead of (B, 3 D), so that the loss takes that."""

    def observe() -> bool:
        model = Linear.drawn(np.random.default_rng(0), 64, 4).model(student, (8, 8, 1))
        network = student.build_triplet_network(model)
        return np.ndim(student.module(PROBES).outputs(network, np.zeros((2, 3, 8, 8, 1), np.float32))) == 3

    try:
        return student.once("form of the triplet network's output", observe)
    except (TimedOut, Died):
        raise
    except StudentError:
        return False  # a mistake in the network costs nothing here


def side_by_side(student: Student, vectors: np.ndarray) -> np.ndarray:
    """[B, 3, D] as the student's triplet network would give it."""
    return vectors if stacks(student) else vectors.reshape(len(vectors), -1)


def loss_of(student: Student, vectors: np.ndarray, *margin: float, **named: float) -> Any:
    """What triplet_loss says of embeddings [B, 3, D]."""
    truth: np.ndarray = np.zeros(len(vectors), np.float32)
    return student.triplet_loss(Tensor(truth), Tensor(side_by_side(student, vectors)), *margin, **named)


def spread(rng: Rng, count: int, size: int) -> np.ndarray:
    """[count, 3, size]: unit vectors of triplets of which some keep the margin and some do not."""
    vectors = unit_vectors(rng, count, 3, size)
    part = rng.uniform(0, 1, (count, 1))
    nearer = (1 - part) * vectors[:, 0] + part * vectors[:, 1]
    vectors[:, 1] = nearer / np.linalg.norm(nearer, axis=-1, keepdims=True)
    return vectors


@check("triplet_loss", weight=2)
def is_the_mean_of_the_hinges(student: Student, rng: Rng) -> None:
    """It is the mean of max(d(a, p) - d(a, n) + margin, 0), with squared Euclidean distances."""
    for count, size in ((12, 8), (1, 3)):
        vectors = spread(rng, count, size)
        expect(loss_of(student, vectors, 0.2), "the loss with a margin of 0.2").close_to(
            mean_loss(vectors, 0.2),
            atol=1e-5,
            rtol=1e-4,
            hint="Squares, summed over the last axis; the difference plus the margin; no less than 0 for each triplet; "
            "then the mean over the batch.",
        )


@check("triplet_loss", weight=1)
def has_a_margin(student: Student, rng: Rng) -> None:
    """The margin is 0.2 unless another is given, and all embeddings in one point cost exactly the margin."""
    point = np.repeat(unit_vectors(rng, 5, 1, 6), 3, axis=1)
    expect(loss_of(student, point), "the loss of a collapsed embedding").close_to(
        0.2, atol=1e-5, why="Otherwise to collapse would cost nothing.", hint="margin=0.2; plus the margin."
    )
    expect(loss_of(student, point, margin=0.7), "the same, with margin=0.7").close_to(0.7, atol=1e-5)


# get_batch ------------------------------------------------------------------------------------------------------------


def coded_characters(rng: Rng, characters: int, drawings: int, height: int = 12, width: int = 10) -> np.ndarray:
    """uint8 [characters, drawings, H, W]: sparse noise that differs from drawing to drawing."""
    images = rng.integers(0, 256, (characters, drawings, height, width), dtype=np.uint8)
    images[rng.random(images.shape) < 0.5] = 0
    return images


def as_floats(images: np.ndarray) -> np.ndarray:
    """uint8 -> float32 in [0, 1]."""
    return (images / 255).astype(np.float32)


def numbers_of(images: Any, data: np.ndarray, what: str) -> tuple[np.ndarray, np.ndarray]:
    """(character, drawing) of images [..., H, W, 1]; unmet where one is none of `data`, or not float32 in [0, 1]."""
    height, width = data.shape[2:]
    expect(images, what).has_dtype("float32", hint='.astype("float32")').between(
        0, 1, why="Networks like inputs of the size of 1.", hint="Divide uint8 by 255, once; floats come in [0, 1]."
    )
    scaled = np.asarray(images, float).reshape(-1, height, width) * 255
    pixels = np.round(scaled).astype(np.uint8)
    known = {image.tobytes(): number for number, image in enumerate(data.reshape(-1, height, width))}
    numbers = np.array([known.get(image.tobytes(), -1) for image in pixels])
    numbers[np.abs(scaled - pixels).max(axis=(1, 2)) > 0.01] = -1
    expect(int((numbers < 0).sum()), f"{what}: images that are none of X").equals(
        0, hint="Take whole images from the X that is given; divide uint8 by 255, and leave floats as they are."
    )
    numbers = numbers.reshape(np.shape(images)[:-3])
    return numbers // data.shape[1], numbers % data.shape[1]


@dataclass(frozen=True)
class Triplets:
    """Characters and drawings [B, 3] of the triplets of a batch."""

    characters: np.ndarray
    drawings: np.ndarray


def made_out(batch: Any, data: np.ndarray, size: int) -> Triplets:
    """What a batch has, if it has the form that is asked for."""
    triplets, zeros = pair(batch, "a batch")
    expect(triplets, "the triplets").has_shape(
        (size, 3, *data.shape[2:], 1), hint="(B, 3, H, W, 1): anchor, positive, negative along the second axis."
    )
    values = np.asarray(zeros)
    expect(
        bool(values.dtype.kind in "biuf" and values.shape[:1] == (size,) and not values.any()), "the second part"
    ).is_true("zeros, one for each triplet", got=f"an array of shape {values.shape} and dtype {values.dtype}")
    return Triplets(*numbers_of(triplets, data, "the triplets"))


def batches(student: Student, generator: Any, data: np.ndarray, size: int, count: int) -> Triplets:
    """The triplets of so many batches together."""
    drawing = student.module(PROBES).Batches(generator)
    found = [made_out(drawing.draw(), data, size) for _ in range(count)]
    return Triplets(
        np.concatenate([batch.characters for batch in found]), np.concatenate([batch.drawings for batch in found])
    )


def are_triplets(found: Triplets) -> None:
    """The demands on every triplet."""
    own, positives, others = found.characters.T
    expect(int((positives != own).sum()), "positives that show another character than their anchor").equals(0)
    expect(int((others == own).sum()), "negatives that show the anchor's own character").equals(
        0, why="The network would learn to push a character's drawings apart.", hint="Draw another character."
    )
    expect(int((found.drawings[:, 0] == found.drawings[:, 1]).sum()), "positives that are the anchor itself").equals(
        0, why="Its distance is 0 whatever the network does.", hint="Draw two different drawings."
    )


@check("get_batch", weight=1, timeout=60)
def draws_triplets_and_zeros(student: Student, rng: Rng) -> None:
    """It gives batches (B, 3, H, W, 1), float32 in [0, 1], with zeros, one after the other."""
    data = coded_characters(rng, 6, 5)
    for size in (4, 9):
        batches(student, student.get_batch(data, size), data, size, 3)


@check("get_batch", weight=2, timeout=60)
def draws_true_triplets(student: Student, rng: Rng) -> None:
    """The positive is another drawing of the anchor's character, the negative shows another character."""
    data = coded_characters(rng, 4, 3)
    are_triplets(batches(student, student.get_batch(data, batch_size=50), data, 50, 2))


@check("get_batch", weight=1, timeout=60)
def draws_all_kinds_of_triplets(student: Student, rng: Rng) -> None:
    """Anchors, positives and negatives are drawn at random, anew each time."""
    data = coded_characters(rng, 5, 4)
    found = batches(student, student.get_batch(data, 60), data, 60, 4)
    numbers = found.characters * 4 + found.drawings
    for place, name in enumerate(("anchors", "positives", "negatives")):
        # 240 draws of 20 images: that one never comes up has a probability of 1 in 10,000.
        expect(len(set(numbers[:, place].tolist())), f"different {name} in 240 triplets, of 20 images").at_least(
            18, why="What is never shown is never learned.", hint="Draw characters and drawings anew for each triplet."
        )


def nearest(found: Triplets, data: np.ndarray, embedding: Linear) -> np.ndarray:
    """bool [B], whether no other drawing of the negative's character is nearer to the anchor."""
    vectors = embedding(as_floats(data)).reshape(*data.shape[:2], -1)
    own, _, others = found.characters.T
    anchors = vectors[own, found.drawings[:, 0]]
    distances = np.square(vectors[others] - anchors[:, None]).sum(-1)  # [B, drawings]
    chosen = distances[np.arange(len(own)), found.drawings[:, 2]]
    return chosen <= distances.min(axis=1) + 1e-4


def are_hard(found: Triplets, data: np.ndarray, embedding: Linear, when: str) -> None:
    """The demands on hard triplets."""
    are_triplets(found)
    expect(
        float(nearest(found, data, embedding).mean()), f"negatives that are the nearest of their character, {when}"
    ).equals(
        1.0,
        why="The others are too easy to learn much from.",
        hint="Of all drawings of the negative's character the one whose embedding is nearest to the anchor's, by the "
        "network `convnet` in inference mode.",
    )


@check("get_batch", weight=2, timeout=60)
def finds_the_nearest_negative(student: Student, rng: Rng) -> None:
    """With hard_selection the negative is the nearest drawing of the other character."""
    data = coded_characters(rng, 6, 7)
    embedding = Linear.drawn(rng, 120, 6)
    generator = student.get_batch(data, 12, True, embedding.model(student, (12, 10, 1)))
    are_hard(batches(student, generator, data, 12, 2), data, embedding, "in two batches of 12")


@check("get_batch", weight=2, timeout=60)
def asks_the_network_anew(student: Student, rng: Rng) -> None:
    """Hard negatives are found by the network as it is when the batch is drawn."""
    data = coded_characters(rng, 6, 7)
    embedding = Linear.drawn(rng, 120, 6)
    model = embedding.model(student, (12, 10, 1))
    generator = student.get_batch(data, batch_size=12, hard_selection=True, convnet=model)
    drawing = student.module(PROBES).Batches(generator)
    are_hard(made_out(drawing.draw(), data, 12), data, embedding, "in the first batch")
    for when in ("in the batch after the network was changed", "after another change"):
        embedding = Linear.drawn(rng, 120, 6)
        model.set_weights(embedding.weights)
        are_hard(made_out(drawing.draw(), data, 12), data, embedding, when)


# make_oneshot_task ----------------------------------------------------------------------------------------------------

ALPHABETS = {"Runes": (0, 6), "Signs": (6, 10), "Letters": (10, 19)}


@dataclass(frozen=True)
class Task:
    """A one-shot task, made out: character and drawing of the test image and of the support images, the right place."""

    test: tuple[int, int]
    characters: np.ndarray
    drawings: np.ndarray
    place: int


def task_of(value: Any, data: np.ndarray, way: int) -> Task:
    """The task, if it has the form that is asked for."""
    images, targets = pair(value, "what make_oneshot_task returns")
    tests, support = pair(images, "the images")
    for part, name in ((tests, "the test images"), (support, "the support images")):
        expect(part, name).has_shape(
            (way, *data.shape[2:], 1), hint="(N, H, W, 1): N times the test image; N supports."
        )
    values = np.ravel(np.asarray(targets))
    expect(values, "the targets").has_shape((way,))
    expect(bool(np.isin(values, (0, 1)).all() and values.sum() == 1), "the targets").is_true(
        "a single 1, the rest 0", got="other numbers"
    )
    test_characters, test_drawings = numbers_of(tests, data, "the test images")
    same = {*zip(test_characters.tolist(), test_drawings.tolist(), strict=True)}
    expect(len(same), "different test images").equals(1, hint="One test image, repeated N times.")
    characters, drawings = numbers_of(support, data, "the support images")
    return Task(same.pop(), characters, drawings, int(values.argmax()))


def tasks(student: Student, count: int, way: int, data: np.ndarray, *language: str) -> list[Task]:
    """Several tasks."""
    return [task_of(student.make_oneshot_task(way, data, ALPHABETS, *language), data, way) for _ in range(count)]


def are_tasks(found: list[Task]) -> None:
    """The demands on every task."""
    for task in found:
        expect(
            len(set(task.characters.tolist())), f"different characters among {len(task.characters)} supports"
        ).equals(len(task.characters), hint="Draw them without replacement.")
        expect(int(task.characters[task.place]), "the character of the support image with the target 1").equals(
            task.test[0], hint="The test image's character."
        )
        expect(bool(task.drawings[task.place] != task.test[1]), "its drawing").is_true(
            "another drawing than the test image",
            got="the test image itself",
            why="It could be recognised pixel by pixel.",
            hint="Draw two drawings of the character without replacement.",
        )


@check("make_oneshot_task", weight=2)
def gives_a_test_image_and_supports(student: Student, rng: Rng) -> None:
    """It gives ((N times the test image, N support images), targets); exactly one of them is its mate."""
    data = coded_characters(rng, 19, 3)
    for way in (2, 5, 19):
        are_tasks(tasks(student, 6, way, data))


@check("make_oneshot_task", weight=1)
def puts_the_answer_in_a_random_place(student: Student, rng: Rng) -> None:
    """The right answer stands in a random place."""
    places = {task.place for task in tasks(student, 25, 3, coded_characters(rng, 19, 3))}
    # Only one of 3 places in 25 draws: a probability below 10^-11.
    expect(len(places), "different places of the right answer in 25 tasks").at_least(
        2, why="A collapsed embedding, whose distances are all equal, would be right with the first one."
    )


@check("make_oneshot_task", weight=1)
def stays_within_an_alphabet(student: Student, rng: Rng) -> None:
    """With a language all characters are of that alphabet, else they come from anywhere."""
    data = coded_characters(rng, 19, 3)
    for name in ("Signs", "Letters"):
        first, end = ALPHABETS[name]
        found = tasks(student, 12, 4, data, name)
        are_tasks(found)
        for task in found:
            expect(
                task.characters, f"the numbers of the characters of a task within {name!r}, {first} to {end - 1}"
            ).between(first, end - 1, hint="c[language] is (first, last + 1).")


@check("make_oneshot_task", weight=1)
def says_when_an_alphabet_is_too_small(student: Student, rng: Rng) -> None:
    """Where an alphabet has fewer than N letters, it says so."""
    data = coded_characters(rng, 19, 3)
    expect(complaint(student, data, 5, "Signs"), "the error for a 5-way task in an alphabet of 4 letters").is_true(
        "an error that names the alphabet, Signs, or the number of its letters, 4",
        got="no such error",
        hint='raise ValueError(f"{language} has only ... letters")',
    )


def complaint(student: Student, data: np.ndarray, way: int, language: str) -> bool:
    """Whether an error with a text that helps is raised."""
    first, end = ALPHABETS[language]
    try:
        student.make_oneshot_task(way, data, ALPHABETS, language)
    except (TimedOut, Died):
        raise
    except StudentError as error:
        if error.kind in ("NotImplementedError", "NameError"):
            raise
        words = {word.strip(".,;:!?'\"()[]") for word in error.text.split()}
        return language in error.text or str(end - first) in words
    return False


# test_oneshot ---------------------------------------------------------------------------------------------------------

SIDE = 8  # of told images, whose pixels are a vector themselves


def told_images(characters: int, honest: int) -> np.ndarray:
    """float32 [characters, 2, 8, 8]: vectors 2 x - 1, of which those of the first `honest` characters recognise mates.

    Both drawings of an honest character are the same unit vector, so that it is nearest to itself. Those of the others
    are opposite ones, so that everything else is nearer.
    """
    vectors: np.ndarray = np.zeros((characters, 2, SIDE * SIDE), np.float32)
    for number in range(characters):
        vectors[number, :, number] = 1, 1 if number < honest else -1
    return ((vectors + 1) / 2).reshape(characters, 2, SIDE, SIDE)


def told_tasks(student: Student, rng: Rng, data: np.ndarray, way: int, count: int) -> Any:
    """A stand-in for make_oneshot_task that gives tasks drawn here."""
    characters = rng.permuted(np.tile(np.arange(len(data)), (count, 1)), axis=1)[:, :way]
    places = rng.integers(way, size=count)
    drawings = rng.integers(2, size=(count, way))
    row = np.arange(count)
    tests = data[characters[row, places], 1 - drawings[row, places]]
    return student.module(PROBES).ToldTasks(tests[..., None], data[characters, drawings][..., None], places)


def reading(student: Student, scale: float = 1.0) -> Any:
    """A Keras model that gives the vector that a told image is; with scale 0 the same vector for all."""
    kernel = (2 * scale * np.eye(SIDE * SIDE)).astype(np.float32)
    mean: np.ndarray = np.full(SIDE * SIDE, 1.0 if scale else -1.0, np.float32)
    return student.module(PROBES).linear_embedding(
        (SIDE, SIDE, 1), kernel, mean, np.full(SIDE * SIDE, 1 - 1e-3, np.float32)
    )


def percentages(
    student: Student, rng: Rng, judge: Callable[[list[float]], None], honest: int, way: int, count: int, times: int = 1
) -> None:
    """Judge test_oneshot on told images, of 20 characters; with the student's own tasks or told ones.

    `honest` of them are recognised; with -1 the embedding has collapsed.
    """
    data = told_images(20, max(honest, 0))
    c = {"First": (0, 9), "Second": (9, 20)}

    def attempt() -> None:
        model = reading(student, 0.0 if honest < 0 else 1.0)
        found = student.module(PROBES).percentages(student.test_oneshot, model, data, way, count, c, times)
        expect(found, "the per cent correct").between(0, 100, hint="A number from 0 to 100.")
        judge([float(value) for value in found])

    stand_in = {"make_oneshot_task": told_tasks(student, rng, data, way, 12 * count * times)}
    either(attempt, with_stand_ins(student, stand_in, attempt))


@check("test_oneshot", weight=2, timeout=60)
def counts_correct_answers(student: Student, rng: Rng) -> None:
    """It says 100 for an embedding that is always right, and 0 for one that is always wrong."""
    for honest, expected in ((20, 100.0), (0, 0.0)):

        def judge(found: list[float], expected: float = expected) -> None:
            expect(found[0], "the per cent correct").close_to(
                expected, atol=1e-3, hint="The support image with the SMALLEST distance is the answer; in per cent."
            )

        percentages(student, rng, judge, honest, 5, 8)


@check("test_oneshot", weight=1, timeout=60)
def gives_guessing_to_a_collapsed_embedding(student: Student, rng: Rng) -> None:
    """An embedding that puts all images into one point gets about 100 / N."""

    def judge(found: list[float]) -> None:
        # 100 tasks, a quarter of them right by luck: a deviation of 4.3 points. Tests of one task each, where the best
        # of several differs most: the best of three is 58 on average, the best of six 82, with deviations below 5.
        expect(float(np.mean(found)), "the mean of 100 tests of one task, 4-way, of a collapsed embedding").between(
            3,
            47,
            why="It knows nothing.",
            hint="All tasks count alike, and all tests: do not take the best of several; equal distances must not all "
            "be counted as right.",
        )

    percentages(student, rng, judge, -1, 4, 1, times=100)


# Bonus: batch_hard_loss -----------------------------------------------------------------------------------------------


def mean_batch_hard(labels: np.ndarray, vectors: np.ndarray, margin: float | None) -> float:
    """The batch-hard loss, in NumPy, anchor by anchor."""
    values = []
    points = np.asarray(vectors, float)
    for number, label in enumerate(labels):
        distances = np.square(points - points[number]).sum(-1)
        x = distances[labels == label].max() - distances[labels != label].min()
        values.append(np.logaddexp(0, x) if margin is None else max(x + margin, 0))
    return float(np.mean(values))


def labelled(rng: Rng, classes: int, drawings: int, size: int, length: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """(labels int32 [B], vectors float32 [B, size]) of a batch in mixed order, classes in heaps that overlap."""
    labels = rng.permutation(np.repeat(rng.permutation(50)[:classes], drawings)).astype(np.int32)
    centres = rng.normal(size=(50, size))
    vectors = centres[labels] + rng.normal(size=(len(labels), size))
    return labels, (length * vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


@check("batch_hard_loss", weight=2)
def takes_the_farthest_and_the_nearest(student: Student, rng: Rng) -> None:
    """It takes the farthest positive and the nearest negative of each anchor."""
    for classes, drawings, margin in ((4, 3, 0.3), (2, 2, 1.5)):
        labels, vectors = labelled(rng, classes, drawings, 5)
        expect(
            student.batch_hard_loss(Tensor(labels), Tensor(vectors), margin), f"the loss with margin {margin}"
        ).close_to(
            mean_batch_hard(labels, vectors, margin),
            atol=1e-4,
            rtol=1e-4,
            hint="max over positives, min over negatives.",
        )


@check("batch_hard_loss", weight=1)
def has_a_soft_margin(student: Student, rng: Rng) -> None:
    """Without a margin it is the mean of log(1 + exp(x))."""
    labels, vectors = labelled(rng, 5, 4, 6)
    expect(student.batch_hard_loss(Tensor(labels), Tensor(vectors)), "the loss with the soft margin").close_to(
        mean_batch_hard(labels, vectors, None), atol=1e-4, rtol=1e-4, hint="keras.ops.softplus"
    )


WEIGHTS = "trained/batch_hard.weights.h5"


def with_trained_weights(student: Student) -> Any:
    """An embedding network for 28x28 images with the weights that were handed in."""
    model = student.build_embedding_network(SHAPE)
    student.module(PROBES).outputs(model, np.zeros((1, *SHAPE), np.float32))
    student.module("course_utils.training").read_weights(WEIGHTS)
    model.load_weights(WEIGHTS)
    return model


@check("trained_batch_hard", weight=1, timeout=60)
def hands_in_weights_that_fit(student: Student, rng: Rng) -> None:
    """The folder `trained` holds weights that build_embedding_network((28, 28, 1)) can load."""
    embeddings(student, with_trained_weights(student), sketches(rng, 3))
