//! What only Kubernetes knows of: the second document.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{EnvVar, Int64, TaskInputParameter, TaskOutputParameter, messages};

messages! {
    /// The second document.
    PlatformSpec {
        platforms: Platforms,
    }

    /// A platform of each kind.
    Platforms {
        kubernetes: KubernetesSpec,
    }

    /// The platform that is a cluster.
    KubernetesSpec {
        deployment_spec: KubernetesDeployment,
        pipeline_config: PipelineConfig,
    }

    /// What executors need of it, by their labels.
    KubernetesDeployment {
        executors: BTreeMap<String, KubernetesExecutor>,
    }

    /// What a run needs of it.
    PipelineConfig {
        active_deadline_seconds: i32,
        resource_ttl_on_completion: i32,
        resource_ttl_on_failure: i32,
        resource_ttl_on_success: i32,
        workspace: Option<Workspace>,
    }

    /// A volume that every task of a run sees.
    Workspace {
        kubernetes: Option<KubernetesWorkspace>,
        size: String,
    }

    /// How the volume is claimed.
    KubernetesWorkspace {
        pvc_spec_patch: BTreeMap<String, Value>,
    }

    /// What an executor needs of the cluster.
    KubernetesExecutor {
        active_deadline_seconds: Int64,
        config_map_as_env: Vec<ConfigMapAsEnv>,
        config_map_as_volume: Vec<ConfigMapAsVolume>,
        empty_dir_mounts: Vec<EmptyDirMount>,
        enabled_shared_memory: Option<EnabledSharedMemory>,
        field_path_as_env: Vec<FieldPathAsEnv>,
        generic_ephemeral_volume: Vec<GenericEphemeralVolume>,
        image_pull_policy: String,
        image_pull_secret: Vec<ImagePullSecret>,
        init_containers: Vec<InitContainer>,
        node_affinity: Vec<NodeAffinityTerm>,
        node_selector: NodeSelector,
        pod_affinity: Vec<Value>,
        pod_metadata: PodMetadata,
        pvc_mount: Vec<PvcMount>,
        secret_as_env: Vec<SecretAsEnv>,
        secret_as_volume: Vec<SecretAsVolume>,
        security_context: Option<SecurityContext>,
        tolerations: Vec<Toleration>,
    }

    /// Keys of a secret as environment variables; `secretName` is for servers before 2.5.
    SecretAsEnv {
        key_to_env: Vec<SecretKeyToEnv>,
        optional: Option<bool>,
        secret_name: String,
        secret_name_parameter: Option<TaskInputParameter>,
    }

    /// A key of a secret.
    SecretKeyToEnv {
        env_var: String,
        secret_key: String,
    }

    /// A secret as files.
    SecretAsVolume {
        mount_path: String,
        optional: Option<bool>,
        secret_name: String,
        secret_name_parameter: Option<TaskInputParameter>,
    }

    /// Keys of a config map as environment variables.
    ConfigMapAsEnv {
        config_map_name: String,
        config_map_name_parameter: Option<TaskInputParameter>,
        key_to_env: Vec<ConfigMapKeyToEnv>,
        optional: Option<bool>,
    }

    /// A key of a config map.
    ConfigMapKeyToEnv {
        config_map_key: String,
        env_var: String,
    }

    /// A config map as files.
    ConfigMapAsVolume {
        config_map_name: String,
        config_map_name_parameter: Option<TaskInputParameter>,
        mount_path: String,
        optional: Option<bool>,
    }

    /// A claimed volume.
    PvcMount {
        component_input_parameter: String,
        constant: String,
        mount_path: String,
        pvc_name_parameter: Option<TaskInputParameter>,
        sub_path: String,
        task_output_parameter: Option<TaskOutputParameter>,
    }

    /// Nodes with these labels.
    NodeSelector {
        labels: BTreeMap<String, String>,
        node_selector_json: Option<TaskInputParameter>,
    }

    /// Labels and annotations.
    PodMetadata {
        annotations: BTreeMap<String, String>,
        labels: BTreeMap<String, String>,
    }

    /// A secret that images are pulled with.
    ImagePullSecret {
        secret_name: String,
        secret_name_parameter: Option<TaskInputParameter>,
    }

    /// What the pod knows of itself.
    FieldPathAsEnv {
        field_path: String,
        name: String,
    }

    /// A taint that does not keep it away.
    Toleration {
        effect: String,
        key: String,
        operator: String,
        toleration_json: Option<TaskInputParameter>,
        toleration_seconds: Option<Int64>,
        value: String,
    }

    /// A volume that lives as long as the pod.
    GenericEphemeralVolume {
        access_modes: Vec<String>,
        default_storage_class: bool,
        metadata: PodMetadata,
        mount_path: String,
        size: String,
        storage_class_name: String,
        volume_name: String,
    }

    /// Nodes that it wants or prefers.
    NodeAffinityTerm {
        match_expressions: Vec<SelectorRequirement>,
        match_fields: Vec<SelectorRequirement>,
        node_affinity_json: Option<TaskInputParameter>,
        weight: Option<f64>,
    }

    /// What must hold of a label.
    SelectorRequirement {
        key: String,
        operator: String,
        values: Vec<String>,
    }

    /// An empty folder.
    EmptyDirMount {
        medium: Option<String>,
        mount_path: String,
        size_limit: Option<String>,
        volume_name: String,
    }

    /// Memory that processes share.
    EnabledSharedMemory {
        size: String,
        volume_name: String,
    }

    /// A container that runs before the step's; with `restartPolicy: Always`, beside it.
    InitContainer {
        args: Vec<String>,
        command: Vec<String>,
        env: Vec<EnvVar>,
        image: String,
        name: String,
        resources: Option<ResourceRequirements>,
        restart_policy: String,
        volume_mounts: Vec<VolumeMount>,
    }

    /// What such a container may use.
    ResourceRequirements {
        limits: BTreeMap<String, String>,
        requests: BTreeMap<String, String>,
    }

    /// Where such a container sees a volume.
    VolumeMount {
        mount_path: String,
        volume_name: String,
    }

    /// As whom it runs.
    SecurityContext {
        run_as_group: Option<Int64>,
        run_as_non_root: Option<bool>,
        run_as_user: Option<Int64>,
    }
}
