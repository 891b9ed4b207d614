//! Which of a file's columns are the contract's.

use super::faults::Faults;
use crate::plan::{Column, Contract};

/// Where each column is; nothing where one that must be there is not, or is there twice. `place` is what holds the names.
pub(super) fn columns<'c>(
    contract: &'c Contract,
    place: &str,
    names: &[impl AsRef<str>],
    faults: &mut Faults,
) -> Option<Vec<(usize, &'c Column)>> {
    let (mut found, mut whole) = (Vec::new(), true);
    for column in &contract.columns {
        let name = &column.field.name;
        let mut places = (0..names.len()).filter(|at| names[*at].as_ref() == name);
        match (places.next(), places.next()) {
            (Some(at), None) => found.push((at, column)),
            (None, _) if column.field.optional => {}
            (None, _) => {
                whole = false;
                let names: Vec<_> = names.iter().map(AsRef::as_ref).collect();
                faults.whole(|| format!("it has no column {name}: its {place} has {}", names.join(", ")));
            }
            (Some(_), Some(_)) => {
                whole = false;
                faults.whole(|| format!("it has the column {name} twice"));
            }
        }
    }
    whole.then_some(found)
}
