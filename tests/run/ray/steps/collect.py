def collect(rows):
    with open(rows, "w", encoding="utf-8") as out:
        out.write("1\n2\n3\n")
