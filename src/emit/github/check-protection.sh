#!/usr/bin/env bash
# Refuses to go on where the live rules of some environments are weaker than those of the file that is named, where
# approvals came from fewer people than were asked, or where a failure is still held.
#
#   REPOSITORY=owner/name RUN_ID=… check-protection.sh FILE ENVIRONMENT…
set -euo pipefail

rules="$1"
shift
weaker=0
refuse() {
  echo "::error::$1"
  weaker=1
}

approving='[]'
for name in "$@"; do
  wanted="$(jq --compact-output --exit-status --arg name "${name}" '.environments[] | select(.name == $name)' "${rules}")"
  encoded="$(jq --raw-output '.name | @uri' <<< "${wanted}")"
  path="repos/${REPOSITORY}/environments/${encoded}"
  live="$(gh api "${path}")"
  branches='[]'
  if [[ "$(jq '.deployment_branch_policy.custom_branch_policies == true' <<< "${live}")" == true ]]; then
    branches="$(gh api "${path}/deployment-branch-policies" | jq --compact-output '[.branch_policies[].name]')"
  fi

  faults="$(jq --raw-output --argjson wanted "${wanted}" --argjson branches "${branches}" '
    def rule($type): first(.protection_rules[]? | select(.type == $type)) // {};
    (rule("required_reviewers")) as $asks
    | [$asks.reviewers[]? | if .type == "Team" then .reviewer.slug else "user \(.reviewer.login)" end] as $people
    | [$wanted.reviewers[] | split("/")[-1]] as $teams
    | if $teams != [] and $people == [] then "nobody is asked" else empty end,
      (if $teams == [] then empty else $people - $teams | .[] | "\(.) may say yes" end),
      (if $wanted.approval and ($asks.prevent_self_review | not) then "who made the change may say yes" else empty end),
      (if (rule("wait_timer").wait_timer // 0) < $wanted.wait_timer then "it waits for less than \($wanted.wait_timer) minutes" else empty end),
      (if $wanted.branches == [] then empty
       elif $branches == [] then "any branch may use it"
       else $branches - $wanted.branches | .[] | "branch \(.) may use it" end)' <<< "${live}")"
  while IFS= read -r fault; do
    if [[ -n "${fault}" ]]; then
      refuse "environment ${name}: ${fault}"
    fi
  done <<< "${faults}"

  if [[ "$(jq '.approval' <<< "${wanted}")" == true ]]; then
    approving="$(jq --compact-output --arg name "${name}" '. + [$name]' <<< "${approving}")"
  fi

  if [[ "$(jq '.hold' <<< "${wanted}")" == true ]]; then
    while IFS= read -r deployment; do
      state="$(gh api "repos/${REPOSITORY}/deployments/${deployment}/statuses?per_page=1" | jq --raw-output '.[0].state // "pending"')"
      case "${state}" in
        in_progress | queued | pending | waiting) continue ;;
        failure | error)
          refuse "environment ${name} is held since deployment ${deployment} failed; to open it: gh api --method POST repos/${REPOSITORY}/deployments/${deployment}/statuses --field state=inactive"
          ;;
        *) ;;
      esac
      break
    done < <(gh api "repos/${REPOSITORY}/deployments?environment=${encoded}&per_page=30" | jq '.[].id')
  fi
done

if [[ "${approving}" != '[]' ]]; then
  people="$(gh api "repos/${REPOSITORY}/actions/runs/${RUN_ID}/approvals" | jq --argjson approving "${approving}" '
    [.[] | select(.state == "approved" and any(.environments[]; .name | IN($approving[]))) | .user.login] | unique | length')"
  needed="$(jq 'length' <<< "${approving}")"
  if ((people < needed)); then
    refuse "${needed} different people have to approve, and ${people} did"
  fi
fi

exit "${weaker}"
