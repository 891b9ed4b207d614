//! The rows of one row group: a column's values put together from its leaves.

use parquet::errors::{ParquetError, Result};
use parquet::file::reader::RowGroupReader;
use serde_json::Value as Json;

use super::leaf::{self, Leaf};
use super::shape::{Repeated, Shape};

/// The leaves that are read, each at its place among all.
pub(super) struct Rows {
    leaves: Vec<Option<Box<dyn Leaf>>>,
    /// What is wrong inside of the value that is being put together.
    wrong: Option<&'static str>,
}

impl Rows {
    /// Opens the leaves of some columns, and no others.
    pub(super) fn open<'s>(group: &dyn RowGroupReader, shapes: impl Iterator<Item = &'s Shape>) -> Result<Rows> {
        let mut leaves: Vec<_> = (0..group.num_columns()).map(|_| None).collect();
        for (at, kind) in shapes.flat_map(Shape::leaves) {
            let place = leaves.get_mut(at).ok_or_else(|| general("a row group has fewer columns than the schema"))?;
            *place = Some(leaf::open(group, at, kind)?);
        }
        Ok(Rows { leaves, wrong: None })
    }

    /// Whether the next value of a column is null.
    pub(super) fn is_null(&mut self, shape: &Shape) -> Result<bool> {
        match shape {
            Shape::Optional(level, of) => Ok(self.levels(of)?.definition < *level),
            _ => Ok(false),
        }
    }

    /// The next value of a column, or what is wrong in it.
    pub(super) fn next(&mut self, shape: &Shape) -> Result<std::result::Result<Json, &'static str>> {
        if self.levels(shape)?.repetition != 0 {
            return Err(general("a column has more values than rows"));
        }
        let value = self.value(shape)?;
        Ok(self.wrong.take().map_or(Ok(value), Err))
    }

    /// Passes over what is null, which has one entry in each leaf.
    fn pass(&mut self, shape: &Shape) -> Result<()> {
        shape.leaves().into_iter().try_for_each(|(at, _)| self.leaf(at)?.next().map(drop))
    }

    fn value(&mut self, shape: &Shape) -> Result<Json> {
        Ok(match shape {
            Shape::Leaf(at, _) => match self.leaf(*at)?.next()? {
                Some(Ok(value)) => value,
                Some(Err(wrong)) => {
                    self.wrong.get_or_insert(wrong);
                    Json::Null
                }
                None => Json::Null,
            },
            Shape::Optional(level, of) if self.levels(of)?.definition < *level => {
                self.pass(of)?;
                Json::Null
            }
            Shape::Optional(_, of) => self.value(of)?,
            Shape::Group(fields) => {
                let fields = fields.iter().map(|(name, field)| Ok((name.clone(), self.value(field)?)));
                Json::Object(fields.collect::<Result<_>>()?)
            }
            Shape::List(level, of) => Json::Array(self.each(*level, &[of])?.into_iter().flatten().collect()),
            Shape::Map(level, key, value) => self.map(*level, key, value)?,
        })
    }

    /// Entries after each other, of so many parts each.
    fn each(&mut self, level: Repeated, parts: &[&Shape]) -> Result<Vec<Vec<Json>>> {
        let mut entries = Vec::new();
        if self.levels(parts[0])?.definition < level.definition {
            parts.iter().try_for_each(|part| self.pass(part))?;
            return Ok(entries);
        }
        loop {
            entries.push(parts.iter().map(|part| self.value(part)).collect::<Result<_>>()?);
            let first = parts[0].first().map(|at| self.leaf(at)?.levels()).transpose()?.flatten();
            if first.is_none_or(|(_, repetition)| repetition < level.repetition) {
                return Ok(entries);
            }
        }
    }

    fn map(&mut self, level: Repeated, key: &Shape, value: &Shape) -> Result<Json> {
        let mut entries = serde_json::Map::new();
        for entry in self.each(level, &[key, value])? {
            match <[Json; 2]>::try_from(entry) {
                Ok([Json::String(key), value]) => drop(entries.insert(key, value)),
                _ => drop(self.wrong.get_or_insert("a key of it is no text")),
            }
        }
        Ok(Json::Object(entries))
    }

    /// The levels of what comes next.
    fn levels(&mut self, shape: &Shape) -> Result<Repeated> {
        let levels = shape.first().map(|at| self.leaf(at)?.levels()).transpose()?.flatten();
        let (definition, repetition) = levels.ok_or_else(|| general("a column has fewer values than rows"))?;
        Ok(Repeated { definition, repetition })
    }

    fn leaf(&mut self, at: usize) -> Result<&mut dyn Leaf> {
        let leaf = self.leaves.get_mut(at).and_then(Option::as_mut);
        leaf.map(|leaf| &mut **leaf as &mut dyn Leaf).ok_or_else(|| general("a column is not there"))
    }
}

fn general(why: &str) -> ParquetError {
    ParquetError::General(why.to_owned())
}
