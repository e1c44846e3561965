//! The members of an object: a list, since nearly every object has a handful of them, and sorted as well where it has many.

use std::borrow::Cow;
use std::slice;

use super::Value;

/// From so many members on they are looked up by halving, so that no request costs more than its size.
const MANY: usize = 32;

/// Members by name, in the order in which each name came first; of those with one name the last one counts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Object<'a> {
    members: Vec<(Cow<'a, str>, Value<'a>)>,
    /// Places of the members in the order of their names; only where there are [`MANY`].
    sorted: Vec<u32>,
}

impl<'a> Object<'a> {
    pub(crate) fn get(&self, name: &str) -> Option<&Value<'a>> {
        if self.sorted.is_empty() {
            let found = self.members.iter().find(|(known, _)| known == name);
            return found.map(|(_, value)| value);
        }
        let name_at = |place: &u32| &*self.members[*place as usize].0;
        let at = self
            .sorted
            .binary_search_by(|place| name_at(place).cmp(name));
        let place = self.sorted[at.ok()?];
        Some(&self.members[place as usize].1)
    }

    pub(crate) fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(crate) const fn len(&self) -> usize {
        self.members.len()
    }

    pub(crate) fn iter(&self) -> Members<'_, 'a> {
        Members(self.members.iter())
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &Value<'a>> {
        self.iter().map(|(_, value)| value)
    }
}

/// The members of an object, in order.
#[derive(Debug, Clone)]
pub(crate) struct Members<'o, 'a>(slice::Iter<'o, (Cow<'a, str>, Value<'a>)>);

impl<'o, 'a> Iterator for Members<'o, 'a> {
    type Item = (&'o str, &'o Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(name, value)| (&**name, value))
    }
}

impl<'o, 'a> IntoIterator for &'o Object<'a> {
    type Item = (&'o str, &'o Value<'a>);
    type IntoIter = Members<'o, 'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a> FromIterator<(Cow<'a, str>, Value<'a>)> for Object<'a> {
    fn from_iter<I: IntoIterator<Item = (Cow<'a, str>, Value<'a>)>>(members: I) -> Self {
        let mut few: Vec<(Cow<'a, str>, Value<'a>)> = Vec::new();
        let mut members = members.into_iter();
        for (name, value) in members.by_ref() {
            match few.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = value,
                None => few.push((name, value)),
            }
            if few.len() == MANY {
                return many(few, members);
            }
        }
        Self {
            members: few,
            sorted: Vec::new(),
        }
    }
}

fn many<'a>(
    mut members: Vec<(Cow<'a, str>, Value<'a>)>,
    rest: impl Iterator<Item = (Cow<'a, str>, Value<'a>)>,
) -> Object<'a> {
    members.extend(rest);
    // More than fits is more than a request may hold.
    let mut order: Vec<u32> = (0..).take(members.len()).collect();
    // Of equal names the first stays first.
    order.sort_by(|one, other| members[*one as usize].0.cmp(&members[*other as usize].0));
    let mut goes = vec![false; members.len()];
    for place in 1..order.len() {
        let (before, here) = (order[place - 1] as usize, order[place] as usize);
        if members[before].0 == members[here].0 {
            // The value moves on to the first of them, from one to the next.
            goes[here] = true;
        }
    }
    let mut first = 0;
    for place in 1..order.len() {
        let here = order[place] as usize;
        match goes[here] {
            true => {
                let value = std::mem::take(&mut members[here].1);
                members[order[first] as usize].1 = value;
            }
            false => first = place,
        }
    }
    let mut stays = goes.iter().map(|goes| !goes);
    members.retain(|_| stays.next().unwrap_or(true));
    let mut sorted: Vec<u32> = (0..).take(members.len()).collect();
    sorted.sort_unstable_by(|one, other| members[*one as usize].0.cmp(&members[*other as usize].0));
    Object { members, sorted }
}

/// Whatever the order.
impl PartialEq for Object<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && { self.iter() }
            .all(|(name, value)| other.get(name) == Some(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As many members as said, of which every name comes twice, the second time with its number.
    fn object(names: u32) -> Object<'static> {
        let number = |number: u32| Value::Number(number.into());
        let name = |number: u32| Cow::Owned(format!("name-{}", number * 7919 % 1000));
        let first = (0..names).map(|at| (name(at), Value::Null));
        let again = (0..names).map(|at| (name(at), number(at)));
        first.chain(again).collect()
    }

    #[test]
    fn few_and_many_members_are_found_and_the_last_of_a_name_counts() {
        for names in [0, 1, 5, 31, 32, 33, 900] {
            let object = object(names);
            assert_eq!(object.len(), names as usize);
            for (at, (name, value)) in (0_u32..).zip(object.iter()) {
                assert_eq!(name, format!("name-{}", at * 7919 % 1000));
                assert_eq!(value.as_u64(), Some(u64::from(at)), "{names}");
                assert_eq!(object.get(name), Some(value));
            }
            assert_eq!(object.get("name"), None);
            assert_eq!(object.get("name-1000"), None);
        }
    }
}
