//! The one edge of a promotion that a command speaks of.

use crate::diagnostics::did_you_mean;
use crate::plan::{Edge, Plan};

/// The edge from one environment, or from `ci`, to another; `which` chooses among several.
pub(super) fn edge<'p>(plan: &'p Plan, (from, to): (&str, &str), which: Option<&str>) -> Result<&'p Edge, String> {
    let names = plan.environments.iter().map(|environment| environment.name.as_str());
    for name in [from, to] {
        if name != "ci" && !names.clone().any(|known| known == name) {
            let near = did_you_mean(name, names).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            return Err(format!("the project has no environment `{name}`{near}"));
        }
    }
    let leaves = |edge: &Edge| match from {
        "ci" => edge.from.is_empty(),
        from => edge.from.iter().any(|one| one == from),
    };
    let all = plan.delivery.promotions.iter().flat_map(|promotion| {
        let pipelines = promotion.pipelines.join(",");
        promotion.edges.iter().map(move |edge| (format!("{pipelines}/{}", edge.id), edge))
    });
    let found: Vec<(String, &Edge)> = all.filter(|(_, edge)| edge.to == to && leaves(edge)).collect();
    let listed = || found.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let is_meant = |(name, edge): &&(String, &Edge)| which.is_none_or(|which| which == name || which == edge.id);
    let meant: Vec<&Edge> = found.iter().filter(is_meant).map(|(_, edge)| *edge).collect();
    match (meant.as_slice(), which) {
        ([edge], _) => Ok(edge),
        (_, _) if found.is_empty() => Err(format!("no promotion leads from `{from}` to `{to}`")),
        ([], Some(which)) => Err(format!("no edge from `{from}` to `{to}` is called `{which}`; there is {}", listed())),
        _ => Err(format!("several edges lead from `{from}` to `{to}`; choose one by --edge: {}", listed())),
    }
}
