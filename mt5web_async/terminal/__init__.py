"""What a terminal knows and does: a model fed by answers and pushes, and requests.

The I/O thread is the only writer of the model. It replaces values whole, so that
callers' threads read them without locks and never see half an update.
"""
