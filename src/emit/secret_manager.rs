//! Managers of secrets, each with a command line of its own: HashiCorp's Vault, Google's Secret Manager, AWS Secrets Manager, Azure's
//! Key Vault.
//!
//! In: the home of a secret. Out: the command that reads it, and what its answer means. It refuses to know who runs the command: a
//! machine of GitHub's and `mlp` itself read by the same words.

use serde_json::Value;

use crate::plan::Form;

/// Who keeps a secret outside the host of CI and outside the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretManager<'p> {
    /// `vault(path, key, mount)`
    Vault {
        /// Where it lies in its engine.
        path: &'p str,
        /// Which of its values.
        key: &'p str,
        /// Where the engine is mounted.
        mount: &'p str,
    },
    /// `google_secret(project, name, version)`
    Google {
        /// The project.
        project: &'p str,
        /// Its name.
        name: &'p str,
        /// A number, an alias or `latest`.
        version: &'p str,
    },
    /// `aws_secret(name, key, region)`
    Aws {
        /// Its name or its ARN.
        name: &'p str,
        /// The key of a secret that is an object of JSON; none: the whole.
        key: Option<&'p str>,
        /// Where it is; none: as whoever reads it is set.
        region: Option<&'p str>,
    },
    /// `azure_secret(vault, name)`
    Azure {
        /// The key vault.
        vault: &'p str,
        /// Its name.
        name: &'p str,
    },
}

impl<'p> SecretManager<'p> {
    /// Who keeps the secrets of a home; none: whoever reads it has it already, or a cluster has.
    pub fn of(home: &'p Form) -> Option<Self> {
        let maybe = |name: &str| home.arguments.get(name).and_then(Value::as_str);
        let text = |name: &str| maybe(name).unwrap_or_default();
        match home.form.as_str() {
            "vault" => Some(Self::Vault { path: text("path"), key: text("key"), mount: text("mount") }),
            "google_secret" => {
                Some(Self::Google { project: text("project"), name: text("name"), version: text("version") })
            }
            "aws_secret" => Some(Self::Aws { name: text("name"), key: maybe("key"), region: maybe("region") }),
            "azure_secret" => Some(Self::Azure { vault: text("vault"), name: text("name") }),
            _ => None,
        }
    }

    /// The command that prints it.
    pub fn command(&self) -> Vec<String> {
        match self {
            Self::Vault { path, key, mount } => {
                vec![
                    "vault".into(),
                    "kv".into(),
                    "get".into(),
                    format!("-mount={mount}"),
                    format!("-field={key}"),
                    (*path).into(),
                ]
            }
            Self::Google { project, name, version } => {
                let mut words = ["gcloud", "secrets", "versions", "access", version].map(String::from).to_vec();
                words.extend([format!("--secret={name}"), format!("--project={project}"), "--quiet".into()]);
                words
            }
            Self::Aws { name, region, .. } => {
                let mut words = vec![
                    "aws".into(),
                    "secretsmanager".into(),
                    "get-secret-value".into(),
                    format!("--secret-id={name}"),
                ];
                words.extend(region.map(|region| format!("--region={region}")));
                words.extend(["--query=SecretString", "--output=json"].map(String::from));
                words
            }
            Self::Azure { vault, name } => {
                let mut words = ["az", "keyvault", "secret", "show"].map(String::from).to_vec();
                words.extend([format!("--vault-name={vault}"), format!("--name={name}")]);
                words.extend(["--query=value", "--output=json"].map(String::from));
                words
            }
        }
    }

    /// Whether the command prints JSON: a text, or null. A command that prints plain text adds or swallows line ends.
    pub fn answers_json(&self) -> bool {
        matches!(self, Self::Aws { .. } | Self::Azure { .. })
    }

    /// The key of a secret that is an object of JSON.
    pub fn key(&self) -> Option<&'p str> {
        match self {
            Self::Aws { key, .. } => *key,
            _ => None,
        }
    }

    /// The secret in what the command printed, without the line ends after it; none: there is nothing, or not what was asked for.
    pub fn value(&self, printed: &[u8]) -> Option<String> {
        let printed = std::str::from_utf8(printed).ok()?;
        let value = match self.answers_json() {
            false => printed.to_owned(),
            true => serde_json::from_str::<Option<String>>(printed).ok()??,
        };
        let value = match self.key() {
            None => value,
            Some(key) => match serde_json::from_str::<Value>(&value).ok()?.get(key)? {
                Value::String(text) => text.clone(),
                scalar @ (Value::Number(_) | Value::Bool(_)) => scalar.to_string(),
                _ => return None,
            },
        };
        Some(value.trim_end_matches(['\r', '\n']).to_owned()).filter(|value| !value.is_empty())
    }
}

/// What to do about a secret that a pod cannot read where it is kept.
pub(crate) fn help_for_pods(secret: &str) -> String {
    format!(
        "pods read secrets of Kubernetes: let the External Secrets Operator copy it into one, and bind that: `secret {secret} = \
         kubernetes_secret(name: \"…\", key: \"…\")`"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const AWS: SecretManager = SecretManager::Aws { name: "n", key: None, region: None };
    const KEYED: SecretManager = SecretManager::Aws { name: "n", key: Some("a"), region: Some("eu-west-1") };
    const VAULT: SecretManager = SecretManager::Vault { path: "ml/slack", key: "token", mount: "secret" };

    #[test]
    fn a_command_says_where_the_secret_is() {
        assert_eq!(VAULT.command().join(" "), "vault kv get -mount=secret -field=token ml/slack");
        let google = SecretManager::Google { project: "acme", name: "slack", version: "latest" };
        assert_eq!(
            google.command().join(" "),
            "gcloud secrets versions access latest --secret=slack --project=acme --quiet"
        );
        assert_eq!(
            KEYED.command().join(" "),
            "aws secretsmanager get-secret-value --secret-id=n --region=eu-west-1 --query=SecretString --output=json"
        );
        let azure = SecretManager::Azure { vault: "acme", name: "slack" };
        assert_eq!(
            azure.command().join(" "),
            "az keyvault secret show --vault-name=acme --name=slack --query=value --output=json"
        );
    }

    #[test]
    fn a_value_is_what_was_kept_and_nothing_else() {
        let lines = "it's \"a\" $(touch x)\n  second\n";
        assert_eq!(VAULT.value(lines.as_bytes()).as_deref(), Some(lines.trim_end()));
        let json = serde_json::to_vec(lines).expect("a text is JSON");
        assert_eq!(AWS.value(&json).as_deref(), Some(lines.trim_end()));
        let object = serde_json::to_vec(r#"{"a": "x\ny", "b": {}}"#).expect("a text is JSON");
        assert_eq!(KEYED.value(&object).as_deref(), Some("x\ny"));
        for nothing in ["", "\n", "null", "\"\"", "\"\\n\"", "{}", "\"no json\"", "\"{}\"", "\"[1]\""] {
            assert_eq!(KEYED.value(nothing.as_bytes()), None, "{nothing}");
        }
        assert_eq!((AWS.value(b"null"), VAULT.value(b"\n"), VAULT.value(b"\xff")), (None, None, None));
    }
}
