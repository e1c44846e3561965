//! From what is written in a target file to what is meant. Every mistake is told; a target is made only where there is none.

mod process;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

use fake_provider::ToolNames;
use scenario::reading::{Told, suggestion};
use scenario::{Dialect, Mistake, Need};
use toml::Spanned;

use super::file::{READY_WITHIN, TargetFile};
use super::spec::{Adapter, Observable, Streaming, TargetSpec, ToolSpec};
use super::template::{self, Name};

/// The version of the format.
const FORMAT: u32 = 1;

/// Names that a setup command may use: there is no case yet.
const SETUP_NAMES: [Name; 2] = [Name::TARGET_DIR, Name::BIN_DIR];

/// Names that only the command of a process of one turn can be given.
const TURN_NAMES: [Name; 2] = [Name::PROMPT, Name::SESSION];

/// Every mistake that types cannot tell.
pub(super) fn mistakes(spec: &TargetSpec, told: &Told) -> Vec<Mistake> {
    let mut found = Vec::new();
    let mut tell = |span: Range<usize>, message: String, help: &str| {
        if told.sound(&span) {
            found.push(Mistake::new(span, message).with_help(help));
        }
    };
    if *spec.format.get_ref() != FORMAT {
        let message = format!("format {} is not known", spec.format.get_ref());
        tell(spec.format.span(), message, "write `format = 1`");
    }
    if spec.name.get_ref().trim().is_empty() {
        tell(
            spec.name.span(),
            "a target needs a name".to_owned(),
            "reports show it",
        );
    }
    if spec.name.get_ref().contains(char::is_control) {
        tell(
            spec.name.span(),
            "the name is more than a line of text".to_owned(),
            "leave out line breaks and control characters: reports show it",
        );
    }
    process::check(spec, &mut tell);
    adapter(spec, &mut tell);
    for need in &spec.supports {
        if let Some(help) = cannot_support(*need.get_ref(), *spec.adapter.get_ref()) {
            let message = format!("`{}` cannot be said here", need.get_ref().as_str());
            tell(need.span(), message, help);
        }
    }
    for name in spec.files.keys() {
        let path = Path::new(name.get_ref());
        let inside = path
            .components()
            .all(|part| matches!(part, std::path::Component::Normal(_)));
        if !inside || path.as_os_str().is_empty() {
            let message = format!("`{}` does not lie in the home", name.get_ref());
            tell(
                name.span(),
                message,
                "write a path relative to the home, without `..`",
            );
        }
    }
    matrix(spec, &mut tell);
    found.extend(
        templates(spec)
            .into_iter()
            .filter(|mistake| told.sound(&mistake.span)),
    );
    found
}

/// What decides which cells of the matrix there are.
fn matrix(spec: &TargetSpec, tell: &mut impl FnMut(Range<usize>, String, &str)) {
    if let Some(streamed) = &spec.streamed
        && streamed.get_ref().is_empty()
    {
        let help = "write `streamed`, `whole` or both";
        tell(
            streamed.span(),
            "a target needs one way to ask".to_owned(),
            help,
        );
    }
    if let Some(dialects) = &spec.dialects
        && dialects.get_ref().is_empty()
    {
        tell(
            dialects.span(),
            "a target needs a dialect".to_owned(),
            "leave the key out for `openai-chat`",
        );
    }
}

fn adapter(spec: &TargetSpec, tell: &mut impl FnMut(Range<usize>, String, &str)) {
    let adapter = *spec.adapter.get_ref();
    let span = spec.adapter.span();
    let uses_port =
        texts(spec).any(|text| template::words(text.get_ref()).any(|word| word == "port"));
    let path = spec
        .ready
        .as_ref()
        .and_then(|ready| ready.get_ref().path.as_ref());
    match adapter {
        Adapter::Gateway if !uses_port => {
            let message = "a gateway needs to be told its port".to_owned();
            tell(
                span.clone(),
                message,
                "use `{port}` in `command`, `env` or `files`",
            );
        }
        Adapter::Prompt if spec.prompt.is_none() => {
            let message = "a prompt needs to be known by what it shows".to_owned();
            tell(
                span.clone(),
                message,
                "such as `prompt = { shows = \"> \" }`",
            );
        }
        _ => {}
    }
    match path {
        None if adapter == Adapter::Gateway => {
            let message = "nothing says when this gateway is ready".to_owned();
            tell(
                span,
                message,
                "such as `ready = { path = \"/health\", within = \"30s\" }`",
            );
        }
        Some(path) if adapter != Adapter::Gateway => {
            let message = "only a gateway is asked whether it is ready".to_owned();
            tell(path.span(), message, "remove `path`");
        }
        Some(path) if !path.get_ref().starts_with('/') => {
            let message = "a path begins with `/`".to_owned();
            tell(path.span(), message, "such as `/health`");
        }
        _ => {}
    }
    if let Some(prompt) = &spec.prompt {
        if adapter != Adapter::Prompt {
            let message = format!("a {} has no prompt", adapter.as_str());
            tell(
                prompt.span(),
                message,
                "remove it, or write `adapter = \"prompt\"`",
            );
        } else if prompt.get_ref().shows.get_ref().is_empty() {
            let shows = &prompt.get_ref().shows;
            tell(
                shows.span(),
                "an empty prompt is never seen".to_owned(),
                "such as `\"> \"`",
            );
        }
    }
}

const fn cannot_support(need: Need, adapter: Adapter) -> Option<&'static str> {
    match (need, adapter) {
        (Need::Virtual, _) => Some("only an embedded target lives in simulated time"),
        (Need::Process | Need::Prompt | Need::Streamed, _) => {
            Some("it follows from the rest of the file")
        }
        (Need::ToolEffect | Need::ToolList | Need::ToolRead, _) => {
            Some("name the tool under `[tools]`")
        }
        (Need::Reconnect | Need::Events, Adapter::Command | Adapter::Prompt) => {
            Some("only a gateway has events")
        }
        (Need::Stop | Need::Concurrent, Adapter::Prompt) => {
            Some("a prompt takes one turn after the other")
        }
        (Need::Turns, Adapter::Command) => Some("no process of it lives longer than one turn"),
        _ => None,
    }
}

/// Every text with templates in it that is filled in for a case.
fn texts(spec: &TargetSpec) -> impl Iterator<Item = &Spanned<String>> {
    spec.command
        .get_ref()
        .iter()
        .chain(spec.env.values())
        .chain(spec.files.values())
}

fn templates(spec: &TargetSpec) -> Vec<Mistake> {
    let all: Vec<Name> = Name::ALL.iter().map(|(name, _)| *name).collect();
    let of_turns = *spec.adapter.get_ref() == Adapter::Command;
    let is_of_case = |name: &Name| !TURN_NAMES.contains(name);
    let of_case: Vec<Name> = all.iter().copied().filter(is_of_case).collect();
    let of_command = if of_turns { &all } else { &of_case };
    let command = spec.command.get_ref().iter();
    let rest = spec.env.values().chain(spec.files.values());
    let setup = spec.setup.iter().flat_map(|command| command.get_ref());
    let setup = setup.chain(&spec.setup_stamp);
    command
        .flat_map(|text| unknown(text, of_command, &all))
        .chain(rest.flat_map(|text| unknown(text, &of_case, &all)))
        .chain(setup.flat_map(|text| unknown(text, &SETUP_NAMES, &all)))
        .collect()
}

fn unknown(text: &Spanned<String>, allowed: &[Name], all: &[Name]) -> Vec<Mistake> {
    let wrong = template::words(text.get_ref())
        .filter(|word| allowed.iter().all(|name| name.as_str() != *word));
    wrong
        .map(|word| {
            let exists = all.iter().any(|name| name.as_str() == word);
            let message = if exists {
                format!("`{{{word}}}` has no value here")
            } else {
                format!("`{{{word}}}` is not a template")
            };
            let names: Vec<_> = allowed.iter().map(|name| name.as_str()).collect();
            let meant = suggestion(word, &names).filter(|_| !exists);
            let help = match meant {
                Some(meant) => format!("did you mean `{{{meant}}}`?"),
                None => format!("here are: {}", names.join(", ")),
            };
            Mistake::new(text.span(), message).with_help(help)
        })
        .collect()
}

/// The target that is meant by a file without mistakes.
pub(super) fn target(spec: TargetSpec, folder: &Path) -> TargetFile {
    let adapter = *spec.adapter.get_ref();
    let (streamed, whole) = spec.streamed.as_ref().map_or((true, true), |modes| {
        let can = |mode| modes.get_ref().contains(&mode);
        (can(Streaming::Streamed), can(Streaming::Whole))
    });
    let ready = spec.ready.map(Spanned::into_inner);
    let ready_within = ready.as_ref().and_then(|ready| ready.within);
    let ready_path = ready.and_then(|ready| ready.path);
    let (prompt, prompt_failed) = spec.prompt.map(Spanned::into_inner).map_or_else(
        || (String::new(), None),
        |prompt| (prompt.shows.into_inner(), prompt.failed),
    );
    let mut supports: BTreeSet<Need> = spec.supports.iter().map(|need| *need.get_ref()).collect();
    supports.insert(Need::Process);
    supports.extend(streamed.then_some(Need::Streamed));
    supports.extend((adapter == Adapter::Prompt).then_some(Need::Prompt));
    let named = [
        ("list", Need::ToolList, spec.tools.list),
        ("read", Need::ToolRead, spec.tools.read),
        ("effect", Need::ToolEffect, spec.tools.effect),
    ];
    let mut tools = ToolNames::default();
    for (neutral, need, tool) in named {
        if let Some(ToolSpec { name, arguments }) = tool {
            supports.insert(need);
            tools = tools.with(neutral, name, arguments);
        }
    }
    TargetFile {
        name: spec.name.into_inner(),
        adapter,
        bounds: spec.bounds,
        dialects: spec.dialects.map_or_else(
            || BTreeSet::from([Dialect::OpenaiChat]),
            |dialects| dialects.into_inner().into_iter().collect(),
        ),
        streamed,
        whole,
        markers: spec.markers.unwrap_or(true),
        command: plain(spec.command.into_inner()),
        env: values(spec.env),
        files: values(spec.files),
        ready_path: ready_path.map(Spanned::into_inner).unwrap_or_default(),
        ready_within: ready_within.map_or(READY_WITHIN, |within| within.0),
        prompt,
        prompt_failed,
        tools,
        supports,
        observes: observed(spec.observes, adapter),
        folder: folder.to_owned(),
        setup: spec
            .setup
            .into_iter()
            .map(|command| plain(command.into_inner()))
            .collect(),
        setup_stamp: spec.setup_stamp.map(Spanned::into_inner),
    }
}

/// What is observed of this kind of target anyway, unless the file says otherwise.
fn observed(said: Option<Vec<Spanned<Observable>>>, adapter: Adapter) -> Vec<String> {
    let usual = [
        Observable::Provider,
        Observable::Terminal,
        Observable::Process,
    ];
    let all: BTreeSet<Observable> = match said {
        Some(said) => said.into_iter().map(Spanned::into_inner).collect(),
        None => usual
            .into_iter()
            .chain((adapter == Adapter::Gateway).then_some(Observable::Events))
            .collect(),
    };
    all.into_iter()
        .map(|what| what.as_str().to_owned())
        .collect()
}

fn plain(texts: Vec<Spanned<String>>) -> Vec<String> {
    texts.into_iter().map(Spanned::into_inner).collect()
}

fn values(texts: BTreeMap<Spanned<String>, Spanned<String>>) -> BTreeMap<String, String> {
    let plain = texts.into_iter();
    plain
        .map(|(name, text)| (name.into_inner(), text.into_inner()))
        .collect()
}
