#!/usr/bin/env python3
"""Gives the environments of a GitLab project the rules of a file, or refuses to go on where the live ones are weaker.

    protection.py apply FILE
    protection.py check FILE ENVIRONMENT...

It needs the variable MLP_PROTECTION_TOKEN: a token of the project with the scope `api` (`read_api` to check), of
somebody who maintains it. A failed deployment that is held is opened by the variable MLP_OPENED, its number.
"""

import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

MAINTAINER = 40

# Who made a change, or set off its pipeline, does not say yes to it.
# https://docs.gitlab.com/api/projects, https://docs.gitlab.com/api/merge_request_approvals
OF_PROJECT = {"allow_pipeline_trigger_approve_deployment": (False, "who started a pipeline may approve its deployment")}
OF_APPROVALS = {
    "merge_requests_author_approval": (False, "who opened a merge request may approve it"),
    "merge_requests_disable_committers_approval": (True, "who wrote a commit may approve it"),
}


def call(path, method="GET", body=None):
    """What GitLab answers; None where there is no such thing."""
    base = os.environ.get("CI_API_V4_URL", "https://gitlab.com/api/v4")
    token = os.environ.get("MLP_PROTECTION_TOKEN")
    if not token:
        sys.exit("MLP_PROTECTION_TOKEN is not set, so the rules of the project cannot be read")
    request = urllib.request.Request(
        f"{base}/{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"PRIVATE-TOKEN": token, "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
            return json.loads(text) if text else {}
    except urllib.error.HTTPError as error:
        if error.code == 404 and method in ("GET", "DELETE"):
            return None
        sys.exit(f"{method} {path}: GitLab answered {error.code}: {error.read().decode(errors='replace')}")
    except (OSError, ValueError) as error:
        sys.exit(f"{method} {path}: {error}")


def quoted(text):
    return urllib.parse.quote(text, safe="")


def group(path):
    """The number of a group."""
    found = call(f"groups/{quoted(path)}?with_projects=false")
    if found is None:
        sys.exit(f"there is no group {path} on GitLab, or the token may not see it")
    return found["id"]


def asks_others(environments):
    return any(wanted["approvals"] for wanted in environments)


def apply(rules):
    project = f"projects/{quoted(rules['project'])}"
    if asks_others(rules["environments"]):
        print("approvals are of others than who made the change")
        call(project, "PUT", {name: wanted for name, (wanted, _) in OF_PROJECT.items()})
        call(f"{project}/approvals", "POST", {name: wanted for name, (wanted, _) in OF_APPROVALS.items()})
    for wanted in rules["environments"]:
        print(f"environment {wanted['name']}")
        if not wanted["starters"] and not wanted["approvals"]:
            continue
        starters = [{"group_id": group(path)} for path in wanted["starters"]] or [{"access_level": MAINTAINER}]
        approvals = [
            {"group_id": group(one["group"]), "required_approvals": one["required"]} for one in wanted["approvals"]
        ]
        call(f"{project}/protected_environments/{quoted(wanted['name'])}", "DELETE")
        body = {"name": wanted["name"], "deploy_access_levels": starters, "approval_rules": approvals}
        call(f"{project}/protected_environments", "POST", body)


def faults(project, wanted):
    """Where the live rules are weaker than those that are wanted."""
    if wanted["starters"] or wanted["approvals"]:
        live = call(f"{project}/protected_environments/{quoted(wanted['name'])}")
        if live is None:
            yield "it is not protected"
            return
        allowed = {group(path) for path in wanted["starters"]}
        for level in live.get("deploy_access_levels", []):
            if allowed and level.get("group_id") not in allowed:
                yield f"{level.get('access_level_description', 'somebody else')} may deploy"
        rules = live.get("approval_rules", [])
        for approval in wanted["approvals"]:
            number = group(approval["group"])
            given = sum(rule["required_approvals"] for rule in rules if rule.get("group_id") == number)
            if given < approval["required"]:
                yield f"{approval['required']} of {approval['group']} have to approve, and GitLab asks {given}"
    if wanted["hold"]:
        query = urllib.parse.urlencode({"environment": wanted["name"], "order_by": "id", "sort": "desc"})
        for deployment in call(f"{project}/deployments?{query}") or []:
            if deployment["status"] in ("success", "failed"):
                if deployment["status"] == "failed" and os.environ.get("MLP_OPENED") != str(deployment["id"]):
                    yield f"deployment {deployment['id']} failed, and is held until MLP_OPENED is {deployment['id']}"
                return


def self_approvals(project):
    """Where somebody may approve what is their own."""
    for path, rules in [(project, OF_PROJECT), (f"{project}/approvals", OF_APPROVALS)]:
        live = call(path) or {}
        for name, (wanted, fault) in rules.items():
            if live.get(name) is not wanted:
                yield fault


def check(rules, names):
    project = f"projects/{quoted(rules['project'])}"
    weaker = False
    if asks_others(wanted for wanted in rules["environments"] if wanted["name"] in names):
        for fault in self_approvals(project):
            print(f"project {rules['project']}: {fault}", file=sys.stderr)
            weaker = True
    for wanted in rules["environments"]:
        for fault in faults(project, wanted) if wanted["name"] in names else ():
            print(f"environment {wanted['name']}: {fault}", file=sys.stderr)
            weaker = True
    sys.exit(weaker)


def main(arguments):
    if len(arguments) < 2 or arguments[0] not in ("apply", "check"):
        sys.exit(__doc__)
    with open(arguments[1], encoding="utf-8") as file:
        rules = json.load(file)
    if arguments[0] == "apply":
        apply(rules)
    else:
        check(rules, arguments[2:])


if __name__ == "__main__":
    main(sys.argv[1:])
