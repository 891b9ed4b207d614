def score(row):
    return row * row
