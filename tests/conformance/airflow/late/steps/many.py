def make(count: int) -> list:
    return [f"number {at}" for at in range(count)]


def length(texts: list) -> int:
    return len(texts)
