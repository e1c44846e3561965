//! The JSON of a request, read where it lies: texts stay in the request's own bytes, objects are lists. Reading a request costs a
//! third of what documents that own everything cost. Knows no dialect.

mod object;
mod reading;
mod writing;

use std::borrow::Cow;
use std::ops::Index;

use serde_json::Number;

pub(crate) use object::Object;

/// A value; the names are those of `serde_json`.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Value<'a> {
    #[default]
    Null,
    Bool(bool),
    Number(Number),
    String(Cow<'a, str>),
    Array(Vec<Value<'a>>),
    Object(Object<'a>),
}

/// What stands where nothing does.
pub(crate) static NULL: Value<'static> = Value::Null;

impl<'a> Value<'a> {
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) const fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(bool) => Some(*bool),
            _ => None,
        }
    }

    pub(crate) const fn as_array(&self) -> Option<&Vec<Self>> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) const fn as_object(&self) -> Option<&Object<'a>> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    pub(crate) fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    pub(crate) fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    pub(crate) fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Number(number) => number.as_f64(),
            _ => None,
        }
    }

    pub(crate) const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub(crate) const fn is_boolean(&self) -> bool {
        matches!(self, Self::Bool(_))
    }

    pub(crate) const fn is_number(&self) -> bool {
        matches!(self, Self::Number(_))
    }

    /// Whether it is a number that is not negative and has no fraction.
    pub(crate) fn is_u64(&self) -> bool {
        self.as_u64().is_some()
    }

    /// Whether it is a number without a fraction.
    pub(crate) fn is_integer(&self) -> bool {
        self.as_i64().is_some() || self.as_u64().is_some()
    }

    pub(crate) const fn is_string(&self) -> bool {
        matches!(self, Self::String(_))
    }

    pub(crate) const fn is_array(&self) -> bool {
        matches!(self, Self::Array(_))
    }

    pub(crate) const fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// The member of this name, of an object that has one.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        self.as_object()?.get(name)
    }
}

/// What stands in a place; null where nothing does.
impl<'a, P: Place> Index<P> for Value<'a> {
    type Output = Value<'a>;

    fn index(&self, place: P) -> &Self::Output {
        place.within(self).unwrap_or(&NULL)
    }
}

/// The name of a member, or the number of an item from 0.
pub(crate) trait Place {
    /// What stands there.
    fn within<'v, 'a>(&self, value: &'v Value<'a>) -> Option<&'v Value<'a>>;
}

impl Place for str {
    fn within<'v, 'a>(&self, value: &'v Value<'a>) -> Option<&'v Value<'a>> {
        value.get(self)
    }
}

impl Place for String {
    fn within<'v, 'a>(&self, value: &'v Value<'a>) -> Option<&'v Value<'a>> {
        value.get(self)
    }
}

impl Place for usize {
    fn within<'v, 'a>(&self, value: &'v Value<'a>) -> Option<&'v Value<'a>> {
        value.as_array()?.get(*self)
    }
}

impl<P: Place + ?Sized> Place for &P {
    fn within<'v, 'a>(&self, value: &'v Value<'a>) -> Option<&'v Value<'a>> {
        (**self).within(value)
    }
}

impl PartialEq<str> for Value<'_> {
    fn eq(&self, text: &str) -> bool {
        self.as_str() == Some(text)
    }
}

impl PartialEq<&str> for Value<'_> {
    fn eq(&self, text: &&str) -> bool {
        self.as_str() == Some(*text)
    }
}

impl PartialEq<bool> for Value<'_> {
    fn eq(&self, bool: &bool) -> bool {
        self.as_bool() == Some(*bool)
    }
}

/// The same, borrowing what it can.
impl<'a> From<&'a serde_json::Value> for Value<'a> {
    fn from(value: &'a serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(bool) => Self::Bool(*bool),
            serde_json::Value::Number(number) => Self::Number(number.clone()),
            serde_json::Value::String(text) => Self::String(Cow::Borrowed(text)),
            serde_json::Value::Array(items) => Self::Array(items.iter().map(Self::from).collect()),
            serde_json::Value::Object(members) => {
                let members = members.iter();
                let members =
                    members.map(|(name, value)| (Cow::Borrowed(name.as_str()), value.into()));
                Self::Object(members.collect())
            }
        }
    }
}

/// The same, owning everything.
impl From<&Value<'_>> for serde_json::Value {
    fn from(value: &Value<'_>) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(bool) => Self::Bool(*bool),
            Value::Number(number) => Self::Number(number.clone()),
            Value::String(text) => Self::String(text.clone().into_owned()),
            Value::Array(items) => Self::Array(items.iter().map(Self::from).collect()),
            Value::Object(members) => {
                let members = members.iter();
                Self::Object(
                    members
                        .map(|(name, value)| (name.to_owned(), value.into()))
                        .collect(),
                )
            }
        }
    }
}

/// As `serde_json::json!`.
#[cfg(test)]
macro_rules! json {
    ($($json:tt)+) => {
        $crate::json::Value::owned(&serde_json::json!($($json)+))
    };
}
#[cfg(test)]
pub(crate) use json;

#[cfg(test)]
impl<'a> Value<'a> {
    /// Puts a member at the end, instead of any other of its name.
    pub(crate) fn set(&mut self, name: &str, value: Value<'a>) {
        let mut members = self.without(name);
        members.push((name.to_owned().into(), value));
        *self = Self::Object(members.into_iter().collect());
    }

    /// Takes a member away.
    pub(crate) fn remove(&mut self, name: &str) {
        *self = Self::Object(self.without(name).into_iter().collect());
    }

    fn without(&self, name: &str) -> Vec<(Cow<'a, str>, Value<'a>)> {
        let members = self.as_object().expect("is an object").iter();
        let others = members.filter(|(known, _)| *known != name);
        others
            .map(|(name, value)| (name.to_owned().into(), value.clone()))
            .collect()
    }
}

#[cfg(test)]
impl Value<'static> {
    pub(crate) fn owned(value: &serde_json::Value) -> Self {
        serde_json::from_str(Box::leak(value.to_string().into_boxed_str())).expect("is JSON")
    }
}
