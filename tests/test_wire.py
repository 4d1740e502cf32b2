"""Values between a check and the student's code: all that may travel arrives as it was, all else is refused."""

import numpy as np
import pytest

from course_utils.checks.wire import DTYPES, MAX_DEPTH, Decoder, Encoder, Tensor, WireError


def refuse(value):
    raise WireError(f"no {type(value).__name__}")


def there_and_back(value):
    encoder = Encoder(refuse)
    message = encoder.encode(value)
    return Decoder(encoder.buffers, lambda number, types: None).decode(message)


@pytest.mark.parametrize(
    "value",
    [None, True, 0, -(10**30), 1.5, float("inf"), "ä\n", b"\x00\xff", [], (1, [2.5, "x"]), {"a": (1,), 2: None}],
)
def test_plain_values_arrive_as_they_were(value):
    arrived = there_and_back(value)
    assert arrived == value
    assert type(arrived) is type(value)


@pytest.mark.parametrize("dtype", sorted(DTYPES))
def test_arrays_keep_shape_dtype_and_content(dtype):
    array = np.arange(24).reshape(2, 3, 4).astype(dtype)
    for value in (array, array.transpose(2, 0, 1), array[:, ::2], array[:0]):
        arrived = there_and_back(value)
        assert arrived.dtype == value.dtype
        np.testing.assert_array_equal(arrived, value)


def test_numpy_scalars_stay_numpy_scalars():
    arrived = there_and_back(np.float32(2.5))
    assert isinstance(arrived, np.float32)
    assert arrived == np.float32(2.5)


def test_nan_arrives_as_nan():
    assert np.isnan(there_and_back(float("nan")))
    assert np.isnan(there_and_back(np.array([np.nan]))).all()


def test_a_tensor_is_rebuilt_by_the_far_side():
    encoder = Encoder(refuse)
    message = encoder.encode(Tensor(np.ones(3, "float32")))
    made = Decoder(encoder.buffers, lambda number, types: None, lambda array: ("tensor", array.sum())).decode(message)
    assert made == ("tensor", 3.0)


def test_an_array_that_arrived_may_be_written_to_without_changing_another():
    array = np.zeros(3)
    arrived = there_and_back(array)
    arrived[0] = 1
    assert array[0] == 0


def test_what_pickle_would_take_is_not_sent():
    with pytest.raises(WireError):
        there_and_back(np.array([object()]))
    with pytest.raises(WireError):
        there_and_back(lambda: 1)


def test_a_value_that_contains_itself_is_refused_and_does_not_hang():
    endless: list = []
    endless.append(endless)
    with pytest.raises(WireError, match="deep"):
        there_and_back(endless)


def nested(depth):
    message = ["none"]
    for _ in range(depth):
        message = ["list", [message]]
    return message


@pytest.mark.parametrize(
    "message",
    [
        None, [], "int", ["unknown", 1], ["int", 3], ["int", "9" * 5000], ["int", "1e5"], ["float", "x"], ["str", 7],
        ["bytes", 0], ["bytes", -1], ["array", "object", [1], 0], ["array", "float32", [-1], 0],
        ["array", "float32", [2**62, 2**62], 0], ["array", "float32", "12", 0], ["list", 5],
        ["dict", [[["list", []], 1]]],
        ["handle"], ["array", "<f4,O", [1], 0], nested(MAX_DEPTH + 2),
    ],
)  # fmt: skip
def test_malformed_messages_end_in_a_wire_error(message):
    with pytest.raises(WireError):
        Decoder([], lambda number, types: None).decode(message)


def test_an_array_whose_buffer_is_too_short_is_refused():
    with pytest.raises(WireError, match="fit"):
        Decoder([b"abc"], lambda number, types: None).decode(["array", "float32", [1], 0])


def test_random_messages_never_raise_anything_but_a_wire_error():
    rng = np.random.default_rng(0)
    tags = [
        "none",
        "bool",
        "int",
        "float",
        "str",
        "bytes",
        "array",
        "scalar",
        "tensor",
        "list",
        "tuple",
        "dict",
        "handle",
    ]

    def garbage(depth=0):
        kind = rng.integers(7 if depth < 4 else 4)
        if kind == 0:
            return int(rng.integers(-5, 5))
        if kind == 1:
            return str(rng.choice([*tags, "float32", "nan", ""]))
        if kind == 2:
            return None
        if kind == 3:
            return float(rng.normal())
        return [str(rng.choice(tags)), *(garbage(depth + 1) for _ in range(rng.integers(4)))]

    for _ in range(3000):
        try:
            Decoder([b"abcd", b""], lambda number, types: None).decode(garbage())
        except WireError:
            continue
