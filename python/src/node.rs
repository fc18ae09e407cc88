//! A value of Python as the keys of a description: what serde reads.
//!
//! In: `dict`, `list`, `str`, numbers, numpy arrays. Out: [`Node`], which is a serde deserializer (arrays of millions of numbers stay
//! arrays), and the same as a JSON tree. Not here: quantities, which `synfire/units.py` turns into these.

use numpy::{PyArrayDescrMethods, PyArrayDyn, PyArrayMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde_json::Value as Tree;

/// Deeper nesting is no description.
const DEEPEST: usize = 64;

/// A value of a description.
#[derive(Clone, Debug)]
pub enum Node {
    Flag(bool),
    Whole(u64),
    Below(i64),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    Table(Vec<(String, Node)>),
    Numbers(Vec<f64>),
    Wholes(Vec<i64>),
}

impl Node {
    /// What Python has; `way`: what it is, for messages.
    pub fn of(value: &Bound<'_, PyAny>, way: &str) -> PyResult<Node> {
        read(value, way, 0)
    }

    /// The same as a JSON tree; numbers that JSON has not are texts, as values are written.
    pub fn tree(&self) -> Tree {
        match self {
            Node::Flag(b) => Tree::Bool(*b),
            Node::Whole(n) => Tree::from(*n),
            Node::Below(n) => Tree::from(*n),
            Node::Number(x) => number(*x),
            Node::Text(text) => Tree::String(text.clone()),
            Node::List(list) => Tree::Array(list.iter().map(Node::tree).collect()),
            Node::Table(table) => Tree::Object(table.iter().map(|(key, value)| (key.clone(), value.tree())).collect()),
            Node::Numbers(list) => Tree::Array(list.iter().map(|x| number(*x)).collect()),
            Node::Wholes(list) => Tree::Array(list.iter().map(|n| Tree::from(*n)).collect()),
        }
    }
}

fn number(x: f64) -> Tree {
    if x.is_finite() { Tree::from(x) } else { Tree::from(x.to_string()) }
}

fn read(value: &Bound<'_, PyAny>, way: &str, depth: usize) -> PyResult<Node> {
    if depth > DEEPEST {
        return Err(PyValueError::new_err(format!("{way}: lists and dicts lie in one another more than {DEEPEST} deep")));
    }
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(Node::Text(text.to_cow()?.into_owned()));
    }
    if value.is_instance_of::<PyBool>() {
        return Ok(Node::Flag(value.extract()?));
    }
    if value.is_instance_of::<PyInt>() {
        return match value.extract::<u64>() {
            Ok(n) => Ok(Node::Whole(n)),
            Err(_) => match value.extract::<i64>() {
                Ok(n) => Ok(Node::Below(n)),
                Err(_) => Err(PyValueError::new_err(format!("{way}: {value} is a larger number than there can be"))),
            },
        };
    }
    if value.is_instance_of::<PyFloat>() {
        return Ok(Node::Number(value.extract()?));
    }
    if let Ok(table) = value.cast::<PyDict>() {
        let mut out = Vec::with_capacity(table.len());
        for (key, item) in table {
            let Ok(key) = key.cast::<PyString>().map(|key| key.to_string()) else {
                return Err(PyTypeError::new_err(format!("{way}: a key is a str, found {}", kind(&key)?)));
            };
            if item.is_none() {
                // as if it were not given
                continue;
            }
            let item = read(&item, &format!("{way}.{key}"), depth + 1)?;
            out.push((key, item));
        }
        return Ok(Node::Table(out));
    }
    if let Ok(list) = value.cast::<PyList>() {
        return listed(list.iter(), way, depth);
    }
    if let Ok(list) = value.cast::<PyTuple>() {
        return listed(list.iter(), way, depth);
    }
    if let Ok(array) = value.cast::<PyUntypedArray>() {
        return of_array(array, way, depth);
    }
    if value.hasattr("__fspath__")? {
        return read(&value.call_method0("__fspath__")?, way, depth + 1);
    }
    if value.hasattr("dtype")? && value.hasattr("item")? {
        // a number of numpy
        return read(&value.call_method0("item")?, way, depth + 1);
    }
    Err(PyTypeError::new_err(format!(
        "{way}: expected a str such as \"5 mV\", a number, a quantity, a list, an array or a dict, found {}",
        kind(value)?
    )))
}

fn listed<'py>(list: impl Iterator<Item = Bound<'py, PyAny>>, way: &str, depth: usize) -> PyResult<Node> {
    let items = list.enumerate().map(|(k, item)| {
        if item.is_none() {
            return Err(PyTypeError::new_err(format!("{way}[{k}]: None is no value")));
        }
        read(&item, &format!("{way}[{k}]"), depth + 1)
    });
    Ok(Node::List(items.collect::<PyResult<_>>()?))
}

fn of_array(array: &Bound<'_, PyUntypedArray>, way: &str, depth: usize) -> PyResult<Node> {
    let letter = array.dtype().kind();
    match (array.ndim(), letter) {
        (0, _) => read(&array.call_method0("item")?, way, depth + 1),
        (1, b'f') => {
            let numbers = array.call_method1("astype", ("float64",))?;
            let numbers = numbers.cast::<PyArrayDyn<f64>>().map_err(PyErr::from)?;
            Ok(Node::Numbers(numbers.readonly().as_array().iter().copied().collect()))
        }
        (1, b'i' | b'u' | b'b') => {
            if letter == b'u' && array.dtype().itemsize() == 8 && array.len() > 0 {
                let most: u64 = array.call_method0("max")?.extract()?;
                if i64::try_from(most).is_err() {
                    return read(&array.call_method0("tolist")?, way, depth + 1);
                }
            }
            if letter == b'b' {
                return read(&array.call_method0("tolist")?, way, depth + 1);
            }
            let numbers = array.call_method1("astype", ("int64",))?;
            let numbers = numbers.cast::<PyArrayDyn<i64>>().map_err(PyErr::from)?;
            Ok(Node::Wholes(numbers.readonly().as_array().iter().copied().collect()))
        }
        (_, b'f' | b'i' | b'u' | b'b') => {
            // row by row
            let rows: Vec<Bound<'_, PyAny>> = array.try_iter()?.collect::<PyResult<_>>()?;
            listed(rows.into_iter(), way, depth)
        }
        (_, b'U') => read(&array.call_method0("tolist")?, way, depth + 1),
        _ => Err(PyTypeError::new_err(format!(
            "{way}: an array of real numbers or of texts is wanted, found one of dtype {}",
            array.dtype()
        ))),
    }
}

fn kind(value: &Bound<'_, PyAny>) -> PyResult<String> {
    Ok(value.get_type().fully_qualified_name()?.to_string())
}

impl<'de> IntoDeserializer<'de, Error> for &'de Node {
    type Deserializer = &'de Node;

    fn into_deserializer(self) -> &'de Node {
        self
    }
}

/// A key with its value, as serde wants a table.
fn pairs<'de>(table: &'de [(String, Node)]) -> MapDeserializer<'de, impl Iterator<Item = (&'de str, &'de Node)>, Error> {
    MapDeserializer::new(table.iter().map(|(key, value)| (key.as_str(), value)))
}

impl<'de> Deserializer<'de> for &'de Node {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Node::Flag(b) => visitor.visit_bool(*b),
            Node::Whole(n) => visitor.visit_u64(*n),
            Node::Below(n) => visitor.visit_i64(*n),
            Node::Number(x) => visitor.visit_f64(*x),
            Node::Text(text) => visitor.visit_borrowed_str(text),
            Node::List(list) => visitor.visit_seq(SeqDeserializer::new(list.iter())),
            Node::Table(table) => visitor.visit_map(pairs(table)),
            Node::Numbers(list) => visitor.visit_seq(SeqDeserializer::new(list.iter().copied())),
            Node::Wholes(list) => visitor.visit_seq(SeqDeserializer::new(list.iter().copied())),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self {
            Node::Table(table) => visitor.visit_enum(serde::de::value::MapAccessDeserializer::new(pairs(table))),
            Node::Text(text) => visitor.visit_enum(text.as_str().into_deserializer()),
            _ => self.deserialize_any(visitor),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct
        map struct identifier ignored_any
    }
}
