

# How a step is started.


def read_inputs(step, world):
    """Every input by name, whole and checked."""
    value = deliver(step, world)
    arguments = {}
    for one in step["inputs"]:
        where = f"input {one['name']}"
        if "value" in one:
            given = evaluate(one["value"], lambda leaf: value(leaf["name"], leaf["type"], where))
        else:
            given = value(one["name"], one["type"], where)
        check(one, given, where)
        arguments[one["name"]] = given
    return arguments


def load(step):
    """The function, from the file that the compiler read and no other."""
    root = os.path.abspath(os.environ.get("MLP_CODE") or os.getcwd())
    path = os.path.join(root, *step["file"].split("/"))
    if not os.path.isfile(path):
        raise Refusal(f"there is no such file below {root}")
    with open(path, "rb") as file:
        found = hashlib.sha256(file.read()).hexdigest()
    if found != step["sha256"]:
        raise Refusal(f"the file is not the one that was compiled: its SHA-256 is {found}, not {step['sha256']}")
    sys.path[:0] = [root, os.path.dirname(path)]
    name = re.sub(r"\.py\Z", "", step["file"]).replace("/", ".")
    name = f"mlp_step_{name}" if name in sys.modules else name
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    function = getattr(module, step["function"], None)
    if not callable(function):
        raise Refusal(f"there is no function {step['function']}")
    return function


def open_outputs(step, world, taken):
    """Paths to write, by the name of the function's argument."""
    artifacts, arguments = {}, {}
    for one in step["outputs"]:
        if is_artifact(one["type"]):
            artifact = world.output(one["name"])
            if artifact is None:
                raise Refusal(f"no path was given for the output {one['name']}")
            os.makedirs(os.path.dirname(os.path.abspath(artifact)), exist_ok=True)
            artifacts[one["name"]] = artifact
            arguments[f"out_{one['name']}" if one["name"] in taken else one["name"]] = artifact
    return artifacts, arguments


def output_values(step, returned):
    """What was returned, by output."""
    wanted = [one for one in step["outputs"] if not is_artifact(one["type"])]
    if not wanted:
        return {}
    by_name = named(returned)
    if len(wanted) == 1:
        name = wanted[0]["name"]
        alone = by_name is not returned and list(by_name) == [name]
        found = {name: by_name[name] if alone else returned}
    elif isinstance(by_name, dict):
        found = by_name
    elif isinstance(returned, tuple) and len(returned) == len(wanted):
        found = {one["name"]: value for one, value in zip(wanted, returned)}
    else:
        names = ", ".join(one["name"] for one in wanted)
        raise Refusal(f"returned {brief(returned)}, which does not give the outputs {names}")
    missing = [one["name"] for one in wanted if one["name"] not in found]
    unknown = [name for name in found if all(name != one["name"] for one in wanted)]
    if missing or unknown:
        raise Refusal("returned " + " and ".join(
            ([f"no {', '.join(missing)}"] if missing else []) + ([f"an unknown {', '.join(unknown)}"] if unknown else [])))
    return {one["name"]: encode(one["type"], found[one["name"]], f"output {one['name']}") for one in wanted}


def close_artifact(one, artifact):
    """An artifact is written; of metrics, the file and what is known of it stand for each other."""
    title = one["type"].get("title")
    artifact.metadata = plain(artifact.metadata, f"metadata of the output {one['name']}")
    if title in METRICS and artifact.metadata and not os.path.exists(artifact):
        store(artifact.path, artifact.metadata)
    if not os.path.exists(artifact):
        raise Refusal(f"the output {one['name']} was not written to {artifact.path}")
    if title in METRICS and not artifact.metadata and os.path.isfile(artifact):
        try:
            with open(artifact, encoding="utf-8") as file:
                known = json.load(file)
        except ValueError:
            return
        if isinstance(known, dict):
            artifact.metadata = plain(known, f"output {one['name']}")


def record(step, world, would):
    """Says what is not started, and gives what its stub says."""
    print("recorded, not started:", would)
    artifacts, _ = open_outputs(step, world, ())
    values = {}
    for one in step["outputs"]:
        name, kind = one["name"], one["type"]
        if name not in step.get("stub", {}):
            raise Refusal(f"no stub gives the output {name}")
        if name in artifacts:
            content = step["stub"][name]
            with open(artifacts[name].path, "w", encoding="utf-8") as file:
                file.write(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False))
        else:
            where = f"stub of the output {name}"
            values[name] = encode(kind, decode(kind, step["stub"][name], where), where)
    if step["outputs"]:
        world.write(values, artifacts)


def decide(step, world):
    """A gate: met, not met, or no data, with the values that decide it. What is not met ends with status 1, as does no data."""
    value, known = deliver(step, world), {}

    def told(leaf):
        found = value(leaf["name"], leaf["type"], step["told"][leaf["name"]])
        known[leaf["name"]] = in_short(encode(leaf["type"], found, "a value"))
        return found

    condition = step["inputs"][0]
    condition = condition.get("value") or {"is": "parameter", "type": condition["type"], "name": condition["name"]}
    print(f"require {step['gate']}")
    try:
        met = evaluate(condition, told)
    except (Refusal, ArithmeticError) as why:
        raise Refusal(f"no data: nobody can tell whether {step['gate']}, for {why}")
    values = [f"{step['told'][name]} is {one}" for name, one in known.items()]
    print("\n".join(f"  {line}" for line in values))
    if not met:
        raise Refusal(f"not met: {step['gate']}, where {', '.join(values)}")
    print("met")


def start(step, world, would):
    if "gate" in step:
        return decide(step, world)
    if would is not None:
        return record(step, world, json.dumps(would, ensure_ascii=False))
    arguments = read_inputs(step, world)
    if "function" not in step:
        return
    if step.get("recorded"):
        given = ", ".join(f"{name}={brief(value)}" for name, value in arguments.items())
        return record(step, world, f"{step['file']}: {step['function']}({given})")
    function = load(step)
    artifacts, paths = open_outputs(step, world, set(arguments))
    returned = function(**arguments, **paths)
    values = output_values(step, returned)
    for one in step["outputs"]:
        if one["name"] in artifacts:
            close_artifact(one, artifacts[one["name"]])
    world.write(values, artifacts)


def in_full(word):
    """What an argument says: of `@FILE`, what is in the file, for an argument may not be of any length."""
    if not word.startswith("@"):
        return word
    with open(word[1:], encoding="utf-8") as file:
        return file.read()


def main(words):
    would = None
    if "--would" in words:
        at = words.index("--would")
        words, would = words[:at], words[at + 1:]
    given = {name: in_full(word) for name, word in zip(words[::2], words[1::2])}
    step = json.loads(given["--step"])
    where = ", ".join([f"step {step['step']}"] + ([step["file"]] if "file" in step else []))
    try:
        if "--kubeflow" in given:
            world = Kubeflow(given["--kubeflow"], given.get("--run"))
        else:
            world = Arguments(given.get("--inputs") or "{}", given.get("--outputs") or "{}", given.get("--result"))
        start(step, world, would)
    except Refusal as refusal:
        sys.exit(f"mlp: {where}: {refusal}")
    except SystemExit as end:
        if not end.code:
            sys.exit(f"mlp: {where}: the function ended the process instead of returning")
        raise
    except Exception as error:
        traceback.print_exc()
        sys.exit(f"mlp: {where}: {' '.join(traceback.format_exception_only(type(error), error)[-1].split())}")


if __name__ == "__main__":
    main(sys.argv[1:])
