"""The runner, started as orchestrators start it. RUNNER names its file."""
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

RUNNER = pathlib.Path(os.environ["RUNNER"]).read_text()
INT, FLOAT, STRING = {"kind": "int"}, {"kind": "float"}, {"kind": "string"}
DATASET = {"kind": "artifact", "name": "Dataset", "title": "system.Dataset"}
METRICS = {"kind": "artifact", "name": "ClassificationMetrics", "title": "system.ClassificationMetrics"}


def list_of(kind):
    return {"kind": "list", "of": kind}


def optional(kind):
    return {"kind": "optional", "of": kind}


def literal(kind, value):
    return {"is": "literal", "type": kind, "value": value}


def binary(operator, left, right):
    return {"is": "binary", "operator": operator, "left": left, "right": right, "type": {"kind": "bool"}}


def predicate(text, operator, bound, kind=FLOAT):
    return {"text": text, "condition": binary(operator, {"is": "it"}, literal(kind, bound))}


class Runs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def step(self, source, inputs=(), outputs=(), **more):
        (self.root / "steps").mkdir(exist_ok=True)
        (self.root / "steps" / "one.py").write_text(source)
        step = {"task": "one", "step": "one", "pipeline": "p", "file": "steps/one.py", "function": "one"}
        step["sha256"] = hashlib.sha256(source.encode()).hexdigest()
        step["inputs"] = [dict(zip(("name", "type"), one)) if isinstance(one, tuple) else one for one in inputs]
        step["outputs"] = [{"name": name, "type": kind} for name, kind in outputs]
        return {**step, **more}

    def start(self, step, *arguments, **env):
        return subprocess.run(
            [sys.executable, "-c", RUNNER, "--step", json.dumps(step), *arguments],
            cwd=self.root, env={**os.environ, **env}, text=True, capture_output=True,
        )

    def run_step(self, step, values=None, outputs=None):
        result = self.root / "result.json"
        ended = self.start(step, "--inputs", json.dumps(values or {}), "--outputs", json.dumps(outputs or {}),
                           "--result", str(result))
        self.assertEqual(ended.returncode, 0, ended.stderr)
        return json.loads(result.read_text())

    def refused(self, step, values=None, outputs=None):
        ended = self.start(step, "--inputs", json.dumps(values or {}), "--outputs", json.dumps(outputs or {}))
        self.assertEqual(ended.returncode, 1, ended.stdout)
        return ended.stderr

    def test_values_have_their_types(self):
        source = (
            "import datetime, decimal\n"
            "def one(a, b, c, d, e, f, g, h):\n"
            "    assert [type(x) for x in (a, b, c)] == [int, float, float], (a, b, c)\n"
            "    assert d.amount == decimal.Decimal('5.10') and d.currency == 'USD'\n"
            "    assert e == datetime.datetime(2026, 8, 1, 10, 0, 0, 500000, tzinfo=datetime.timezone.utc)\n"
            "    assert f is None and g == {'n': 3, 's': None} and type(g['n']) is int\n"
            "    assert h == [[1, 2], [3]] and type(h[0][0]) is int\n"
            "    return {'money': d, 'at': e, 'wait': datetime.timedelta(minutes=1), 'many': [1.0, 2.0]}\n"
        )
        struct = {"kind": "struct", "name": "S", "fields": [
            {"name": "n", "type": INT}, {"name": "s", "type": STRING, "optional": True}]}
        step = self.step(source, [
            ("a", INT), ("b", FLOAT), ("c", {"kind": "percent"}), ("d", {"kind": "money"}), ("e", {"kind": "timestamp"}),
            ("f", optional(INT)), ("g", struct), ("h", list_of(list_of(INT)))],
            [("money", {"kind": "money"}), ("at", {"kind": "timestamp"}), ("wait", {"kind": "duration"}),
             ("many", list_of(FLOAT))])
        given = {"a": 3.0, "b": 1, "c": 0.25, "d": {"amount": "5.10", "currency": "USD"}, "e": "2026-08-01T12:00:00.5+02:00",
                 "g": {"n": 3.0}, "h": [[1.0, 2.0], [3.0]]}
        self.assertEqual(self.run_step(step, given), {
            "money": {"amount": "5.10", "currency": "USD"}, "at": "2026-08-01T10:00:00.500000Z", "wait": 60.0,
            "many": [1.0, 2.0]})

    def test_one_value_is_the_return_itself(self):
        self.assertEqual(self.run_step(self.step("def one(): return [1]", (), [("x", list_of(INT))])), {"x": [1]})
        source = "import typing\nclass R(typing.NamedTuple):\n    x: float\ndef one(): return R(1)"
        self.assertEqual(self.run_step(self.step(source, (), [("x", FLOAT)])), {"x": 1.0})

    def test_several_values_come_by_name_or_in_order(self):
        outputs = [("x", INT), ("y", STRING)]
        for made in ("{'y': 'b', 'x': 1}", "(1, 'b')", "R(1, 'b')", "D(1, 'b')"):
            source = ("import typing, dataclasses\nclass R(typing.NamedTuple):\n    x: int\n    y: str\n"
                      "@dataclasses.dataclass\nclass D:\n    x: int\n    y: str\n"
                      f"def one(): return {made}")
            self.assertEqual(self.run_step(self.step(source, (), outputs)), {"x": 1, "y": "b"})
        self.assertIn("returned no y", self.refused(self.step("def one(): return {'x': 1}", (), outputs)))
        self.assertIn("an unknown z", self.refused(self.step("def one(): return dict(x=1, y='', z=0)", (), outputs)))
        self.assertIn("does not give the outputs x, y", self.refused(self.step("def one(): return 1", (), outputs)))

    def test_artifacts_are_paths_with_addresses_and_metadata(self):
        source = (
            "def one(rows, many, out_rows, made):\n"
            "    assert open(rows).read() == 'in' and rows.uri == 'gs://b/rows' and rows.metadata == {'n': 1}\n"
            "    assert [open(one).read() for one in many] == ['in', 'in']\n"
            "    for out in (out_rows, made):\n"
            "        with open(out, 'w') as file: file.write('out')\n"
            "    out_rows.metadata['n'] = 2\n"
        )
        step = self.step(source, [("rows", DATASET), ("many", list_of(DATASET))], [("rows", DATASET), ("made", DATASET)])
        path = self.root / "rows"
        path.write_text("in")
        (self.root / "rows.metadata.json").write_text('{"n": 1}')
        given = {"path": str(path), "uri": "gs://b/rows"}
        to = {"rows": str(self.root / "out" / "rows"), "made": str(self.root / "out" / "made")}
        self.assertEqual(self.run_step(step, {"rows": given, "many": [given, given]}, to), {})
        self.assertEqual((self.root / "out" / "rows").read_text(), "out")
        self.assertEqual(json.loads((self.root / "out" / "rows.metadata.json").read_text()), {"n": 2})
        self.assertFalse((self.root / "out" / "made.metadata.json").exists())

    def test_kubeflow_is_spoken(self):
        source = ("def one(rows, n, status, many, made):\n"
                  "    assert open(rows).read() == 'in' and type(n) is int\n"
                  "    assert status.state == 'FAILED' and status['error'] == 'no' and status.run == 'r1'\n"
                  "    assert status.pipeline == 'p' and len(many) == 2\n"
                  "    open(made, 'w').close(); made.metadata['rows'] = n\n"
                  "    return [n]\n")
        step = self.step(source, [("rows", DATASET), ("n", INT), ("status", {"kind": "run_status"}),
                                  ("many", list_of(DATASET))], [("made", DATASET), ("values", list_of(INT))])
        (self.root / "rows").write_text("in")
        rows = {"artifacts": [{"name": "rows", "uri": str(self.root / "rows"), "metadata": {}}]}
        made = str(self.root / "to" / "made")
        executor = {
            "inputs": {"parameterValues": {"n": 3.0, "status": {"state": "Failed", "error": {"message": "no"}}},
                       "artifacts": {"rows": rows, "many": {"artifacts": rows["artifacts"] * 2}}},
            "outputs": {"artifacts": {"made": {"artifacts": [{"name": "made", "uri": made, "metadata": {}}]}},
                        "parameters": {"values": {"outputFile": str(self.root / "values")}},
                        "outputFile": str(self.root / "to" / "output.json")},
        }
        ended = self.start(step, "--kubeflow", json.dumps(executor), "--run", "r1")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertEqual(json.loads((self.root / "to" / "output.json").read_text()), {
            "parameterValues": {"values": [3]},
            "artifacts": {"made": {"artifacts": [{"name": "made", "uri": made, "metadata": {"rows": 3}}]}}})

    def test_metrics_and_their_file_stand_for_each_other(self):
        to = {"curve": str(self.root / "curve")}
        self.run_step(self.step("def one(curve): curve.metadata['x'] = 1", (), [("curve", METRICS)]), {}, to)
        self.assertEqual(json.loads((self.root / "curve").read_text()), {"x": 1})
        source = "def one(curve):\n    with open(curve, 'w') as file: file.write('{\"y\": 2}')"
        self.run_step(self.step(source, (), [("curve", METRICS)]), {}, to)
        self.assertEqual(json.loads((self.root / "curve.metadata.json").read_text()), {"y": 2})

    def test_texts_are_put_together(self):
        leaf = lambda name, kind: {"is": "parameter", "type": kind, "name": name}
        parts = [literal(STRING, "a="), leaf("t--1", FLOAT), literal(STRING, " "), leaf("t--2", STRING),
                 literal(STRING, " "), leaf("t--3", list_of(INT)), leaf("t--4", {"kind": "bool"})]
        value = {"is": "text", "type": STRING, "parts": parts}
        other = binary("coalesce", leaf("o--1", optional(INT)), literal(INT, 7))
        step = self.step("def one(t, o): return (t, o)", [
            {"name": "t", "type": STRING, "value": value}, {"name": "o", "type": INT, "value": other}],
            [("t", STRING), ("o", INT)])
        given = {"t--1": 1, "t--2": "x\"y", "t--3": [1.0, 2.0], "t--4": True}
        self.assertEqual(self.run_step(step, given), {"t": 'a=1.0 x"y [1,2]true', "o": 7})

    def test_what_does_not_fit_is_refused(self):
        for given, inputs, said in [
            ({}, [("n", INT)], "input n is missing"),
            ({"n": 1.5}, [("n", INT)], "input n is 1.5 and should be int"),
            ({"n": True}, [("n", INT)], "input n is True and should be int"),
            ({"n": 2**53}, [("n", INT)], "beyond 2**53-1"),
            ({"n": "b"}, [("n", {"kind": "enum", "name": "E", "variants": ["a"]})], "should be one of a"),
            ({"n": 0}, [{"name": "n", "type": FLOAT, "predicates": [predicate("it > 0", "greater", 0)]}],
             "input n is 0.0, and `it > 0` does not hold"),
            ({"n": [1, -1]}, [{"name": "n", "type": list_of(FLOAT), "item_predicates": [predicate("it > 0", "greater", 0)]}],
             "input n[1] is -1.0, and `it > 0` does not hold"),
            ({"n": "ab\n"}, [{"name": "n", "type": STRING, "predicates": [predicate("m", "matches", "[[:alpha:]]+", STRING)]}],
             "`m` does not hold"),
            ({"n": {"path": "/nowhere/rows"}}, [("n", DATASET)], "input n is not there: /nowhere/rows"),
        ]:
            stderr = self.refused(self.step("def one(n): pass", inputs), given)
            self.assertIn(said, stderr)
            self.assertIn("mlp: step one, steps/one.py: ", stderr)
            self.assertNotIn("Traceback", stderr)

    def test_what_is_given_back_must_fit(self):
        for returned, kind, said in [
            ("float('nan')", FLOAT, "output x is nan, which is no value of a run"),
            ("[1.0, float('inf')]", list_of(FLOAT), "output x[1] is inf"),
            ("{'a': float('-inf')}", {"kind": "json"}, "output x['a'] is -inf"),
            ("None", INT, "output x is None and should be int"),
            ("2**53", INT, "beyond 2**53-1"),
            ("'1'", INT, "output x is '1' and should be int"),
        ]:
            self.assertIn(said, self.refused(self.step(f"def one(): return {returned}", (), [("x", kind)])))
        step = self.step("def one(rows): pass", (), [("rows", DATASET)])
        self.assertIn("the output rows was not written to", self.refused(step, {}, {"rows": str(self.root / "rows")}))
        self.assertIn("instead of returning", self.refused(self.step("import sys\ndef one(): sys.exit()")))

    def test_only_the_compiled_file_is_started(self):
        step = self.step("def one(): pass")
        (self.root / "steps" / "one.py").write_text("def one(): print('changed')")
        self.assertIn("the file is not the one that was compiled", self.refused(step))
        (self.root / "steps" / "one.py").unlink()
        self.assertIn("there is no such file", self.refused(step))
        self.assertIn("there is no function one", self.refused(self.step("def two(): pass")))
        self.assertIn("ValueError: why", self.refused(self.step("def one(): raise ValueError('why')")))

    def test_modules_of_the_project_are_found(self):
        (self.root / "steps").mkdir()
        (self.root / "steps" / "beside.py").write_text("A = 1")
        (self.root / "above.py").write_text("B = 2")
        source = "import beside, above\nfrom steps import beside as same\nfrom . import beside as again\n"
        step = self.step(source + "def one(): return beside.A + above.B + same.A + again.A", (), [("x", INT)])
        self.assertEqual(self.run_step(step), {"x": 5})
        with tempfile.TemporaryDirectory() as elsewhere:
            ended = subprocess.run(
                [sys.executable, "-c", RUNNER, "--step", json.dumps(step), "--inputs", "{}", "--outputs", "{}"],
                cwd=elsewhere, env={**os.environ, "MLP_CODE": str(self.root)}, text=True, capture_output=True)
        self.assertEqual(ended.returncode, 0, ended.stderr)

    def test_recorded_steps_are_listed(self):
        step = self.step("raise ImportError", [("n", INT)], (), recorded=True)
        ended = self.start(step, "--inputs", '{"n": 3}', "--outputs", "{}")
        self.assertEqual((ended.returncode, ended.stdout), (0, "recorded, not started: steps/one.py: one(n=3)\n"))
        ended = self.start({"step": "one", "outputs": []}, "--would", "push", "--model", "/a b")
        self.assertEqual(ended.stdout, 'recorded, not started: ["push", "--model", "/a b"]\n')

    def test_recorded_steps_give_their_stubs(self):
        outputs = [{"name": "at", "type": {"kind": "timestamp"}}, {"name": "receipt", "type": DATASET}]
        step = {"step": "one", "outputs": outputs, "recorded": True, "stub": {"at": "2026-08-01T00:00:00Z", "receipt": [1]}}
        to = {"receipt": str(self.root / "out" / "receipt")}
        ended = self.start(step, "--outputs", json.dumps(to), "--result", str(self.root / "result"), "--would", "push")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertEqual((self.root / "out" / "receipt").read_text(), "[1]")
        self.assertEqual(json.loads((self.root / "result").read_text()), {"at": "2026-08-01T00:00:00Z"})

    def test_parameters_alone_are_checked(self):
        step = {"step": "the parameters", "outputs": [], "inputs": [
            {"name": "n", "type": FLOAT, "predicates": [predicate("it > 0", "greater", 0)]}]}
        self.assertEqual(self.start(step, "--inputs", '{"n": 1}').returncode, 0)
        ended = self.start(step, "--inputs", '{"n": -1}')
        self.assertEqual(ended.returncode, 1)
        self.assertIn("mlp: step the parameters: input n is -1.0, and `it > 0` does not hold", ended.stderr)

    def test_gates_are_met_not_met_or_without_data(self):
        leaf = lambda name: {"is": "parameter", "type": FLOAT, "name": name}
        condition = binary("greater", binary("divide", leaf("met--1"), leaf("met--2")), literal(FLOAT, 0.5))
        step = {"step": "require", "outputs": [], "gate": "fit.auc / n > 0.5",
                "told": {"met--1": "fit.auc", "met--2": "n"},
                "inputs": [{"name": "met", "type": {"kind": "bool"}, "value": condition}]}
        ended = self.start(step, "--inputs", '{"met--1": 0.9, "met--2": 1}')
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        self.assertEqual(ended.stdout, "require fit.auc / n > 0.5\n  fit.auc is 0.9\n  n is 1.0\nmet\n")
        for values, why in [
            ('{"met--1": 0.4, "met--2": 1}', "not met: fit.auc / n > 0.5, where fit.auc is 0.4, n is 1.0"),
            ('{"met--2": 1}', "no data: nobody can tell whether fit.auc / n > 0.5, for fit.auc is missing"),
            ('{"met--1": NaN, "met--2": 1}', "for fit.auc is nan, which is no value of a run"),
            ('{"met--1": "high", "met--2": 1}', "for fit.auc is 'high' and should be float"),
            ('{"met--1": 1, "met--2": 0}', "no data: nobody can tell whether fit.auc / n > 0.5, for float division by zero"),
        ]:
            ended = self.start(step, "--inputs", values)
            self.assertEqual(ended.returncode, 1, values)
            self.assertIn("mlp: step require: ", ended.stderr)
            self.assertIn(why, ended.stderr)
            self.assertNotIn("Traceback", ended.stderr)

    def test_a_gate_may_be_one_truth_that_a_step_gave(self):
        truth = {"kind": "bool"}
        step = {"step": "require", "outputs": [], "gate": "fit.good", "told": {"met": "fit.good"},
                "inputs": [{"name": "met", "type": truth}]}
        self.assertEqual(self.start(step, "--inputs", '{"met": true}').returncode, 0)
        ended = self.start(step, "--inputs", '{"met": false}')
        self.assertIn("not met: fit.good, where fit.good is false", ended.stderr)


if __name__ == "__main__":
    unittest.main()
