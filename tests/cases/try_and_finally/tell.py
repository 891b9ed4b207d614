def tell(status, text):
    pass
