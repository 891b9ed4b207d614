//! Every row as values, for whoever measures them.

use std::fs::File;

use parquet::file::reader::{FileReader, SerializedFileReader};

use super::caught::caught;
use super::rows::Rows;
use super::shape::Shape;
use super::{is_whole, shut, why};
use crate::model::Value;
use crate::plan::Contract;
use crate::run::data::cell;

/// Shows at most so many rows: a value for each column of the contract. The error says why there are no more.
pub(in crate::run::data) fn walk(
    contract: &Contract,
    mut file: File,
    most: usize,
    see: &mut dyn FnMut(&mut [Value]),
) -> Result<(), String> {
    match is_whole(&mut file) {
        Ok(true) => {
            caught(|| each(contract, file, most, see)).unwrap_or_else(|panic| Err(format!("it is damaged: {panic}")))
        }
        Ok(false) => Err("it begins as Parquet and does not end as Parquet: it was cut off".to_owned()),
        Err(error) => Err(format!("it cannot be read: {error}")),
    }
}

fn each(contract: &Contract, file: File, most: usize, see: &mut dyn FnMut(&mut [Value])) -> Result<(), String> {
    let reader = SerializedFileReader::new(file).map_err(why)?;
    let schema = reader.metadata().file_metadata().schema();
    let names: Vec<_> = schema.get_fields().iter().map(|column| column.name()).collect();
    let mut all: Vec<_> = Shape::of(schema).into_iter().map(Some).collect();
    let shape = |name: &String| names.iter().position(|other| other == name).and_then(|at| all.get_mut(at)?.take());
    let shapes: Vec<Option<Shape>> = contract.columns.iter().map(|column| &column.field.name).map(shape).collect();
    if let Some(why) = shut(&shapes.iter().flatten().collect::<Vec<_>>(), &reader) {
        return Err(why);
    }
    let mut left = most;
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group).map_err(why)?;
        let mut rows = Rows::open(&*group, shapes.iter().flatten()).map_err(why)?;
        for _ in 0..group.metadata().num_rows() {
            if left == 0 {
                return Ok(());
            }
            left -= 1;
            let value = |(column, shape): (_, &Option<Shape>)| match shape.as_ref().map(|shape| rows.next(shape)) {
                None => Ok(Value::None),
                Some(Ok(Ok(json))) => Ok(cell::of_json(column, &json)),
                Some(Ok(Err(_))) => Ok(Value::Unknown),
                Some(Err(error)) => Err(why(error)),
            };
            let values: Result<Vec<_>, _> = contract.columns.iter().zip(&shapes).map(value).collect();
            see(&mut values?);
        }
    }
    Ok(())
}
