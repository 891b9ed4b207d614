def train(rows, penalty: float, model):
    model.write_text(rows.read_text() * int(penalty))
