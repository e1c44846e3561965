//! Who beats whom, and what is refused in which words.

use std::path::Path;

use super::*;

const FILE: &str = r#"
[agent]
base_url = "http://file/v1"
api_key = "file-key"
model = "file-model"
workspace = "/file"

[gateway]
key = "file-gateway-key-1"
host = "::1"
port = 1000
max_concurrent_runs = 3
"#;

fn file(text: &str) -> Option<FileText<'_>> {
    Some(FileText {
        path: Path::new("agent.toml"),
        text,
    })
}

fn environment(pairs: &[(&str, &str)]) -> Environment {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(own).collect()
}

fn load(
    overrides: &Overrides,
    pairs: &[(&str, &str)],
    text: &str,
) -> Result<Settings, SettingsError> {
    Settings::load(overrides, &environment(pairs), file(text))
}

#[test]
fn the_file_beats_the_defaults() {
    let settings = load(&Overrides::default(), &[], FILE).unwrap();
    assert_eq!(settings.agent.base_url, "http://file/v1");
    assert_eq!(settings.agent.model, "file-model");
    assert!(settings.agent.streaming);
    assert_eq!(settings.listen, ListenAddress::Tcp("[::1]:1000".to_owned()));
    let gateway = settings.gateway().unwrap();
    assert_eq!(gateway.key.expose(), "file-gateway-key-1");
    assert_eq!(gateway.runs.concurrent, 3);
}

#[test]
fn the_environment_beats_the_file_unless_it_is_empty() {
    let variables = [
        ("OPENAI_BASE_URL", "https://environment/v1"),
        ("OPENAI_API_KEY", "environment-key"),
        ("API_SERVER_KEY", "environment-gateway-key"),
        ("API_SERVER_HOST", ""),
        ("API_SERVER_PORT", "2000"),
    ];
    let settings = load(&Overrides::default(), &variables, FILE).unwrap();
    assert_eq!(settings.agent.base_url, "https://environment/v1");
    assert_eq!(settings.agent.api_key.expose(), "environment-key");
    assert_eq!(
        settings.gateway().unwrap().key.expose(),
        "environment-gateway-key"
    );
    assert_eq!(settings.listen, ListenAddress::Tcp("[::1]:2000".to_owned()));
}

#[test]
fn an_argument_beats_everything() {
    let overrides = Overrides {
        dialect: None,
        workspace: Some(PathBuf::from("/argument")),
        model: Some("argument-model".to_owned()),
        no_stream: true,
        listen: Some("127.0.0.1:0".to_owned()),
    };
    let settings = load(&overrides, &[("API_SERVER_PORT", "2000")], FILE).unwrap();
    assert_eq!(settings.agent.workspace, PathBuf::from("/argument"));
    assert_eq!(settings.agent.model, "argument-model");
    assert!(!settings.agent.streaming);
    assert_eq!(
        settings.listen,
        ListenAddress::Tcp("127.0.0.1:0".to_owned())
    );
}

#[test]
fn a_mistake_in_the_file_is_named_by_its_line_without_quoting_it() {
    let text = "[agent]\nmodel = \"m\"\napikey = \"sk-canary\"\n";
    let error = load(&Overrides::default(), &[], text)
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("agent.toml:3: unknown field `apikey`"),
        "{error}"
    );
    assert!(!error.contains("sk-canary"), "{error}");
}

#[test]
fn what_cannot_be_used_is_refused() {
    let none = Overrides::default();
    let no_file = |pairs: &[(&str, &str)]| Settings::load(&none, &environment(pairs), None);
    assert_eq!(no_file(&[]), Err(SettingsError::NoApiKey("OPENAI_API_KEY")));
    let key = ("OPENAI_API_KEY", "k");
    assert!(no_file(&[key]).is_ok());
    assert!(no_file(&[("OPENAI_BASE_URL", "http://localhost:11434/v1")]).is_ok());
    assert_eq!(
        no_file(&[key, ("API_SERVER_PORT", "http")]),
        Err(SettingsError::Port("http".to_owned()))
    );
    assert!(matches!(
        no_file(&[key, ("OPENAI_BASE_URL", "localhost:1")]),
        Err(SettingsError::Agent(_))
    ));
    assert_eq!(no_file(&[key]).unwrap().gateway(), Err(KeyError::Missing));
    assert_eq!(
        no_file(&[key, ("API_SERVER_KEY", "short")])
            .unwrap()
            .gateway(),
        Err(KeyError::TooShort)
    );
    for odd in ["8642", "host:port", "unix:", ":80", "host:70000"] {
        let listen = Overrides {
            listen: Some(odd.to_owned()),
            ..Overrides::default()
        };
        let refused = Settings::load(&listen, &environment(&[key]), None);
        assert_eq!(refused, Err(SettingsError::Listen(odd.to_owned())));
    }
}

#[test]
fn a_unix_socket_can_be_listened_on() {
    let overrides = Overrides {
        listen: Some("unix:/run/agent.sock".to_owned()),
        ..Overrides::default()
    };
    let settings = load(&overrides, &[], FILE).unwrap();
    assert_eq!(
        settings.listen,
        ListenAddress::Unix(PathBuf::from("/run/agent.sock"))
    );
}

#[test]
fn each_dialect_has_variables_and_an_address_of_its_own() {
    let all = [
        ("OPENAI_BASE_URL", "http://openai/v1"),
        ("OPENAI_API_KEY", "openai-key"),
        ("ANTHROPIC_API_KEY", "anthropic-key"),
        ("GOOGLE_GEMINI_BASE_URL", "http://gemini"),
        ("GEMINI_API_KEY", "gemini-key"),
        ("OLLAMA_HOST", "ollama:11434"),
    ];
    let table = [
        (Dialect::OpenaiResponses, "http://openai/v1", "openai-key"),
        (
            Dialect::AnthropicMessages,
            "https://api.anthropic.com",
            "anthropic-key",
        ),
        (Dialect::Gemini, "http://gemini", "gemini-key"),
        (Dialect::Ollama, "http://ollama:11434", ""),
    ];
    for (dialect, url, key) in table {
        let overrides = Overrides {
            dialect: Some(dialect),
            ..Overrides::default()
        };
        let agent = Settings::load(&overrides, &environment(&all), None)
            .unwrap()
            .agent;
        assert_eq!(
            (agent.base_url.as_str(), agent.api_key.expose()),
            (url, key),
            "{dialect:?}"
        );
    }
}

#[test]
fn the_dialect_is_named_by_argument_environment_or_file() {
    let text = "[agent]\ndialect = \"gemini\"\napi_key = \"k\"\n";
    let loaded = |overrides: &Overrides, pairs: &[(&str, &str)]| {
        load(overrides, pairs, text).map(|settings| settings.agent.dialect)
    };
    let none = Overrides::default();
    let ollama = ("REFERENCE_AGENT_DIALECT", "ollama");
    let argument = Overrides {
        dialect: Some(Dialect::AnthropicMessages),
        ..Overrides::default()
    };
    assert_eq!(loaded(&none, &[]), Ok(Dialect::Gemini));
    assert_eq!(loaded(&none, &[ollama]), Ok(Dialect::Ollama));
    assert_eq!(loaded(&argument, &[ollama]), Ok(Dialect::AnthropicMessages));
    let odd = SettingsError::Dialect("openai".to_owned());
    assert_eq!(
        loaded(&none, &[("REFERENCE_AGENT_DIALECT", "openai")]),
        Err(odd)
    );
}
