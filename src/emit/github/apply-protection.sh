#!/usr/bin/env bash
# Gives the environments of the repository the rules of the file that is named, with the GitHub command line of
# somebody who may administer the repository. Run it again whenever the file has changed.
#
#   apply-protection.sh FILE
set -euo pipefail

rules="$1"
repository="$(jq --raw-output '.repository' "${rules}")"
count="$(jq '.environments | length' "${rules}")"

for ((index = 0; index < count; index++)); do
  environment="$(jq --compact-output --argjson index "${index}" '.environments[$index]' "${rules}")"
  name="$(jq --raw-output '.name' <<< "${environment}")"
  path="repos/${repository}/environments/$(jq --raw-output '.name | @uri' <<< "${environment}")"
  echo "environment ${name}"

  reviewers='[]'
  while IFS= read -r team; do
    id="$(gh api "orgs/${team%%/*}/teams/${team#*/}" --jq '.id')"
    reviewers="$(jq --compact-output --argjson id "${id}" '. + [{type: "Team", id: $id}]' <<< "${reviewers}")"
  done < <(jq --raw-output '.reviewers[]' <<< "${environment}")

  jq --argjson reviewers "${reviewers}" '{
    wait_timer,
    prevent_self_review: .approval,
    reviewers: $reviewers,
    deployment_branch_policy:
      (if .branches == [] then null else {protected_branches: false, custom_branch_policies: true} end)
  }' <<< "${environment}" | gh api --method PUT "${path}" --input - > /dev/null

  if [[ "$(jq '.branches | length' <<< "${environment}")" != 0 ]]; then
    live="$(gh api "${path}/deployment-branch-policies")"
    while IFS= read -r id; do
      gh api --method DELETE "${path}/deployment-branch-policies/${id}"
    done < <(jq --argjson wanted "${environment}" '.branch_policies[] | select(.name | IN($wanted.branches[]) | not) | .id' <<< "${live}")
    while IFS= read -r branch; do
      gh api --method POST "${path}/deployment-branch-policies" --field name="${branch}" --field type=branch > /dev/null
    done < <(jq --raw-output --argjson live "${live}" '.branches[] | select(IN($live.branch_policies[].name) | not)' <<< "${environment}")
  fi

  jq --raw-output '.secrets[] | "  it needs the secret \(.): gh secret set \(.) --env NAME"' <<< "${environment}"
done
