from loket.kernel.remembering import Remembered


def test_the_least_recently_used_goes_first() -> None:
    remembered: Remembered[str, int] = Remembered(most=2)
    made: list[str] = []

    def make(key: str) -> int:
        made.append(key)
        return len(made)

    for key in ("a", "b", "a", "c", "a", "b"):
        remembered.get(key, lambda key=key: make(key))  # type: ignore[misc]
    assert made == ["a", "b", "c", "b"]


def test_nothing_is_remembered_beyond_its_time() -> None:
    remembered: Remembered[str, int] = Remembered(most=2, seconds=0)
    assert remembered.get("a", lambda: 1) == 1
    assert remembered.get("a", lambda: 2) == 2


def test_forget_makes_everything_anew() -> None:
    remembered: Remembered[str, int] = Remembered(most=2)
    assert remembered.get("a", lambda: 1) == 1
    remembered.forget()
    assert remembered.get("a", lambda: 2) == 2
