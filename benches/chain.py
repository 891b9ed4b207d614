"""Compiles a chain of N container steps with the kfp SDK: `python chain.py N FILE`."""
import sys

from kfp import compiler, dsl


@dsl.container_component
def first(made: dsl.Output[dsl.Dataset]):
    return dsl.ContainerSpec(image="registry.example.org/bench/toolbox:1", command=["first"], args=[made.path])


@dsl.container_component
def work(given: dsl.Input[dsl.Dataset], number: int, made: dsl.Output[dsl.Dataset]):
    """One link of the chain."""
    return dsl.ContainerSpec(
        image="registry.example.org/bench/toolbox:1",
        command=["work"],
        args=["--number", number, "--given", given.path, "--made", made.path],
    )


@dsl.pipeline(name="chain")
def chain():
    last = first().set_cpu_limit("1").set_memory_limit("1Gi")
    for number in range(1, int(sys.argv[1])):
        last = work(given=last.outputs["made"], number=number).set_cpu_limit("1").set_memory_limit("1Gi")


compiler.Compiler().compile(chain, sys.argv[2])
