def make(seed: int, rows: str) -> None:
    with open(rows, "w") as file:
        file.write("x\n" * 3)
