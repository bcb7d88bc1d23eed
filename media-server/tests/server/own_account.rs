//! What people do with their own account: see where they are signed in, end that, choose another password.

use super::*;

const SIGN_INS: &str = "/api/v1/me/sign-ins";

async fn sign_in(server: &TestServer, program: &str) -> String {
    let body = json!({"username": "agent1", "password": "sotto-demo"});
    let request = server.post("/api/v1/login", &body).header("user-agent", program);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    answer["token"].as_str().unwrap().to_owned()
}

async fn listed(server: &TestServer, token: &str) -> Vec<Value> {
    let answer = server.get(SIGN_INS).bearer_auth(token).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let answer: Value = answer.json().await.unwrap();
    answer["sign_ins"].as_array().unwrap().clone()
}

async fn end(server: &TestServer, token: &str, id: &str) -> StatusCode {
    let path = format!("{SIGN_INS}/{id}");
    server.request(Method::DELETE, &path).bearer_auth(token).send().await.unwrap().status()
}

async fn may(server: &TestServer, token: &str) -> bool {
    server.get("/api/v1/me").bearer_auth(token).send().await.unwrap().status() == StatusCode::OK
}

#[tokio::test]
async fn somebody_sees_their_sign_ins_and_ends_them() {
    let server = TestServer::start().await;
    let (here, there) = (sign_in(&server, "Desk/1.0").await, sign_in(&server, "Phone/2.0").await);
    let other = server.token("agent2").await;
    let open = listed(&server, &here).await;
    let told: Vec<(&str, bool)> = open
        .iter()
        .map(|it| (it["user_agent"].as_str().unwrap(), it["own"].as_bool().unwrap()))
        .collect();
    assert_eq!(told.len(), 2, "{open:?}");
    assert!(told.contains(&("Desk/1.0", true)) && told.contains(&("Phone/2.0", false)));
    for sign_in in &open {
        assert_eq!(sign_in["client"], "127.0.0.1");
        assert_eq!(sign_in["connected"], false);
        assert!(sign_in["since"].as_u64() < sign_in["expires_at"].as_u64());
    }
    let id = open.iter().find(|it| it["own"] == false).unwrap()["id"].as_str().unwrap();
    assert_eq!(end(&server, &other, id).await, StatusCode::NOT_FOUND, "it is somebody else's");
    assert!(may(&server, &there).await);
    assert_eq!(end(&server, &here, id).await, StatusCode::NO_CONTENT);
    assert!(!may(&server, &there).await && may(&server, &here).await);
    assert_eq!(end(&server, &here, id).await, StatusCode::NOT_FOUND, "it has ended");

    let again = [sign_in(&server, "").await, sign_in(&server, "Phone/2.0").await];
    let request = server.request(Method::DELETE, SIGN_INS).bearer_auth(&here);
    assert_eq!(request.send().await.unwrap().status(), StatusCode::NO_CONTENT);
    for token in &again {
        assert!(!may(&server, token).await);
    }
    assert!(may(&server, &here).await && may(&server, &other).await);
    assert_eq!(listed(&server, &here).await.len(), 1);
    server.running.stop().await;
}

#[tokio::test]
async fn another_password_ends_every_sign_in_and_begins_one() {
    let server = TestServer::start().await;
    let (here, there) = (sign_in(&server, "Desk/1.0").await, sign_in(&server, "Phone/2.0").await);
    let change = async |token: &str, current: &str, new: &str| {
        let body = json!({"current": current, "new": new});
        let request = server.request(Method::PUT, "/api/v1/me/password").json(&body);
        request.bearer_auth(token).send().await.unwrap()
    };
    let refused = change(&here, "not this one", "a new password").await;
    problem(refused, StatusCode::FORBIDDEN, "wrong-password").await;
    let refused = change(&here, "sotto-demo", "short").await;
    problem(refused, StatusCode::BAD_REQUEST, "bad-input").await;
    assert!(may(&server, &here).await && may(&server, &there).await, "nothing was changed");

    let changed = change(&here, "sotto-demo", "a new password").await;
    assert_eq!(changed.status(), StatusCode::OK);
    assert!(changed.headers().contains_key("set-cookie"));
    let changed: Value = changed.json().await.unwrap();
    let new = changed["token"].as_str().unwrap();
    assert!(!may(&server, &here).await && !may(&server, &there).await);
    let open = listed(&server, new).await;
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!(open[0]["own"], true);
    assert_eq!(server.login("agent1", "sotto-demo").await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(server.login("agent1", "a new password").await.status(), StatusCode::OK);

    // Guesses of the present password are slowed down like those at the sign-in.
    let mut last = StatusCode::FORBIDDEN;
    for _ in 0..12 {
        last = change(new, "guess", "a newer password").await.status();
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    server.running.stop().await;
}
