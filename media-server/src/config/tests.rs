//! What is read, what is refused, and that nothing is left undocumented.

use clap::Parser;
use serde_json::Value;

use super::*;

fn read(arguments: &[&str]) -> Result<Config, ConfigError> {
    Flags::parse_from(["media-server"].iter().chain(arguments)).config()
}

fn refused(arguments: &[&str]) -> String {
    match read(arguments) {
        Ok(config) => panic!("{arguments:?} was accepted: {config:?}"),
        Err(error) => error.to_string(),
    }
}

fn with_file(text: &str) -> Result<Config, ConfigError> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("sotto.toml");
    std::fs::write(&file, text).unwrap();
    read(&["--config", file.to_str().unwrap()])
}

#[test]
fn nothing_said_is_the_default() {
    assert_eq!(read(&[]).unwrap(), Config::default());
    Config::default().check().unwrap();
}

#[test]
fn the_demo_has_three_calls_unless_told() {
    assert_eq!(read(&["--demo"]).unwrap().demo, Some(3));
    assert_eq!(read(&["--demo", "0"]).unwrap().demo, Some(0));
    assert_eq!(read(&["--demo", "50", "--workers", "2"]).unwrap().demo, Some(50));
    assert!(refused(&["--demo", "51"]).contains("`demo` is 51; allowed: 0 to 50"));
}

#[test]
fn the_last_one_said_wins_where_a_file_would_be_asked_again() {
    // As `make run ARGS="--demo 0"` says it, after its own `--demo 3`.
    assert_eq!(read(&["--demo", "3", "--demo", "0"]).unwrap().demo, Some(0));
}

#[test]
fn a_file_is_read_and_a_flag_wins_over_it() {
    let text = "ring_timeout_s = 7\nhttp = \"127.0.0.1:9000\"\n[policy]\nduck_db = -9\n\
                [tones.barge]\nfrequency_hz = 500\n";
    let config = with_file(text).unwrap();
    assert_eq!(config.ring_timeout_s, 7);
    assert_eq!(config.policy.duck_db, -9);
    assert_eq!(config.tones.barge.frequency_hz, 500.0);
    assert_eq!(config.tones.barge.on_ms, 300, "the rest of the table stays");
    assert_eq!(config.http.port(), 9000);

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("sotto.toml");
    std::fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let config =
        read(&["--config", file, "--ring-timeout-s", "8", "--set", "policy.duck_db=-3"]).unwrap();
    assert_eq!((config.ring_timeout_s, config.policy.duck_db), (8, -3));
}

#[test]
fn an_unknown_key_is_refused_with_its_name_and_what_is_allowed() {
    let refusal = with_file("htp = \"127.0.0.1:9000\"").unwrap_err().to_string();
    assert!(refusal.contains("`htp`") && refusal.contains("ring_timeout_s"), "{refusal}");
    let refusal = with_file("[policy]\nduck = -3").unwrap_err().to_string();
    assert!(refusal.contains("`policy.duck`") && refusal.contains("duck_db"), "{refusal}");
    assert!(!refusal.contains("ring_timeout_s"), "{refusal}");
    let refusal = refused(&["--set", "codec.bitrate=1"]);
    assert!(refusal.contains("`codec.bitrate`") && refusal.contains("bitrate_bps"), "{refusal}");
    let refusal = with_file("[tones.barge]\npitch = 1").unwrap_err().to_string();
    assert!(refusal.contains("pitch") && refusal.contains("frequency_hz"), "{refusal}");
}

#[test]
fn a_bad_value_is_refused_with_its_name_and_what_is_allowed() {
    for (key, value, allowed) in [
        ("http", "nonsense", "address:port"),
        ("policy.duck_db", "loud", "-30 to 0"),
        ("policy.duck_db", "3", "-30 to 0"),
        ("policy.hold_tone", "perhaps", "true or false"),
        ("codec.complexity", "11", "0 to 10"),
        ("codec.complexity", "1000", "0 to 10"),
        ("codec.bitrate_bps", "1", "6000 to 128000"),
        ("workers", "0", "1 to 64"),
        ("ring_timeout_s", "0", "1 to 300"),
        ("drain_s", "3601", "0 to 3600"),
        ("limits.calls_max", "-1", "1 to 50000"),
        ("limits.connections_max", "1", "16 to 100000"),
        ("tones.whisper_beep.bursts", "9", "1 to 8"),
        ("tones.hold.frequency_hz", "1", "100 to 8000"),
    ] {
        let refusal = refused(&["--set", &format!("{key}={value}")]);
        let table = key.split('.').next().unwrap();
        assert!(refusal.contains(table), "{key}={value}: {refusal}");
        assert!(refusal.contains(allowed), "{key}={value}: {refusal}");
    }
}

#[test]
fn a_queue_s_mixes_have_a_codec_of_their_own_and_keep_what_it_does_not_name() {
    let config = with_file(
        "[codec]\ncomplexity = 4\n[[codec.queues]]\nqueue = \"support\"\nbitrate_bps = 40000\n\
         [[codec.queues]]\nqueue = \"sales\"\ncomplexity = 9",
    );
    let codecs = config.unwrap().queue_codecs();
    let codec = |queue: &str| codecs.get(queue).map(|it| (it.bitrate_bps, it.complexity));
    assert_eq!(codec("support"), Some((40_000, 4)));
    assert_eq!(codec("sales"), Some((32_000, 9)));
    assert_eq!(codec("billing"), None);
    let queue = |rest: &str| {
        with_file(&format!("[[codec.queues]]\nqueue = \"support\"\n{rest}")).unwrap_err()
    };
    for (rest, key, allowed) in [
        ("complexity = 11", "codec.queues.support.complexity", "0 to 10"),
        ("bitrate_bps = 1", "codec.queues.support.bitrate_bps", "6000 to 128000"),
        ("[[codec.queues]]\nqueue = \"support\"", "codec.queues.queue", "each once"),
        ("bitrate = 32000", "`codec.queues.0.bitrate`", "no key"),
    ] {
        let refusal = queue(rest).to_string();
        assert!(refusal.contains(key) && refusal.contains(allowed), "{rest}: {refusal}");
    }
}

#[test]
fn a_whisper_beep_that_is_too_long_is_refused() {
    let refusal = refused(&["--set", "tones.whisper_beep.on_ms=200"]);
    assert!(refusal.contains("at most 300"), "{refusal}");
}

#[test]
fn a_site_that_embeds_the_chat_is_named_by_its_origin() {
    let config = with_file("[widget]\nallowed_origins = [\"https://shop.example\"]").unwrap();
    assert_eq!(config.widget.allowed_origins, ["https://shop.example"]);
    let list = r#"widget.allowed_origins=["http://127.0.0.1:9000", "http://[::1]:9000"]"#;
    assert_eq!(read(&["--set", list]).unwrap().widget.allowed_origins.len(), 2);
    for bad in [
        "*",
        "shop.example",
        "https://*.example",
        "https://shop.example/",
        "https://",
        "https://shop.example; script-src *",
        "https://a https://b",
        "https://me@shop.example",
        "ftp://shop.example",
        "https://shop.example:port",
        "'self'",
    ] {
        let refusal = refused(&["--set", &format!("widget.allowed_origins=[\"{bad}\"]")]);
        assert!(refusal.contains("widget.allowed_origins"), "{bad}: {refusal}");
        assert!(refusal.contains("https://shop.example"), "{bad}: {refusal}");
    }
}

#[test]
fn running_calls_have_half_a_minute_after_sigterm_unless_told() {
    let drain_s = |arguments: &[&str]| read(arguments).unwrap().drain().as_secs();
    assert_eq!(drain_s(&[]), 30);
    assert_eq!(drain_s(&["--demo"]), 0);
    assert_eq!(drain_s(&["--demo", "--drain-s", "5"]), 5);
    assert_eq!(drain_s(&["--set", "drain_s=0"]), 0);
}

#[test]
fn an_unreadable_file_is_refused() {
    assert!(refused(&["--config", "/nowhere/at/all.toml"]).contains("all.toml"));
    assert!(with_file("demo = = 3").is_err());
}

#[test]
fn the_demo_stays_on_this_machine() {
    for (flag, address) in [
        ("--http", "0.0.0.0:8080"),
        ("--http", "192.0.2.1:8080"),
        ("--media", "192.0.2.1:10000"),
        ("--media", "[::]:10000"),
        ("--public-address", "192.0.2.1"),
    ] {
        let refusal = refused(&["--demo", "0", flag, address]);
        assert!(
            refusal.contains("loopback") || refusal.contains("no client"),
            "{flag} {address}: {refusal}"
        );
        if !address.starts_with("[::]") {
            let public = ["--behind-proxy", "--public-url", "https://voice.example"];
            read(&[&[flag, address], &public[..]].concat()).expect("the real thing may");
        }
    }
    read(&["--demo", "0", "--http", "[::1]:8080", "--media", "127.0.0.2:10000"]).unwrap();
    assert!(refused(&["--demo", "--database", "postgres://db/sotto"]).contains("demo mode"));
    assert!(refused(&["--demo", "--provision", "centre.toml"]).contains("demo mode"));
}

#[test]
fn the_demo_keeps_its_accounts_apart() {
    let real = read(&["--data", "x"]).unwrap();
    let demo = read(&["--data", "x", "--demo"]).unwrap();
    assert_ne!(real.data_directory(), demo.data_directory());
    assert_ne!(real.store_location(), demo.store_location());
}

#[test]
fn clients_must_be_told_an_address() {
    assert!(refused(&["--media", "0.0.0.0:10000"]).contains("public_address"));
    read(&["--media", "0.0.0.0:10000", "--public-address", "192.0.2.1"]).unwrap();
    assert!(refused(&["--public-address", "0.0.0.0"]).contains("public_address"));
    assert!(refused(&["--media", "127.0.0.1:65530", "--workers", "8"]).contains("65535"));
    read(&["--media", "127.0.0.1:65530", "--workers", "6"]).unwrap();
}

#[test]
fn every_key_is_described_with_its_default() {
    let defaults = serde_json::to_value(Config::default()).unwrap();
    let mut leaves = Vec::new();
    collect("", &defaults, &mut leaves);
    let described: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
    for (name, value) in &leaves {
        let key = KEYS.iter().find(|key| key.name == name);
        let key = key.unwrap_or_else(|| panic!("{name} is not described"));
        let is_same = match value {
            Value::Null => {
                ["none", "one for each core", keys::OPERATE, keys::DRAIN].contains(&key.default)
            }
            Value::Number(number) => key.default.parse() == Ok(number.as_f64().unwrap()),
            Value::String(text) => key.default == text,
            Value::Bool(switch) => key.default.parse() == Ok(*switch),
            Value::Array(list) if list.is_empty() => key.default == "none",
            Value::Array(list) => {
                let texts: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
                key.default == texts.join(", ")
            }
            other => panic!("{name} is {other}"),
        };
        assert!(is_same, "{name}: described as {}, is {value}", key.default);
    }
    assert_eq!(
        described.len(),
        leaves.len(),
        "a key is described that there is not: {described:?}"
    );
}

#[test]
fn every_key_is_in_the_help_and_in_the_manual() {
    let help = keys::help();
    let manual = include_str!("../../../docs/operations.md");
    for key in KEYS {
        let line =
            format!("| `{}` | {} | {} | {} |", key.name, key.allowed, key.default, key.about);
        assert!(manual.contains(&line), "docs/operations.md lacks the line\n{line}");
        assert!(help.contains(key.name) && help.contains(key.about));
    }
}

fn collect(prefix: &str, value: &Value, leaves: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let name =
                    if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                collect(&name, field, leaves);
            }
        }
        leaf => leaves.push((prefix.to_owned(), leaf.clone())),
    }
}

#[test]
fn a_channel_has_a_name_a_long_secret_and_a_safe_address() {
    let channel = |name: &str, secret: &str, url: &str| {
        with_file(&format!(
            "[[channels]]\nname = \"{name}\"\nsecret = \"{secret}\"\nurl = \"{url}\"\nqueue = \"support\"\n"
        ))
    };
    let secret = "0123456789abcdef0123456789abcdef";
    let config = channel("whatsapp", secret, "https://connector.example/out").unwrap();
    assert_eq!(config.channels[0].queue, "support");
    assert!(!config.channels[0].notices);
    assert!(!format!("{config:?}").contains(secret), "not even in a log of the configuration");
    for url in ["http://127.0.0.1:9/out", "http://[::1]/", "http://localhost:9"] {
        channel("x", secret, url).unwrap();
    }
    for url in ["http://connector.example", "http://192.0.2.1", "ftp://x", "x", "https://a:b@c/"] {
        let refusal = channel("whatsapp", secret, url).unwrap_err().to_string();
        assert!(refusal.contains("channels.whatsapp.url"), "{url}: {refusal}");
    }
    for name in ["", "WhatsApp", "web_chat", "voice", "1x", "a/b", &"x".repeat(41)] {
        let refusal = channel(name, secret, "https://c.example").unwrap_err().to_string();
        assert!(refusal.contains("channels.name"), "{name}: {refusal}");
    }
    let refusal = channel("w", "too short", "https://c.example").unwrap_err().to_string();
    assert!(refusal.contains("32 to 256") && !refusal.contains("too short"), "{refusal}");
    let one = "{name=\"w\",secret=\"0123456789abcdef0123456789abcdef\",url=\"https://c.example\",queue=\"q\"}";
    assert!(refused(&["--set", &format!("channels=[{one},{one}]")]).contains("each once"));
    assert_eq!(read(&["--set", &format!("channels=[{one}]")]).unwrap().channels.len(), 1);
    let refusal =
        with_file("[[channels]]\nname = \"w\"\ncolour = \"green\"").unwrap_err().to_string();
    assert!(refusal.contains("colour"), "{refusal}");
}

#[test]
fn operators_have_an_address_of_their_own() {
    let socket = |arguments: &[&str]| read(arguments).unwrap().operate_socket();
    let address = "127.0.0.1:9090".parse().unwrap();
    assert_eq!(socket(&[]), OperateSocket::IfFree(address));
    assert_eq!(socket(&["--http", "127.0.0.1:0"]), OperateSocket::None);
    assert_eq!(socket(&["--operate", "off"]), OperateSocket::None);
    assert_eq!(socket(&["--operate", "127.0.0.1:9090"]), OperateSocket::Required(address));
    let config = with_file("operate = \"[::1]:9100\"").unwrap();
    assert_eq!(config.operate, Some(Operate::At("[::1]:9100".parse().unwrap())));
    assert_eq!(with_file("operate = \"off\"").unwrap().operate, Some(Operate::Off));
    let refusal = refused(&["--set", "operate=9090"]);
    assert!(refusal.contains("`operate`") && refusal.contains("or off"), "{refusal}");
    assert!(refused(&["--operate", "127.0.0.1:8080"]).contains("another address than `http`"));
    let refusal = refused(&["--demo", "--operate", "0.0.0.0:9090"]);
    assert!(refusal.contains("`operate`") && refusal.contains("loopback"), "{refusal}");
    read(&["--operate", "10.0.0.5:9090"]).unwrap();
}

#[test]
fn a_telephone_has_an_extension_an_agent_a_network_and_a_long_secret_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("500.secret");
    let read = |secret: &str, change: fn(String) -> String| {
        std::fs::write(&file, secret).unwrap();
        let file = file.display();
        let text = format!(
            "sip = \"127.0.0.1:5060\"\n[telephony.phones]\nnetworks = [\"192.0.2.0/24\"]\n\
             [[telephony.phones.extensions]]\nextension = \"500\"\nuser = \"ana\"\n\
             secret_file = \"{file}\"\n"
        );
        with_file(&change(text))
    };
    let same: fn(String) -> String = |text| text;
    let config = read("correct horse battery\n", same).unwrap();
    let phones = config.telephony().unwrap().unwrap().phones.unwrap();
    assert_eq!(phones.phones[0].secret, ::telephony::digest::Secret::new("correct horse battery"));
    assert!(phones.phones[0].ready);
    let refused = |secret: &str, change: fn(String) -> String| match read(secret, change) {
        Ok(config) => panic!("was accepted: {config:?}"),
        Err(error) => error.to_string(),
    };
    let short = refused("hunter2", same);
    assert!(short.contains("is 7") && !short.contains("hunter2"), "{short}");
    let secret = "correct horse battery";
    type Edit = fn(String) -> String;
    let cases: [(Edit, &str); 6] = [
        (|text| text.replace(".secret\"", ".lost\""), "500.secret_file"),
        (|text| text.replace("[\"192.0.2.0/24\"]", "[]"), "telephony.phones.networks"),
        (|text| text.replace("\"500\"", "\"5 00\""), "telephony.phones.extensions.extension"),
        (|text| text.replace("\"ana\"", "\"\""), "extensions.500.user"),
        (|text| text.replace("secret_file", "secret"), "secret"),
        (|text| text.clone() + &text[text.find("[[").unwrap()..], "each once"),
    ];
    for (change, said) in cases {
        let refusal = refused(secret, change);
        assert!(refusal.contains(said) && !refusal.contains(secret), "{said}: {refusal}");
    }
}

#[test]
fn a_line_is_of_a_trunk_that_hears_its_servers() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("200.secret");
    std::fs::write(&file, "from the pbx\n").unwrap();
    let file = file.display();
    let text = format!(
        "sip = \"127.0.0.1:5060\"\n[[telephony.trunks]]\nname = \"pbx\"\npeers = [\"192.0.2.10\"]\n\
         [[telephony.lines]]\ntrunk = \"pbx\"\nservers = [\"192.0.2.10:5060\"]\nextension = \"200\"\n\
         secret_file = \"{file}\"\nuser = \"ana\"\n"
    );
    let config = with_file(&text).unwrap().telephony().unwrap().unwrap();
    assert_eq!(config.lines[0].login.username, "200");
    assert_eq!(config.lines[0].domain, "192.0.2.10");
    for (from, to, said) in [
        ("trunk = \"pbx\"", "trunk = \"other\"", "telephony.lines.200.trunk"),
        ("192.0.2.10:5060", "192.0.2.11:5060", "among the trunk's peers"),
        ("200.secret", "201.secret", "telephony.lines.200.secret_file"),
        ("\"ana\"", "\"\"", "telephony.lines.200.user"),
    ] {
        let refusal = with_file(&text.replace(from, to)).unwrap_err().to_string();
        assert!(refusal.contains(said) && !refusal.contains("from the pbx"), "{said}: {refusal}");
    }
}

#[test]
fn who_calls_by_tls_is_reached_by_tls() {
    let text = "sip = \"127.0.0.1:5060\"\n[[telephony.trunks]]\nname = \"pbx\"\npeers = [\"192.0.2.10\"]\n\
                [telephony.trunks.outbound]\nserver = \"192.0.2.10:5061\"\ntransport = \"tls\"\n";
    let refusal = with_file(text).unwrap_err().to_string();
    assert!(refusal.contains("telephony.trunks.pbx.outbound.transport"), "{refusal}");
    let ours = "tls = \"self-signed\"\nsip_tls = \"127.0.0.1:5061\"\n";
    let config = with_file(&format!("{ours}{text}")).unwrap().telephony().unwrap().unwrap();
    assert!(config.trunks[0].tls.is_some());
    let clear = text.replace("tls", "tcp");
    assert!(with_file(&clear).unwrap().telephony().unwrap().unwrap().trunks[0].tls.is_none());
}
