//! Tables read, and tables refused with their place.

use std::io::Write;

use npyz::WriterBuilder;

use super::*;

fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn read(name: &str, bytes: &[u8]) -> Result<Table, TableError> {
    let (_folder, path) = file(name, bytes);
    read_table(&path)
}

fn refusal(name: &str, bytes: &[u8]) -> String {
    read(name, bytes).unwrap_err().to_string()
}

fn npy(descr: &str, fortran: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
    [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), data].concat()
}

#[test]
fn text_with_any_separator() {
    for text in [
        "source,target,weight,kind\n0,1,0.5,a\n2,3,-1e3,b c\n",
        "\u{feff}source;target;weight;kind\r\n0;1;0.5;a\r\n\r\n2;3;-1e3;b c\r\n",
        "# by hand\nsource\ttarget\tweight\tkind\n0\t1\t.5\ta\n2\t3\t-1000\tb c\n",
        "source, target, weight, kind\n0, 1, 0.5, a\n2, 3, -1e3,\"b c\"",
    ] {
        let table = read("t.csv", text.as_bytes()).unwrap();
        assert_eq!(table.rows, 2);
        assert_eq!(table.indices("target", 4).unwrap(), [1, 3]);
        assert_eq!(table.numbers("weight").unwrap(), [0.5, -1000.0]);
        assert_eq!(table.column("kind").unwrap(), &TableColumn::Texts(vec!["a".into(), "b c".into()]));
        assert_eq!(table.texts("source").unwrap()[..], ["0", "2"]);
    }
    let spaced = read("t.txt", b"source  target\n 0   1\n\n12 13\n").unwrap();
    assert_eq!((spaced.indices("source", 20).unwrap(), spaced.indices("target", 20).unwrap()), (vec![0, 12], vec![1, 13]));
    assert_eq!(read("t.csv", b"neuron\n4\n").unwrap().numbers("neuron").unwrap(), [4.0]);
    assert_eq!(read("t.csv", b"a,b\n").unwrap().numbers("b").unwrap(), [0.0; 0]);
    // a number that an f64 would change stays a text
    let long = read("t.csv", b"id\n720575940624963786\n1\n").unwrap();
    assert_eq!(long.texts("id").unwrap()[0], "720575940624963786");
}

#[test]
fn refusals_say_where() {
    let table = read("t.csv", b"source,target,w\n0,1,2\n\n1,7,x\n3,1.5,\n").unwrap();
    for (error, part) in [
        (table.numbers("w").unwrap_err(), "t.csv, line 4, column `w`: expected a finite number, if whole at most 2^53, found `x`"),
        (table.indices("target", 5).unwrap_err(), "line 4, column `target`: expected a whole number from 0 to below 5, found 7"),
        (table.indices("target", 9).unwrap_err(), "line 5, column `target`: expected a whole number from 0 to below 9, found 1.5"),
        (table.numbers("pre").unwrap_err(), "expected a column `pre`, found `source`, `target`, `w`"),
    ] {
        assert!(error.to_string().contains(part), "{error}");
    }
    let table = read("t.csv", b"#\r\na;b\r\n\r\n1;2\r\n# 5\r\n\r\n1;x\r\n").unwrap();
    assert!(table.numbers("b").unwrap_err().to_string().contains("line 7"), "{:?}", table.numbers("b"));
    for (text, part) in [
        (refusal("t.csv", b"a,b\n1,2\n1,2,3\n"), "line 3: expected 2 cells, as in the header, found 3"),
        (refusal("t.csv", b"a,b\n1,2\n1\n"), "line 3: expected 2 cells, as in the header, found 1"),
        (refusal("t.csv", b"0,1\n1,2\n"), "line 1: expected a header that names the columns, found numbers (0, 1)"),
        (refusal("t.csv", b"a,a\n1,2\n"), "names that differ, found `a` twice"),
        (refusal("t.csv", b"\n\n"), "found an empty file"),
        (refusal("t.csv", b"a\n1\n\xff\n"), "line 3: expected text in UTF-8"),
        (refusal("t.csv.gz", b"\x1f\x8b\x08\x00abc"), "cannot be read"),
        (read_table(Path::new("/no/such/table.csv")).unwrap_err().to_string(), "/no/such/table.csv: cannot be read"),
        (refusal("t.npy", b"\x93NUMPY\x01\x00\xff\xff"), "cut off"),
        (refusal("t.npy", &npy("'<f8'", "False", "(3, 2)", &[0; 47])), "as the shape says, found 47 bytes"),
        (refusal("t.npy", &npy("'<f8'", "False", "(4294967296, 4294967296, 4)", &[])), "as the shape says"),
        (refusal("t.npy", &npy("'<f8'", "False", "(1, 1, 1)", &[0; 8])), "found 3 dimensions"),
        (refusal("t.npy", &npy("'<c8'", "False", "(1,)", &[0; 8])), "found type `<c8`"),
        (refusal("t.npy", &npy("[('a', '<i4')]", "False", "(1,)", &[0; 4])), "found a structured array"),
        (refusal("t.npz", b"PK\x03\x04rubbish"), "cannot be read"),
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn gzip_is_unpacked_up_to_a_limit() {
    let pack = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let table = read("t.csv.gz", &pack(b"source,target\n0,1\n")).unwrap();
    assert_eq!(table.indices("target", 2).unwrap(), [1]);
    // 65 MiB of line ends in 64 KiB
    assert!(refusal("t.csv.gz", &pack(&vec![b'\n'; 65 << 20])).contains("at most 64 MiB unpacked per MiB"));
}

#[test]
fn arrays_of_any_type_and_order() {
    let words: Vec<u8> = [0i32, 1, -2, 3, 4, 5].iter().flat_map(|x| x.to_le_bytes()).collect();
    let table = read("t.npy", &npy("'<i4'", "False", "(2, 3)", &words)).unwrap();
    assert_eq!((table.numbers("source").unwrap(), table.rows), (&[0.0, 3.0][..], 2));
    assert_eq!(table.numbers("column_2").unwrap(), [-2.0, 5.0]);
    assert!(table.indices("column_2", 9).unwrap_err().to_string().contains("row 0, column `column_2`"));
    let table = read("t.npy", &npy("'<i4'", "True", "(2, 3)", &words)).unwrap();
    assert_eq!(table.numbers("target").unwrap(), [-2.0, 3.0]);
    for (descr, data, expected) in [
        ("'|u1'", &[255u8][..], 255.0),
        ("'|i1'", &[255], -1.0),
        ("'|b1'", &[1], 1.0),
        ("'>u2'", &[1, 0], 256.0),
        ("'>f4'", &1.5f32.to_be_bytes(), 1.5),
        ("'<f8'", &(-0.1f64).to_le_bytes(), -0.1),
        ("'<i8'", &(-5i64).to_le_bytes(), -5.0),
    ] {
        assert_eq!(read("t.npy", &npy(descr, "False", "(1,)", data)).unwrap().numbers("value").unwrap(), [expected]);
    }
    assert_eq!(read("t.npy", &npy("'<f8'", "False", "(0, 99999999999)", &[])).unwrap().rows, 0);
}

#[test]
fn archives_of_columns() {
    let pack = |weights: &[f32]| {
        let (_folder, path) = file("t.npz", b"");
        let mut npz = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
        let mut put = |name: &str, list: &[f32]| {
            npz.start_file(format!("{name}.npy"), zip::write::SimpleFileOptions::default()).unwrap();
            let array = npyz::WriteOptions::new().default_dtype().shape(&[list.len() as u64]);
            let mut writer = array.writer(&mut npz).begin_nd().unwrap();
            writer.extend(list).unwrap();
            writer.finish().unwrap();
        };
        put("target", &[3.0, 4.0]);
        put("source", &[1.0, 0.0]);
        put("weight", weights);
        npz.finish().unwrap();
        read_table(&path)
    };
    let table = pack(&[0.5, 0.25]).unwrap();
    assert_eq!(table.names(9), ["target", "source", "weight"]);
    assert_eq!(table.numbers("weight").unwrap(), [0.5, 0.25]);
    let text = pack(&[0.5]).unwrap_err().to_string();
    assert!(text.contains("2 numbers in `target` and 1 here (array `weight`)"), "{text}");
}

#[test]
fn a_wide_matrix_is_read_by_column() {
    let table = read("t.npy", &npy("'|u1'", "False", "(1, 30000000)", &vec![7; 30_000_000])).unwrap();
    // nothing is kept of the columns that nobody asks for
    assert_eq!(table.numbers("column_29999999").unwrap(), [7.0]);
    assert_eq!(table.numbers("source").unwrap(), [7.0]);
    assert_eq!(table.numbers("column_29999999").unwrap(), [7.0]);
    for none in ["column_30000000", "column_01", "column_1", "column_0", "value", "column_", "column_-1"] {
        assert!(table.find(none).unwrap().is_none(), "{none}");
    }
    let text = table.numbers("weight").unwrap_err().to_string();
    assert!(text.contains("`source`, `target`, `column_2`") && text.len() < 400, "{text}");
}

#[test]
fn a_wide_matrix_packed_small_takes_no_more_than_it_unpacks_to() {
    let pack = |columns: usize| {
        let array = npy("'|u1'", "False", &format!("(1, {columns})"), &vec![0; columns]);
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packed.write_all(&array).unwrap();
        packed.finish().unwrap()
    };
    let small = pack(30_000_000);
    assert!(small.len() < 50_000, "{} bytes", small.len());
    assert_eq!(read("t.npy.gz", &small).unwrap().numbers("column_17").unwrap(), [0.0]);
    // and what unpacks to more is refused before it is held
    let text = refusal("t.npy.gz", &pack(70_000_000));
    assert!(text.contains("at most 64 MiB unpacked per MiB of file"), "{text}");
}

#[test]
fn a_header_of_many_columns() {
    let names: Vec<String> = (0..100_000).map(|k| format!("c{k}")).collect();
    let header = names.join(",");
    let cells = vec!["1"; names.len()].join(",");
    let table = read("t.csv", format!("{header}\n{cells}\n").as_bytes()).unwrap();
    assert_eq!(table.numbers("c99999").unwrap(), [1.0]);
    let text = refusal("t.csv", format!("{header},c7\n").as_bytes());
    assert!(text.contains("`c7` twice"), "{text}");
}
