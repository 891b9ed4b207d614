#!/usr/bin/env bash
# Reads a secret by the command line of whoever keeps it, masks every line of it in the log, and gives it to later steps as the
# output `value`. It is printed nowhere, and is in no file but the runner's own for outputs.
#
#   SECRET=its-name KEY=key-of-an-object read-secret.sh PROGRAM ARGUMENT…
#
# Where a role is named, it logs in by a short-lived token of this job; else the command line is logged in already.
set -euo pipefail
umask 077

fail() {
  echo "::error::the secret ${SECRET} cannot be read: $1"
  exit 1
}

# A variable that the repository does not set hides none of the machine's settings.
for name in "${!VAULT_@}" "${!GCP_@}" "${!AWS_@}" "${!AZURE_@}"; do
  if [[ -z "${!name}" ]]; then
    unset "${name}"
  fi
done

folder="$(mktemp -d)"
trap 'rm -rf -- "${folder}"' EXIT

mask() {
  local line
  while IFS= read -r line || [[ -n "${line}" ]]; do
    line="${line//$'\r'/}"
    if [[ -n "${line}" ]]; then
      printf '::add-mask::%s\n' "${line//%/%25}"
    fi
  done <<< "$1"
}

# A short-lived token of this job for an audience, into the file `token`.
prove() {
  local audience given
  if [[ -z "${ACTIONS_ID_TOKEN_REQUEST_URL:-}" ]]; then
    fail 'GitHub gives this job no token; it needs the permission id-token: write'
  fi
  audience="$(jq --null-input --raw-output --arg audience "$1" '$audience | @uri')"
  given="$(printf 'header = "Authorization: bearer %s"\n' "${ACTIONS_ID_TOKEN_REQUEST_TOKEN}" \
    | curl --config - --silent --show-error --fail --retry 3 --max-time 60 "${ACTIONS_ID_TOKEN_REQUEST_URL}&audience=${audience}" \
    | jq --raw-output '.value // empty')" || fail 'GitHub gave no token'
  mask "${given}"
  printf '%s' "${given}" > "${folder}/token"
}

program="$1"
if ! command -v -- "${program}" > /dev/null; then
  fail "the program ${program} is not on this machine"
fi
case "${program}" in
  vault)
    if [[ -n "${VAULT_AUTH_ROLE:-}" ]]; then
      prove "${VAULT_ADDR:-}"
      VAULT_TOKEN="$(vault write -field=token "auth/${VAULT_AUTH_PATH:-jwt}/login" "role=${VAULT_AUTH_ROLE}" "jwt=@${folder}/token")" \
        || fail 'Vault refused the login'
      mask "${VAULT_TOKEN}"
      export VAULT_TOKEN
    fi
    ;;
  gcloud)
    if [[ -n "${GCP_WORKLOAD_IDENTITY_PROVIDER:-}" ]]; then
      prove "https://iam.googleapis.com/${GCP_WORKLOAD_IDENTITY_PROVIDER}"
      gcloud iam workload-identity-pools create-cred-config "${GCP_WORKLOAD_IDENTITY_PROVIDER}" --quiet \
        ${GCP_SERVICE_ACCOUNT:+"--service-account=${GCP_SERVICE_ACCOUNT}"} \
        "--credential-source-file=${folder}/token" "--output-file=${folder}/google.json" || fail 'Google refused the login'
      export CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE="${folder}/google.json"
    fi
    ;;
  aws)
    export AWS_PAGER=''
    if [[ -n "${AWS_REGION:-}" ]]; then
      export AWS_DEFAULT_REGION="${AWS_REGION}"
    fi
    if [[ -n "${AWS_ROLE_ARN:-}" ]]; then
      prove sts.amazonaws.com
      export AWS_WEB_IDENTITY_TOKEN_FILE="${folder}/token" AWS_ROLE_SESSION_NAME="github-${GITHUB_RUN_ID}"
    fi
    ;;
  az)
    if [[ -n "${AZURE_CLIENT_ID:-}" ]]; then
      prove api://AzureADTokenExchange
      export AZURE_CONFIG_DIR="${folder}/azure"
      az login --service-principal --username "${AZURE_CLIENT_ID}" --tenant "${AZURE_TENANT_ID:-}" \
        --federated-token "$(< "${folder}/token")" --allow-no-subscriptions --output none || fail 'Azure refused the login'
    fi
    ;;
  *) fail "nobody knows how ${program} logs in" ;;
esac

value="$("$@")" || fail "${program} refused"
if [[ "${program}" == aws || "${program}" == az ]]; then
  # What jq says of a text that it cannot read would show the text.
  value="$(printf '%s' "${value}" | jq --raw-output --arg key "${KEY:-}" '
    if $key == "" or . == null then . // ""
    else (try fromjson catch null) | (try .[$key] catch null)
      | if type == "string" then . elif type == "number" or type == "boolean" then tojson else "" end
    end' 2> /dev/null)" || fail "${program} gave no JSON"
fi
if [[ -z "${value//[$'\r\n']/}" ]]; then
  fail "there is nothing in it${KEY:+ under the key ${KEY}}"
fi
mask "${value}"
end="END_$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
printf 'value<<%s\n%s\n%s\n' "${end}" "${value}" "${end}" >> "${GITHUB_OUTPUT}"
