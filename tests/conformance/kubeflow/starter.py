"""Starts a function of the SDK's Python components without the start-up text around it."""
import os
import random
import sys
import tempfile
import time

from kfp.dsl import executor_main

EXECUTOR = "kfp.dsl.executor_main"


def start(source, words, said):
    """In a process of its own: what the SDK's start-up text does once everything is installed."""
    output = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    random.seed(1)
    time.sleep = lambda _: None
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "ephemeral_component.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(source)
        sys.argv = [EXECUTOR, "--component_module_path", path, *words]
        executor_main.executor_main()
