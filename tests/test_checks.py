"""Checks: a criterion passes only by demands that were met, and everything else says what to do."""

import html
import math

import numpy as np
import pytest

from course_utils.checks import Feedback, LocalChannel, Student, check, expect, judge, share
from course_utils.checks.criteria import BROKEN, DIED, FAILED, NOT_FILLED_IN, PASSED, RAISED, TIMED_OUT, Result
from course_utils.checks.expectation import Unmet
from course_utils.checks.neighbours import or_trouble, untroubled
from course_utils.checks.student import Died, Missing, StudentError, TimedOut
from course_utils.checks.wire import Decoder, WireError


def student_with(source: str) -> Student:
    namespace: dict = {}
    exec(source, namespace)
    return Student(LocalChannel(namespace))


def judged(function, source="", weight=1.0):
    return judge(check("task", weight=weight)(function), student_with(source), np.random.default_rng(0))


def adds_one(student, rng):
    """add_one adds one."""
    expect(student.add_one(41), "the sum").equals(42, why="41 + 1 is 42.", hint="Look at the return line.")


def test_a_right_answer_passes():
    assert judged(adds_one, "def add_one(x): return x + 1").state == PASSED


def test_a_wrong_answer_tells_got_expected_why_and_where():
    result = judged(adds_one, "def add_one(x): return x")
    assert result.state == FAILED
    assert (result.got, result.expected) == ("the sum: 41", "42")
    assert (result.why, result.hint) == ("41 + 1 is 42.", "Look at the return line.")


@pytest.mark.parametrize(
    ("source", "state"),
    [
        ("", NOT_FILLED_IN),
        ("def add_one(x): raise NotImplementedError()", NOT_FILLED_IN),
        ("def add_one(x): return 1 / 0", RAISED),
        ("def add_one(x): raise SystemExit", RAISED),
        ("def add_one(x): return None", FAILED),
        ("def add_one(x): return True", FAILED),
        ("def add_one(x): return float('nan')", FAILED),
        ("def add_one(x): return '42'", FAILED),
        ("class Agrees:\n    def __eq__(self, other): return True\ndef add_one(x): return Agrees()", FAILED),
        ("class Agrees(int):\n    def __eq__(self, other): return True\ndef add_one(x): return Agrees(1)", FAILED),
    ],
)
def test_everything_but_the_answer_leaves_a_criterion_unpassed(source, state):
    assert judged(adds_one, source).state == state


def test_a_check_that_demands_nothing_does_not_pass():
    def demands_nothing(student, rng):
        """It only looks."""
        student.has("x")

    assert judged(demands_nothing).state == BROKEN


def test_a_mistake_in_the_check_itself_is_not_blamed_on_the_student():
    def misspells(student, rng):
        """It uses a function that its own module lacks."""
        expect(np.no_such_function(1), "a number").equals(1)

    assert judged(misspells).state == BROKEN


def test_an_answer_of_another_form_fails_instead_of_breaking_the_check():
    def unpacks(student, rng):
        """It unpacks two things."""
        first, _second = student.answer()
        expect(first, "the first").equals(1)

    assert judged(unpacks, "def answer(): return None").state == FAILED


@pytest.mark.parametrize(("error", "state"), [(TimedOut(3), TIMED_OUT), (Died("killed"), DIED)])
def test_a_far_side_that_hangs_or_dies_is_named(error, state):
    class Lost:
        def request(self, message, buffers):
            raise error

    assert judge(check("task")(adds_one), Student(Lost()), np.random.default_rng(0)).state == state


@pytest.mark.parametrize(
    "answer", [{}, {"value": ["int", 3]}, {"error": 5}, {"error": {}}, None, {"value": ["bool", 1, 2]}]
)
def test_forged_answers_do_not_pass_and_do_not_raise(answer):
    class Forger:
        def request(self, message, buffers):
            return answer, [b""]

    assert not judge(check("task")(adds_one), Student(Forger()), np.random.default_rng(0)).passed


def test_what_was_replaced_is_given_back_after_each_criterion():
    def replaces(student, rng):
        """It replaces a helper."""
        student.replace("helper", 5)
        student.replace("new", 6)
        expect(student.use(), "the sum").equals(11)

    student = student_with("helper = 1\ndef use(): return helper + new")
    assert judge(check("task")(replaces), student, np.random.default_rng(0)).passed
    assert student.value("helper") == 1
    assert not student.has("new")


def test_what_cannot_be_sent_is_a_handle_to_ask_further():
    student = student_with(
        "class Model:\n    size = 3\n    def __call__(self, x): return [x] * self.size\n"
        "    def __len__(self): return 7\n    def __iter__(self): return iter(range(100))\ndef build(): return Model()"
    )
    model = student.build()
    assert model.types[0].endswith("Model")
    assert (model.size, model(2), len(model)) == (3, [2, 2, 2], 7)
    assert list(model) == list(range(100))
    assert model.take(3) == [0, 1, 2]


class Counting(LocalChannel):
    """A channel that writes down which operations were asked for."""

    def __init__(self, namespace):
        super().__init__(namespace)
        self.asked = []

    def request(self, message, buffers):
        self.asked.append(message["op"])
        return super().request(message, buffers)


def test_names_on_the_way_to_a_call_take_no_request():
    channel = Counting({"numbers": lambda: iter(range(9))})
    student = Student(channel)
    assert student.module("numpy").linalg.norm([3, 4]) == 5
    assert student.numbers().take(3) == [0, 1, 2]
    assert channel.asked == ["call", "call", "take"]


def test_a_name_is_looked_up_when_it_is_used():
    student = student_with("def f(): return 1\ndef g(): return 2")
    function = student.f
    student.replace("f", student.g)
    assert function() == 2
    with pytest.raises(Missing, match="h is not defined"):
        student.h()
    with pytest.raises(Missing, match="h is not defined"):
        student.value("h")
    with pytest.raises(StudentError, match="may not ask for the module os"):
        student.module("os").getpid()


def test_a_name_of_the_far_side_is_no_name_here():
    with pytest.raises(WireError, match="unknown kind"):
        Decoder([], lambda number, types: None).decode(["named", "module", "keras"])


def test_tidying_up_takes_one_request_and_none_where_nothing_was_asked():
    channel = Counting({"numbers": lambda: iter(range(9))})
    student = Student(channel)
    student.tidy()
    assert channel.asked == []
    student.replace("numbers", 5)
    student.tidy()
    student.tidy()
    assert channel.asked == ["replace", "tidy"]
    assert student.numbers().take(1) == [0]


def test_handles_are_forgotten_with_the_next_request():
    channel = Counting({"numbers": lambda: iter(range(9))})
    student = Student(channel)
    numbers = student.numbers()
    assert numbers.take(1) == [0]
    student.tidy()
    assert channel.asked == ["call", "take"]
    with pytest.raises(StudentError):
        numbers.take(1)
    others = student.numbers()
    assert others.take(2) == [0, 1]
    student.replace("numbers", others)
    student.restore()
    student.tidy()  # restored already: nothing to ask for
    assert channel.asked[-1] == "restore"
    with pytest.raises(StudentError):
        others.take(1)


def test_what_is_replaced_comes_back_when_restoring_failed():
    class Deaf(Counting):
        def request(self, message, buffers):
            if message["op"] == "tidy" and "tidy" not in self.asked:
                self.asked.append("tidy")
                raise TimedOut(1.0)
            return super().request(message, buffers)

    student = Student(Deaf({"number": 1}))
    student.replace("number", 2)
    with pytest.raises(TimedOut):
        student.tidy()
    student.tidy()
    assert student.value("number") == 1


def test_what_several_criteria_look_at_keeps_its_trouble_for_each_of_them():
    student = student_with("def fails(): raise ValueError('no')\ndef works(): return 1")
    assert untroubled(or_trouble(student.works)) == 1
    found = or_trouble(student.fails)
    for _ in range(2):
        with pytest.raises(StudentError, match="no"):
            untroubled(found)


def test_student_output_during_a_check_is_swallowed(capsys):
    student = student_with("def shout(x):\n    print('secret', x)\n    return x")
    assert student.shout(1) == 1
    assert capsys.readouterr().out == ""


def test_tensors_and_variables_arrive_as_arrays():
    import keras
    import tensorflow as tf

    student = student_with("def same(x): return x")
    student._channel._agent._namespace.update(
        tensors=lambda: (tf.constant([1.0]), tf.Variable(2), keras.Variable([3.0]), tf.TensorShape([1, None]), tf.int8)
    )
    one, two, three, shape, dtype = student.tensors()
    assert (one.tolist(), int(two), three.tolist()) == ([1.0], 2, [3.0])
    assert (shape, dtype) == ((1, None), "int8")


@pytest.mark.parametrize("value", [float("nan"), np.array([1, np.nan]), "1", None, True, [1, "a"], 10**400])
def test_no_demand_on_numbers_is_met_by_what_is_no_number(value):
    for demand in (
        lambda: expect(value, "it").at_least(-1e9),
        lambda: expect(value, "it").at_most(1e9),
        lambda: expect(value, "it").between(-1e9, 1e9),
        lambda: expect(value, "it").close_to(1, atol=1e9),
        lambda: expect(value, "it").equals(1),
    ):
        with pytest.raises(Unmet):
            demand()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (7, np.int64(7)),
        (np.int64(7), 7),
        (np.array(7), 7),
        ((1, 2), [1, 2]),
        ("a", "a"),
        (True, np.True_),
        ({"a": 1}, {"a": 1}),
    ],
)
def test_equal_values_are_equal_in_whatever_number_type_they_come(value, expected):
    expect(value, "it").equals(expected)


@pytest.mark.parametrize(
    ("value", "expected"), [(True, 1), (1, True), (np.zeros(2), np.zeros(3)), (np.array([7]), 7), ("1", 1), (None, 0)]
)
def test_values_of_other_kinds_are_not_equal(value, expected):
    with pytest.raises(Unmet):
        expect(value, "it").equals(expected)


def test_shape_dtype_and_length_are_demanded_exactly():
    array = np.zeros((5, 14, 14, 1), "float32")
    expect(array, "images").has_shape((None, 14, 14, 1)).has_dtype("float32").has_length(5).is_array().is_finite()
    for demand in (
        lambda: expect(array, "it").has_shape((None, 14, 14)),
        lambda: expect(array, "it").has_dtype("float64"),
        lambda: expect(array, "it").has_length(4),
        lambda: expect([0.0], "it").has_dtype("float64"),
        lambda: expect(array, "it").differs_from(array),
        lambda: expect(None, "it").differs_from(array),
        lambda: expect(1, "it").is_true("true"),
    ):
        with pytest.raises(Unmet):
            demand()


def result(weight, state):
    return Result("task", "name", "title", weight, False, state)


def test_points_are_shared_by_weight_and_exact_at_both_ends():
    assert share(3, [result(2, PASSED), result(1, FAILED)]) == 2
    assert share(1, [result(1, PASSED)] * 3) == 1
    assert share(0.1, [result(0.1, PASSED)] * 7) == 0.1
    assert share(5, [result(1, FAILED)] * 3) == 0
    assert share(5, []) == 0
    for state in (FAILED, RAISED, TIMED_OUT, DIED, BROKEN, NOT_FILLED_IN):
        assert share(5, [result(1, state)]) == 0


@pytest.mark.parametrize("weight", [0, -1, math.nan, math.inf, "2"])
def test_a_weight_that_is_no_positive_number_is_refused(weight):
    with pytest.raises(ValueError, match="weight"):
        check("task", weight=weight)


def test_feedback_says_the_same_in_html_and_in_text_and_escapes_what_came_from_a_notebook():
    wrong = judged(adds_one, "def add_one(x): return '<script>alert(1)</script>'")
    feedback = Feedback("task", [wrong, judged(adds_one, "def add_one(x): return x + 1")], "1 of 2")
    text, page = feedback.text(), feedback.html()
    assert "<script>" not in page
    for word in (wrong.got, wrong.expected, wrong.why, wrong.hint, wrong.title):
        assert word in text
        assert html.escape(word) in page
    assert set(feedback._repr_mimebundle_()) == {"text/html", "text/plain"}
