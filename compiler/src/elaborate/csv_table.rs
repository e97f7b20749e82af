//! Reads CSV files, keeping the line of every row; lines that begin with `#` are comments.

/// One row: its fields and where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Row {
    /// Line in the file, from 1.
    pub line: u64,
    /// Fields without the white space around them.
    pub fields: Vec<String>,
}

/// What is wrong with a CSV file, and in which line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct CsvError {
    /// Line in the file, from 1.
    pub line: u64,
    /// What is wrong there.
    pub message: String,
}

/// Columns by name.
pub(super) struct WithHeader {
    /// Line of the header.
    pub header_line: u64,
    /// Names in the header.
    pub names: Vec<String>,
    /// Rows, each as long as the header.
    pub rows: Vec<Row>,
}

impl WithHeader {
    /// Which column is called `name`.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| n == name)
    }
}

/// The rows of a file.
pub(super) fn rows(bytes: &[u8]) -> Result<Vec<Row>, CsvError> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).comment(Some(b'#')).trim(csv::Trim::All).from_reader(bytes);
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    loop {
        let read = reader.read_record(&mut record);
        // Where a record begins counts the comments before it; where the reader stands after it does not.
        let (line, after) = (reader.position().line(), reader.position().byte() as usize);
        let ended = after.checked_sub(1).and_then(|last| bytes.get(last)) == Some(&b'\n');
        let line = line - u64::from(ended && line > 1);
        match read {
            Ok(true) => rows.push(Row { line, fields: record.iter().map(str::to_string).collect() }),
            Ok(false) => return Ok(rows),
            Err(_) => return Err(CsvError { line, message: "this line is not UTF-8 text".to_string() }),
        }
    }
}

/// A file whose first row names its columns.
pub(super) fn with_header(bytes: &[u8]) -> Result<WithHeader, CsvError> {
    let mut rows = rows(bytes)?.into_iter();
    let Some(header) = rows.next() else {
        return Err(CsvError { line: 1, message: "the file is empty: a header line is required".to_string() });
    };
    let rows: Vec<Row> = rows.collect();
    if let Some(row) = rows.iter().find(|r| r.fields.len() != header.fields.len()) {
        let message = format!("this row has {} fields, the header has {}", row.fields.len(), header.fields.len());
        return Err(CsvError { line: row.line, message });
    }
    Ok(WithHeader { header_line: header.line, names: header.fields, rows })
}

/// A table of numbers without a header: its extents `[rows, columns]` and the numbers.
pub(super) fn numbers(bytes: &[u8]) -> Result<(Vec<usize>, Vec<f64>), CsvError> {
    let rows = rows(bytes)?;
    let columns = rows.first().map_or(0, |r| r.fields.len());
    let mut values = Vec::with_capacity(rows.len() * columns);
    for row in &rows {
        if row.fields.len() != columns {
            let message = format!("this row has {} numbers, the first has {columns}", row.fields.len());
            return Err(CsvError { line: row.line, message });
        }
        for field in &row.fields {
            values.push(number(row, field)?);
        }
    }
    Ok((vec![rows.len(), columns], values))
}

/// A finite number.
pub(super) fn number(row: &Row, field: &str) -> Result<f64, CsvError> {
    let parsed = field.parse::<f64>().ok().filter(|x| x.is_finite());
    parsed.ok_or_else(|| CsvError { line: row.line, message: format!("`{field}` is not a number") })
}

/// A whole number below 2^32.
pub(super) fn whole(row: &Row, field: &str) -> Result<u32, CsvError> {
    field.parse().map_err(|_| CsvError { line: row.line, message: format!("`{field}` is not a whole number of at least 0") })
}

/// A row's field; rows are as long as the header.
pub(super) fn field(row: &Row, column: usize) -> &str {
    row.fields.get(column).map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_with_comments() {
        let table = with_header(b"# made by hand\npre,post\n0, 1\n# more\n2,3\n").expect("well formed");
        assert_eq!(table.column("post"), Some(1));
        assert_eq!(table.rows[1], Row { line: 5, fields: vec!["2".into(), "3".into()] });
    }

    #[test]
    fn bad_rows_are_named_by_line() {
        let at = |text: &str| numbers(text.as_bytes()).expect_err("it is malformed");
        assert_eq!(at("1,2\n3\n").line, 2);
        assert_eq!(at("1,2\n\n3,x\n").line, 3);
        assert_eq!(at("1,nan\n").message, "`nan` is not a number");
        assert!(with_header(b"").is_err());
        assert_eq!(with_header(b"pre,post\n\xFF,1\n").map(|_| ()).map_err(|e| e.line), Err(2));
        assert_eq!(numbers(b"1\r\n\r\n# x\r\ny").map(|_| ()).map_err(|e| e.line), Err(4));
    }
}
