"""CIFAR-100 (Krizhevsky 2009) and its embedded stand-in: figures in ten shapes and ten colours before a busy ground.

The stand-in has CIFAR-100's form and the names of its classes, but not its pictures. A class is a shape and a colour:
each of the ten shapes comes in each of the ten colours. Place, size, tilt, shade, pattern and ground differ from image
to image, so that images of a class have few pixels in common; a small network learns shapes and colours in seconds,
and finds them again in pairs that it has never met.

All arithmetic is on integers and all choices come from a hash, so that every machine gets the same bytes.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable

import numpy as np

from course_utils.data.images import DataSet, Split

# fmt: off
CLASSES = (
    "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle", "bowl", "boy",
    "bridge", "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle", "chair", "chimpanzee", "clock",
    "cloud", "cockroach", "couch", "crab", "crocodile", "cup", "dinosaur", "dolphin", "elephant", "flatfish",
    "forest", "fox", "girl", "hamster", "house", "kangaroo", "keyboard", "lamp", "lawn_mower", "leopard", "lion",
    "lizard", "lobster", "man", "maple_tree", "motorcycle", "mountain", "mouse", "mushroom", "oak_tree", "orange",
    "orchid", "otter", "palm_tree", "pear", "pickup_truck", "pine_tree", "plain", "plate", "poppy", "porcupine",
    "possum", "rabbit", "raccoon", "ray", "road", "rocket", "rose", "sea", "seal", "shark", "shrew", "skunk",
    "skyscraper", "snail", "snake", "spider", "squirrel", "streetcar", "sunflower", "sweet_pepper", "table", "tank",
    "telephone", "television", "tiger", "tractor", "train", "trout", "tulip", "turtle", "wardrobe", "whale",
    "willow_tree", "wolf", "woman", "worm",
)
SUPERCLASSES = (
    "aquatic_mammals", "fish", "flowers", "food_containers", "fruit_and_vegetables", "household_electrical_devices",
    "household_furniture", "insects", "large_carnivores", "large_man-made_outdoor_things",
    "large_natural_outdoor_scenes", "large_omnivores_and_herbivores", "medium_mammals", "non-insect_invertebrates",
    "people", "reptiles", "small_mammals", "trees", "vehicles_1", "vehicles_2",
)
SUPERCLASS_OF = (
    4, 1, 14, 8, 0, 6, 7, 7, 18, 3, 3, 14, 9, 18, 7, 11, 3, 9, 7, 11, 6, 11, 5, 10, 7, 6, 13, 15, 3, 15, 0, 11, 1, 10,
    12, 14, 16, 9, 11, 5, 5, 19, 8, 8, 15, 13, 14, 17, 18, 10, 16, 4, 17, 4, 2, 0, 17, 4, 18, 17, 10, 3, 2, 12, 12,
    16, 12, 1, 9, 19, 2, 10, 0, 1, 16, 12, 9, 13, 15, 13, 16, 19, 2, 4, 6, 19, 5, 5, 8, 19, 18, 1, 2, 15, 6, 0, 17, 8,
    14, 13,
)
# fmt: on

DATA_SET = DataSet(
    name="cifar100",
    image_shape=(32, 32, 3),
    classes=CLASSES,
    superclasses=SUPERCLASSES,
    superclass_of=SUPERCLASS_OF,
    download="https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
)

TRAIN_IMAGES, TEST_IMAGES = 60, 20  # of each class
PIXELS = 32
ONE = 1 << 10  # 1.0 in the fixed-point numbers below; a figure's own coordinates run from about -ONE to ONE
COLOURS = 10
TURN_OF_COLOURS = 6 * 256  # steps around the circle of colours
BLOCK = 400  # images that are drawn together

Shape = Callable[[np.ndarray, np.ndarray], np.ndarray]


def embedded() -> tuple[Split, Split]:
    """6,000 training and 2,000 test images, equally many of each of the 100 classes, in a mixed order."""
    return drawn("train", TRAIN_IMAGES), drawn("test", TEST_IMAGES)


def drawn(purpose: str, images_of_a_class: int) -> Split:
    """So many images of each class; those of one shape are drawn together, and put in their places at the end."""
    labels: np.ndarray = np.repeat(np.arange(len(CLASSES)), images_of_a_class)
    order = np.argsort(hashed(f"order {purpose}", (len(labels),)), kind="stable")
    images: np.ndarray = np.empty((len(labels), PIXELS, PIXELS, 3), np.uint8)
    for number, shape in enumerate(SHAPES):
        places = np.flatnonzero(shape_of(labels) == number)
        for block in np.array_split(places, math.ceil(len(places) / BLOCK)):
            images[block] = pictures(f"{purpose} {block[0]}", shape, colour_of(labels[block]))
    return Split(images[order], labels[order])


def shape_of(labels: np.ndarray) -> np.ndarray:
    """The number of the shape that a class has."""
    return labels % len(SHAPES)


def colour_of(labels: np.ndarray) -> np.ndarray:
    """The number of the colour: of each shape every run of ten classes has another one."""
    return (labels // len(SHAPES) + 3 * labels) % COLOURS


def hashed(purpose: str, shape: tuple[int, ...]) -> np.ndarray:
    """int32 of this shape, uniform in [0, 2^16), from a hash: the same with every version of NumPy."""
    stream = hashlib.shake_256(f"course_utils cifar100 {purpose}".encode()).digest(2 * math.prod(shape))
    return np.frombuffer(stream, "<u2").astype(np.int32).reshape(shape)


def pictures(purpose: str, shape: Shape, colours: np.ndarray) -> np.ndarray:
    """uint8 [n, 32, 32, 3]: figures of one shape in the colours [n], each image with a jitter of its own."""
    jitter = hashed(purpose, (8, len(colours), 1, 1))
    radius: np.ndarray = (8 + jitter[0] % 5) * ONE  # 8 to 12 pixels
    u, v = own_coordinates(jitter[1:4], radius)
    inside = shape(u, v)
    cover = np.clip(128 + inside * (radius >> 10) * 256 // ONE, 0, 256)[..., np.newaxis]  # 256 is the whole pixel

    hue = colours[:, np.newaxis, np.newaxis] * TURN_OF_COLOURS // COLOURS + jitter[4] % 81 - 40
    light: np.ndarray = 160 + jitter[5] % 96
    dark = pattern(u, v, jitter[6] % 4) * (48 + jitter[7] % 64)
    paint = pure_colour(hue % TURN_OF_COLOURS) * (light - dark)[..., np.newaxis] // 256 + 24
    ground = grounds(purpose, len(colours))
    return ((ground * (256 - cover) + np.minimum(paint, 255) * cover) >> 8).astype(np.uint8)


def own_coordinates(jitter: np.ndarray, radius: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the pixels lie in the figures' own fixed-point coordinates, (right, down) int32 [n, 32, 32] each."""
    position: np.ndarray = (np.arange(PIXELS, dtype=np.int32) * 2 - PIXELS + 1) * (ONE // 2)
    across = position - (jitter[0] % (10 * ONE) - 5 * ONE)  # up to 5 pixels from the middle
    along = position[:, np.newaxis] - (jitter[1] % (10 * ONE) - 5 * ONE)
    tangent: np.ndarray = jitter[2] % 129 - 64  # up to 14 degrees
    return (across * 256 + along * tangent) // (radius >> 2), (along * 256 - across * tangent) // (radius >> 2)


def pure_colour(hue: np.ndarray) -> np.ndarray:
    """int32 [..., 3], from 0 to 255: red, yellow, green, cyan, blue, magenta around the circle of colours."""
    red = np.abs(hue - 768) - 256
    green, blue = 512 - np.abs(hue - 512), 512 - np.abs(hue - 1024)
    return np.clip(np.stack([red, green, blue], axis=-1), 0, 255)


def pattern(u: np.ndarray, v: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """0 or 1 in each pixel: plain, striped in two ways, or chequered."""
    upright, level = (u >> 9) & 1, (v >> 9) & 1
    return np.where(kind == 0, 0, np.where(kind == 1, upright, np.where(kind == 2, level, upright ^ level)))


def grounds(purpose: str, count: int) -> np.ndarray:
    """int32 [n, 32, 32, 3]: patches of 8x8 pixels around a colour, and grain."""
    base: np.ndarray = hashed(f"{purpose} ground", (count, 1, 1, 3)) % 160 + 48
    patches: np.ndarray = hashed(f"{purpose} patches", (count, 4, 4, 3)) % 96 - 48
    grain: np.ndarray = np.resize(
        hashed(f"{purpose} grain", (64, PIXELS, PIXELS, 3)) % 33 - 16, (count, PIXELS, PIXELS, 3)
    )
    return np.clip(base + patches.repeat(8, axis=1).repeat(8, axis=2) + grain, 0, 255)


# The shapes: how far inside the figure a point lies, in the figure's own fixed-point coordinates; below 0 is outside.


def disc(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return ONE // 2 - ((u * u + v * v) >> 11)


def ring(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.minimum(disc(u, v), ((u * u + v * v) >> 11) - 160)


def half_disc(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.minimum(disc(u, v), v + 100)


def square(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return 800 - np.maximum(np.abs(u), np.abs(v))


def frame(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.minimum(square(u, v), np.maximum(np.abs(u), np.abs(v)) - 420)


def diamond(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return (ONE - np.abs(u) - np.abs(v)) * 3 >> 2


def triangle(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.minimum(650 - v, (v + ONE - 2 * np.abs(u)) // 2)


def bar(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.minimum(ONE - np.abs(u), 330 - np.abs(v))


def cross(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.maximum(np.minimum(960 - np.abs(u), 290 - np.abs(v)), np.minimum(960 - np.abs(v), 290 - np.abs(u)))


def corner(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.minimum(square(u, v), np.maximum(-200 - u, v - 200))


SHAPES: tuple[Shape, ...] = (disc, ring, half_disc, square, frame, diamond, triangle, bar, cross, corner)
