//! How a pod sees the artifacts: as volumes of Kubernetes' model.
//!
//! In: what every pod of a DAG shares. Out: Python expressions. It refuses to know which pod asks.

use super::model::{MOUNT, PodDefaults, Volume};
use crate::text::python::Expression;

/// The annotation by which the cluster mounts a bucket.
pub(super) fn annotations(pods: &PodDefaults) -> Option<(String, String)> {
    let annotated = matches!(pods.volume, Some(Volume::GcsBucket { .. }));
    annotated.then(|| ("gke-gcsfuse/volumes".to_owned(), "true".to_owned()))
}

/// The volume where artifacts are, and where it is mounted.
pub(super) fn artifacts(pods: &PodDefaults) -> (Option<Expression>, Option<Expression>) {
    (pods.volume.as_ref().map(volume), pods.volume.as_ref().map(|_| mount()))
}

fn volume(volume: &Volume) -> Expression {
    let named = Expression::name("k8s.V1Volume").with("name", Expression::text("artifacts"));
    match volume {
        Volume::GcsBucket { bucket, folder } => {
            let only = folder.as_ref().map_or(String::new(), |folder| format!(",only-dir:{folder}"));
            let options = format!("implicit-dirs,file-mode=666,dir-mode=777{only}");
            let attributes = [("bucketName", bucket.as_str()), ("mountOptions", &options)];
            let attributes = attributes.map(|(key, value)| (Expression::text(key), Expression::text(value)));
            let source = Expression::name("k8s.V1CSIVolumeSource");
            let source = source.with("driver", Expression::text("gcsfuse.csi.storage.gke.io"));
            named.with("csi", source.with("volume_attributes", Expression::Dict(attributes.into())))
        }
        Volume::HostFolder(path) => {
            let source = Expression::name("k8s.V1HostPathVolumeSource").with("path", Expression::text(path));
            named.with("host_path", source.with("type", Expression::text("DirectoryOrCreate")))
        }
    }
}

fn mount() -> Expression {
    let mount = Expression::name("k8s.V1VolumeMount").with("name", Expression::text("artifacts"));
    mount.with("mount_path", Expression::text(MOUNT))
}
