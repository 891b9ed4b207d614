"""Finds every marked text in what was written, as whoever reads it would see it, and runs the scripts that hold one.

    python read.py FOLDER TEXTS

TEXTS is a JSON file: name -> text. In the files a text stands as `M_NAME<TEXT>NAME_M`. Prints a JSON object: for each name the files in
which it was found whole, and `wrong`, a list of what was not that very text. Go's, Jinja's, GitHub's, GitLab's and Kubernetes' own
readings are carried out as far as they read a constant; whatever they would read beyond that is a fault.
"""
import ast
import html.parser
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import jinja2
import yaml

MARKED = re.compile(r"M_(\w+)<(.*?)>\1_M", re.DOTALL)


class Anything(jinja2.ChainableUndefined):
    def __call__(self, *_, **__):
        return self


def github(text):
    """https://docs.github.com/actions/reference/workflows-and-actions/expressions"""
    def value(found):
        literal = re.fullmatch(r"(?:github\.event_name && )?'((?:[^']|'')*)'", found[1].strip(), re.DOTALL)
        return literal[1].replace("''", "'") if literal else "<<EVALUATED>>"
    return re.sub(r"\$\{\{((?:'(?:[^']|'')*'|[^'])*?)\}\}", value, text, flags=re.DOTALL)


def gitlab_variable(text):
    return re.sub(r"\$\$|\$\w+|\$\{\w+\}", lambda found: "$" if found[0] == "$$" else "<<EXPANDED>>", text)


def kubernetes(text):
    """Of `$(NAME)` Kubernetes reads the variables that the container has."""
    return re.sub(r"\$\$|\$\((BANNER|TOKEN)\)", lambda found: "$" if found[0] == "$$" else "<<EXPANDED>>", text)


def as_json(value):
    return "null" if isinstance(value, jinja2.Undefined) else json.dumps(value, ensure_ascii=False)


def cel(text):
    """What stands in quotes of CEL, as what JSON has in its own."""
    return text.replace('"', '\\"').replace("\\'", "'")


def jinja(text):
    environment = jinja2.Environment(undefined=Anything, keep_trailing_newline=True)
    environment.filters["tojson"] = as_json
    try:
        return environment.from_string(text).render()
    except jinja2.TemplateError as error:
        return f"<<{error}>>"


def go(text):
    def value(found):
        literal = re.fullmatch(r'\s*("(?:[^"\\]|\\.)*"|`[^`]*`)\s*', found[1], re.DOTALL)
        if not literal:
            return "<<EVALUATED>>"
        return literal[1][1:-1] if literal[1][0] == "`" else json.loads(literal[1])
    return re.sub(r"\{\{(.*?)\}\}", value, text, flags=re.DOTALL)


def strings(value, path=()):
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from strings(key, path)
            yield from strings(inner, path + (str(key),))
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner, path)


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.texts, self.bad = [""], []

    def handle_starttag(self, tag, attributes):
        self.texts += [value or "" for _, value in attributes]
        self.texts.append("")
        if any(name.startswith("on") for name, _ in attributes):
            self.bad.append(tag)

    def handle_data(self, data):
        self.texts[-1] += data


def readings(path):
    """What stands in a file: each text, and the ways in which it may be read, of which one must be right."""
    name, text = path.as_posix(), path.read_text(encoding="utf-8")
    if name.endswith((".yml", ".yaml")):
        for document in yaml.safe_load_all(text):
            for where, one in strings(document):
                if {"run", "script", "before_script", "after_script"} & set(where):
                    continue  # A script is run, not read.
                if "/workflows/" in name:
                    yield where, [github(one)]
                elif "gitlab" in name:
                    is_variable = "variables" in where and "expand" not in where
                    yield where, [gitlab_variable(one) if is_variable else one]
                elif "prometheus" in name:
                    yield where, [go(one)] if {"annotations", "labels"} & set(where) else [one]
                else:
                    yield where, [one, kubernetes(one), cel(one)]
    elif name.endswith(".json"):
        for where, one in strings(json.loads(text)):
            yield where, [one]
    elif name.endswith(".py") and "/airflow/" in name:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield ("constant",), [node.value, jinja(node.value), kubernetes(jinja(node.value))]
    elif name.endswith((".html", ".svg")):
        page = Page()
        page.feed(text)
        assert not page.bad, f"{name}: {page.bad}"
        for one in page.texts:
            yield ("page",), [one]


def scripts(folder):
    """Every script of both hosts, with the variables that it is given."""
    for path in folder.glob(".github/workflows/*.yml"):
        for job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values():
            for step in job["steps"]:
                if "run" in step:
                    assert "${{" not in step["run"], step["run"]
                    yield "github", github(step["run"]), {name: github(str(one)) for name, one in step.get("env", {}).items()}
    document = yaml.safe_load((folder / ".gitlab-ci.yml").read_text(encoding="utf-8"))
    for job in document.values():
        if isinstance(job, dict) and "script" in job:
            given = {}
            for name, one in job.get("variables", {}).items():
                raw = isinstance(one, dict) and one.get("expand") is False
                given[name] = one["value"] if raw else gitlab_variable(str(one))
            lines = [line for key in ("before_script", "script", "after_script") for line in job.get(key, [])]
            yield from (("gitlab", line, given) for line in lines if "M_" in line)


def run(host, script, given, found, wrong, texts):
    """Runs a script whose operations are doubles; what an author's line prints, and what a program is told, is looked at."""
    with tempfile.TemporaryDirectory() as place:
        programs = pathlib.Path(place, "programs")
        programs.mkdir()
        double = "#!/bin/bash\nprintf '%s\\0' \"$@\" >> \"$TOLD\"\n"
        for name in ("mlp", "docker", "pip", "python", "git", "sleep", "syft", "grype", "curl"):
            (programs / name).write_text(double)
            (programs / name).chmod(0o755)
        logged, told = pathlib.Path(place, "logged"), pathlib.Path(place, "told")
        env = {"PATH": f"{programs}:/usr/bin:/bin", "LOGGED": str(logged), "TOLD": str(told), "HOME": place,
               "GITHUB_OUTPUT": f"{place}/output", "VALUES": place, "IMAGES": f"{place}/images.json", **given}
        subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=place, env=env, capture_output=True, timeout=60)
        assert not list(pathlib.Path(place).rglob("PWNED")), f"{host} ran what is text:\n{script}"
        for file in (logged, told):
            if file.exists():
                for name, text in MARKED.findall(file.read_bytes().decode()):
                    judge(f"{host} script", name, [text], found, wrong, texts)


def inside_json(text):
    """What a text means that stands in JSON that stands in a text."""
    try:
        return json.loads(f'"{text}"', strict=False)
    except ValueError:
        return text


def judge(where, name, read, found, wrong, texts):
    meant = [texts[name]]
    if name.startswith("shell_"):
        meant.append(texts[name].replace("'", "'\\''"))  # An author's line on its way to a shell.
    if where.endswith((".html", ".svg")):
        meant.append(re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "\ufffd", texts[name]))  # Pages hold no control characters.
    if any(one in meant for one in read + [inside_json(one) for one in read]):
        found.setdefault(name, set()).add(where)
    else:
        wrong.append([where, name, read[0]])


def main(folder, texts):
    folder = pathlib.Path(folder)
    texts = json.loads(pathlib.Path(texts).read_text(encoding="utf-8"))
    found, wrong = {}, []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        where = path.relative_to(folder).as_posix()
        for _, read in readings(path):
            names = {name for one in read for name, _ in MARKED.findall(one)}
            for name in names:
                if name.startswith("shell_") and not where.endswith(".json"):
                    continue
                values = [text for one in read for known, text in MARKED.findall(one) if known == name]
                judge(where, name, values, found, wrong, texts)
    for host, script, given in scripts(folder):
        run(host, script, given, found, wrong, texts)
    print(json.dumps({"found": {name: sorted(files) for name, files in found.items()}, "wrong": wrong}))


main(*sys.argv[1:])
