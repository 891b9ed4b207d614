"""The command and arguments that this SDK gives lightweight components, told to install this and that, as JSON."""
import inspect
import itertools
import json

try:
    from kfp.dsl import component_factory as factory
except ImportError:  # before 2.1
    from kfp.components import component_factory as factory


def double(num: int) -> int:
    return 2 * num


PACKAGES = [None, ["pandas==2.2.0"], ["a>=1,<2; python_version<\"3.9\"", "it's", "kfp-kubernetes"]]
INDEXES = [None, ["https://one.example/simple"], ["https://one.example", "https://two.example"]]
HOSTS = [None, [], ["one.example"]]


def installs():
    known = inspect.signature(factory._get_packages_to_install_command).parameters
    choices = {
        "packages_to_install": PACKAGES,
        # Before 2.1, where whoever calls it adds the SDK.
        "package_list": [["kfp==2.0.1"], ["pandas==2.2.0", "kfp==2.0.1"], ["pandas==2.2.0"], None],
        "pip_index_urls": INDEXES,
        "pip_trusted_hosts": HOSTS,
        "use_venv": [False, True],
        "install_kfp_package": [True, False],
        "kfp_package_path": [None, "git+https://example.org/kfp.git@refs/pull/1/head"],
    }
    names = [name for name in choices if name in known]
    for values in itertools.product(*(choices[name] for name in names)):
        told = {name: list(value) if isinstance(value, list) else value for name, value in zip(names, values)}
        yield factory._get_packages_to_install_command(**told)


command, arguments = factory._get_command_and_args_for_lightweight_component(double)
arguments = [str(argument) for argument in arguments]
commands = [install + command for install in installs()]
containerized, _ = factory._get_command_and_args_for_containerized_component(function_name="double")
print(json.dumps({"commands": commands, "arguments": arguments, "containerized": containerized}))
