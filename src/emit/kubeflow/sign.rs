//! Kubeflow's own signs for what only it knows, by the functions of `std.run`.

/// A function, and what stands between the braces of its sign.
const SIGNS: &[(&str, &str)] = &[
    ("run_id", "$.pipeline_job_uuid"),
    ("run_name", "$.pipeline_job_name"),
    ("run_resource", "$.pipeline_job_resource_name"),
    ("run_root", "$.pipeline_root"),
    ("task_name", "$.pipeline_task_name"),
    ("task_id", "$.pipeline_task_uuid"),
    ("created_at", "$.pipeline_job_create_time_utc"),
    ("scheduled_at", "$.pipeline_job_schedule_time_utc"),
    ("workspace_path", "$.workspace_path"),
    ("executor_input", "$"),
    ("output_file", "$.outputs.output_file"),
];

/// The sign of a function; of `placeholder` the one that it names.
pub fn write(function: &str, named: Option<&str>) -> String {
    let known = SIGNS.iter().find(|(name, _)| *name == function).map(|(_, sign)| *sign);
    format!("{{{{{}}}}}", named.or(known).unwrap_or(function))
}

/// The function of `std.run` that a sign, without its braces, is of; none: `placeholder` names it.
pub fn read(inside: &str) -> Option<&'static str> {
    SIGNS.iter().find(|(_, sign)| *sign == inside).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_comes_back() {
        for (name, sign) in SIGNS {
            assert_eq!((write(name, None), read(sign)), (format!("{{{{{sign}}}}}"), Some(*name)));
        }
        assert_eq!(write("placeholder", Some("$.x")), "{{$.x}}");
        assert_eq!(read("$.x"), None);
    }
}
