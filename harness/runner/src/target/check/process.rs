//! What no process could be given, or what would be given to one in vain: told while the file is read, and not by a target that is
//! then accused of it.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;

use super::super::spec::{Adapter, TargetSpec};
use super::super::template::{self, Name};

/// Tells whatever cannot be passed on.
pub(super) fn check(spec: &TargetSpec, tell: &mut impl FnMut(Range<usize>, String, &str)) {
    if spec.command.get_ref().is_empty() {
        tell(
            spec.command.span(),
            "the command is empty".to_owned(),
            "name a program",
        );
    }
    let setup = spec.setup.iter();
    for command in setup.clone().filter(|command| command.get_ref().is_empty()) {
        tell(
            command.span(),
            "a command of the setup is empty".to_owned(),
            "name a program, or remove it",
        );
    }
    let commands = std::iter::once(&spec.command).chain(setup);
    let programs = commands.clone().filter_map(|words| words.get_ref().first());
    for program in programs.filter(|program| program.get_ref().trim().is_empty()) {
        tell(
            program.span(),
            "the program has no name".to_owned(),
            "name a program",
        );
    }
    let words = commands.flat_map(|words| words.get_ref());
    let names = spec.env.keys().chain(spec.files.keys());
    for text in words.chain(spec.env.values()).chain(names) {
        if text.get_ref().contains('\0') {
            let message = "no process can be given a NUL".to_owned();
            tell(text.span(), message, "remove `\\u0000`");
        }
    }
    for name in spec.env.keys() {
        if name.get_ref().is_empty() || name.get_ref().contains('=') {
            let message = format!("`{}` cannot name a variable", name.get_ref());
            tell(name.span(), message, "such as `OPENAI_BASE_URL`");
        }
    }
    files(spec, tell);
    turns(spec, tell);
}

/// A file cannot be a folder as well.
fn files(spec: &TargetSpec, tell: &mut impl FnMut(Range<usize>, String, &str)) {
    let is_folder = |name: &Spanned<String>| {
        let inside = |other: &Spanned<String>| {
            other.get_ref() != name.get_ref()
                && Path::new(other.get_ref()).starts_with(name.get_ref())
        };
        !name.get_ref().is_empty() && spec.files.keys().any(inside)
    };
    for name in spec.files.keys().filter(|name| is_folder(name)) {
        let message = format!("`{}` is a file here and a folder elsewhere", name.get_ref());
        tell(name.span(), message, "give one of them another name");
    }
}

/// Without the words of the user a turn is nothing that a target could be judged by.
fn turns(spec: &TargetSpec, tell: &mut impl FnMut(Range<usize>, String, &str)) {
    if *spec.adapter.get_ref() != Adapter::Command || spec.command.get_ref().is_empty() {
        return;
    }
    let mut words = spec.command.get_ref().iter();
    let says = |text: &Spanned<String>| {
        template::words(text.get_ref()).any(|word| word == Name::PROMPT.as_str())
    };
    if !words.any(says) {
        tell(
            spec.command.span(),
            "the command is never told what the user says".to_owned(),
            "use `{prompt}` in it",
        );
    }
}
