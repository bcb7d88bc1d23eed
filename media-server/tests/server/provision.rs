//! A centre from a file: made at the first start, changed at the next.

use std::path::Path;

use super::*;

const CENTRE: &str = r#"
[[team]]
name = "Support"

[[team]]
name = "Sales"

[[queue]]
key = "support"
name = "Support"
team = "Support"
open_to_guests = true

[[user]]
username = "sam"
name = "Sam Okafor"
role = "supervisor"
permissions = ["view_contact_center_dashboard", "monitor_live_calls", "whisper_live_calls"]
teams = ["Support"]
password_file = "sam.password"

[[user]]
username = "ana"
name = "Ana Duarte"
role = "agent"
teams = ["Support"]
queues = ["support"]
"#;

async fn server_of(directory: &Path, centre: &str) -> Running {
    let file = directory.join("centre.toml");
    std::fs::write(&file, centre).unwrap();
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    let config = Config {
        http: any_port,
        media: any_port,
        workers: Some(1),
        data: directory.join("data"),
        provision: Some(file),
        ..Config::default()
    };
    start(config).await.unwrap()
}

/// The user who signs in; `None`: not with this password.
async fn sign_in(running: &Running, username: &str, password: &str) -> Option<Value> {
    let body = json!({"username": username, "password": password});
    let request = Client::new().post(format!("{}/api/v1/login", running.url())).json(&body);
    let body: Value = request.send().await.unwrap().json().await.unwrap();
    body.get("user").cloned()
}

#[tokio::test]
async fn a_centre_is_made_and_then_changed() {
    let directory = tempfile::tempdir().unwrap();
    let password_file = directory.path().join("sam.password");
    std::fs::write(&password_file, "correct horse\n").unwrap();

    let first = server_of(directory.path(), CENTRE).await;
    let new = &first.new_accounts;
    assert_eq!(new.iter().map(|new| &new.username).collect::<Vec<_>>(), ["ana", "admin"]);
    let (ana_password, admin_password) = (new[0].password.clone(), new[1].password.clone());
    let sam = sign_in(&first, "sam", "correct horse").await.unwrap();
    assert_eq!(sam["role"], "supervisor");
    let rights = ["view_contact_center_dashboard", "monitor_live_calls", "whisper_live_calls"];
    assert_eq!(sam["permissions"], json!(rights));
    assert_eq!(sam["teams"][0]["name"], "Support");
    let ana = sign_in(&first, "ana", &ana_password).await.unwrap();
    assert_eq!(ana["queues"][0]["id"], "support");
    let open: Value =
        reqwest::get(format!("{}/api/v1/queues", first.url())).await.unwrap().json().await.unwrap();
    assert_eq!(open["queues"][0]["id"], "support");
    first.stop().await;

    // Nothing changed: nothing changes.
    let second = server_of(directory.path(), CENTRE).await;
    assert!(second.new_accounts.is_empty());
    assert_eq!(sign_in(&second, "sam", "correct horse").await, Some(sam.clone()));
    assert_eq!(sign_in(&second, "ana", &ana_password).await, Some(ana.clone()));
    second.stop().await;

    // Sam gets Barge, another team and another password; Ana is no longer in the file.
    std::fs::write(&password_file, "battery staple").unwrap();
    let (changed, _) = CENTRE.split_once("[[user]]\nusername = \"ana\"").unwrap();
    let changed = changed
        .replace("teams = [\"Support\"]", "teams = [\"Sales\"]")
        .replace("\"whisper_live_calls\"]", "\"whisper_live_calls\", \"barge_live_calls\"]");
    let third = server_of(directory.path(), &changed).await;
    assert_eq!(sign_in(&third, "sam", "correct horse").await, None);
    let sam_now = sign_in(&third, "sam", "battery staple").await.unwrap();
    assert_eq!(sam_now["id"], sam["id"]);
    assert_eq!(sam_now["permissions"].as_array().unwrap().len(), 4);
    assert_eq!(sam_now["teams"].as_array().unwrap().len(), 1);
    assert_eq!(sam_now["teams"][0]["name"], "Sales");
    assert_eq!(sign_in(&third, "ana", &ana_password).await, Some(ana));
    assert!(sign_in(&third, "admin", &admin_password).await.is_some());
    third.stop().await;

    let off = CENTRE.replace("role = \"agent\"", "role = \"agent\"\ndisabled = true");
    let fourth = server_of(directory.path(), &off).await;
    assert_eq!(sign_in(&fourth, "ana", &ana_password).await, None);
    fourth.stop().await;
}

#[tokio::test]
async fn a_queues_codes_and_signs_are_the_files_and_what_it_leaves_out_stays() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("sam.password"), "a good password").unwrap();
    let choices = async |running: &Running| {
        let http = Client::new();
        let body = json!({"username": "sam", "password": "a good password"});
        let request = http.post(format!("{}/api/v1/login", running.url())).json(&body);
        let body: Value = request.send().await.unwrap().json().await.unwrap();
        let request = http.get(format!("{}/api/v1/me/queues", running.url()));
        let request = request.bearer_auth(body["token"].as_str().unwrap());
        request.send().await.unwrap().json::<Value>().await.unwrap()["queues"].clone()
    };
    let usual = json!({"dead_air_s": 20, "talk_over_percent": 25, "hold_s": 120, "help_s": 60});
    let running = server_of(directory.path(), CENTRE).await;
    let expected = json!([{"queue": "support", "wrap_up_codes": [], "signs": usual}]);
    assert_eq!(choices(&running).await, expected);
    running.stop().await;
    let wanted =
        "key = \"support\"\nwrap_up_codes = [\"Refund\", \"折り返し\"]\nsigns = { hold_s = 45 }";
    let chosen = CENTRE.replacen("key = \"support\"", wanted, 1);
    let signs = json!({"dead_air_s": 20, "talk_over_percent": 25, "hold_s": 45, "help_s": 60});
    let codes = ["Refund", "折り返し"];
    let expected = json!([{"queue": "support", "wrap_up_codes": codes, "signs": signs}]);
    for centre in [chosen.as_str(), CENTRE] {
        let running = server_of(directory.path(), centre).await;
        assert_eq!(choices(&running).await, expected, "what the file does not name stays");
        running.stop().await;
    }
}
