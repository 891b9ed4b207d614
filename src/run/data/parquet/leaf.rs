//! The values of one leaf in one row group, a few rows at a time.

use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::RowGroupReader;

use super::kind::Kind;
use super::meaning::{Meaning, Meant};

/// How many rows are held at once.
const HELD: usize = 256;

/// The next value of a leaf.
pub(super) trait Leaf {
    /// Its definition and repetition level; none at the end of the row group.
    fn levels(&mut self) -> Result<Option<(i16, i16)>>;
    /// What it means, unless it is null, and on to the one after it.
    fn next(&mut self) -> Result<Option<Meant>>;
}

/// A leaf of a row group, by its place among them.
pub(super) fn open(rows: &dyn RowGroupReader, at: usize, kind: Kind) -> Result<Box<dyn Leaf>> {
    let descriptor = rows.metadata().schema_descr().column(at);
    let most = (descriptor.max_def_level(), descriptor.max_rep_level());
    Ok(match rows.get_column_reader(at)? {
        ColumnReader::BoolColumnReader(reader) => Box::new(Held::new(reader, kind, most)),
        ColumnReader::Int32ColumnReader(reader) => Box::new(Held::new(reader, kind, most)),
        ColumnReader::Int64ColumnReader(reader) => Box::new(Held::new(reader, kind, most)),
        ColumnReader::Int96ColumnReader(reader) => Box::new(Held::new(reader, kind, most)),
        ColumnReader::FloatColumnReader(reader) => Box::new(Held::new(reader, kind, most)),
        ColumnReader::DoubleColumnReader(reader) => Box::new(Held::new(reader, kind, most)),
        ColumnReader::ByteArrayColumnReader(reader) => Box::new(Held::new(reader, kind, most)),
        ColumnReader::FixedLenByteArrayColumnReader(reader) => Box::new(Held::new(reader, kind, most)),
    })
}

/// What was read and is not yet given: a level for each entry, and the values of those that are not null.
struct Held<T: DataType> {
    reader: ColumnReaderImpl<T>,
    kind: Kind,
    most: (i16, i16),
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
    values: Vec<T::T>,
    entries: usize,
    entry: usize,
    value: usize,
}

impl<T: DataType> Held<T> {
    fn new(reader: ColumnReaderImpl<T>, kind: Kind, most: (i16, i16)) -> Self {
        let (definitions, repetitions, values) = (Vec::new(), Vec::new(), Vec::new());
        Held { reader, kind, most, definitions, repetitions, values, entries: 0, entry: 0, value: 0 }
    }

    fn fill(&mut self) -> Result<()> {
        self.definitions.clear();
        self.repetitions.clear();
        self.values.clear();
        (self.entry, self.value) = (0, 0);
        let (definitions, repetitions) = (Some(&mut self.definitions), Some(&mut self.repetitions));
        (_, _, self.entries) = self.reader.read_records(HELD, definitions, repetitions, &mut self.values)?;
        Ok(())
    }
}

impl<T: DataType> Leaf for Held<T>
where
    T::T: Meaning,
{
    fn levels(&mut self) -> Result<Option<(i16, i16)>> {
        if self.entry == self.entries {
            self.fill()?;
        }
        if self.entry == self.entries {
            return Ok(None);
        }
        // A leaf that is always there, or never repeated, has no levels of that sort.
        let level = |most: i16, levels: &[i16]| if most == 0 { Some(0) } else { levels.get(self.entry).copied() };
        let levels = level(self.most.0, &self.definitions).zip(level(self.most.1, &self.repetitions));
        levels.map(Some).ok_or_else(|| ParquetError::General("a value has no levels".to_owned()))
    }

    fn next(&mut self) -> Result<Option<Meant>> {
        let Some((definition, _)) = self.levels()? else {
            return Err(ParquetError::General("a column ends before its rows do".to_owned()));
        };
        self.entry += 1;
        if definition < self.most.0 {
            return Ok(None);
        }
        self.value += 1;
        let value = self.values.get(self.value - 1);
        let value = value.ok_or_else(|| ParquetError::General("a value is missing".to_owned()))?;
        Ok(Some(value.meant(self.kind)))
    }
}
