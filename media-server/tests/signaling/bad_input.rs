//! Bad input: refused with a sentence, and the call goes on.

use client::api::Method;
use client::session::Session;

use crate::{Server, Talk, refusal, refused};

#[tokio::test(flavor = "multi_thread")]
async fn offers_that_are_none() {
    let server = Server::start().await;
    let caller = server.sign_in("agent1").await;
    let post = async |kind: &str, body: String| {
        let request = caller.api().request(Method::POST, "/stations");
        let response = request.header("content-type", kind).body(body).send().await.unwrap();
        let status = response.status().as_u16();
        let problem: wire::Problem = response.json().await.unwrap();
        assert_eq!(problem.status, status);
        (status, problem.kind)
    };
    let bad_sdp = (422, "/problems/bad-sdp".to_owned());
    assert_eq!(post("application/sdp", String::new()).await, bad_sdp);
    assert_eq!(post("application/sdp", "nonsense".to_owned()).await, bad_sdp);
    let many = format!("v=0\r\n{}", "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n".repeat(1000));
    assert_eq!(post("application/sdp", many).await, bad_sdp);
    let large = "a=x\r\n".repeat(200_000);
    assert_eq!(post("application/sdp", large).await, (413, "/problems/too-large".to_owned()));
    let wrong = (415, "/problems/wrong-media-type".to_owned());
    assert_eq!(post("application/json", "{}".to_owned()).await, wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn stations_are_bounded_and_ones_own() {
    let server = Server::start().await;
    let agent = server.person("agent1").await;
    let other = server.sign_in("agent2").await;
    let id = agent.session.station_id().unwrap();
    assert_eq!(refusal(other.api().delete_station(id).await), refused(404, "not-found"));
    assert_eq!(refusal(other.api().patch_station(id, "").await), refused(404, "not-found"));
    assert_eq!(refusal(agent.api().patch_station(id, "x").await), refused(422, "bad-sdp"));
    // A failed offer takes no place.
    for _ in 0..5 {
        assert_eq!(refusal(agent.api().create_station("v=0").await), refused(422, "bad-sdp"));
    }
    let mut offers = Vec::new();
    for _ in 0..4 {
        offers.push(client::media::Offer::new(&Default::default(), |_| {}).await.unwrap());
    }
    for offer in &offers[..3] {
        agent.api().create_station(offer.sdp()).await.unwrap();
    }
    let fifth = agent.api().create_station(offers[3].sdp()).await;
    assert_eq!(refusal(fifth), refused(503, "overloaded"));
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_that_make_no_sense() {
    let server = Server::start().await;
    let Talk { caller, agent, call } = server.talk().await;
    let sam = server.person("supervisor1").await;
    let leg = sam.session.listen(&call).await.unwrap().leg;
    let put = async |leg: &str, body: &str| {
        let request = sam.api().request(Method::PUT, &format!("/calls/{call}/legs/{leg}"));
        let request = request.header("content-type", "application/json").body(body.to_owned());
        request.send().await.unwrap().status().as_u16()
    };
    for body in [
        "",
        "{}",
        "[]",
        "null",
        r#"{"mode":"shout"}"#,
        r#"{"mode":"barge","muted":false}"#,
        r#"{"mode":"barge","volume":11}"#,
        r#"{"muted":true,"revision":1}"#,
        r#"{"mode":"whisper","revision":-1}"#,
    ] {
        assert_eq!(put(&leg, body).await, 400, "{body}");
    }
    assert_eq!(put("0", r#"{"mode":"barge"}"#).await, 404);
    assert_eq!(put(&leg, r#"{"mode":"whisper","coach":"0"}"#).await, 404);
    let of_caller = sam.api().call(&call).await.unwrap().legs[0].id.clone();
    assert_eq!(put(&leg, &format!(r#"{{"mode":"whisper","coach":"{of_caller}"}}"#)).await, 409);
    assert_eq!(put(&leg, r#"{"mode":"coach"}"#).await, 200, "another name of whisper");
    let request = agent.api().request(Method::POST, &format!("/calls/{call}/explode"));
    assert_eq!(request.send().await.unwrap().status(), 404);
    assert_eq!(refusal(agent.session.answer(&call).await), refused(409, "offer-gone"));
    assert_eq!(caller.api().call(&call).await.unwrap().state, wire::CallPhase::Active);
}

#[tokio::test(flavor = "multi_thread")]
async fn nul_is_no_text_at_any_door() {
    let server = Server::start().await;
    let Talk { agent, call, .. } = server.talk().await;
    let admin = server.sign_in("admin").await;
    let guest = Session::guest(&server.url(), "Nora").await.unwrap();
    let me = &agent.session;
    // The text is looked at before what it is for.
    let message = "/conversations/1/messages".to_owned();
    let doors = [
        (me, Method::POST, format!("/calls/{call}/help"), r#"{"reason":"help\u0000"}"#),
        (me, Method::PUT, "/me/presence".to_owned(), r#"{"state":"not_ready","reason":"\u0000"}"#),
        (&guest, Method::POST, "/guests".to_owned(), r#"{"name":"No\u0000ra"}"#),
        (&guest, Method::POST, "/login".to_owned(), r#"{"username":"\u0000","password":"x"}"#),
        (
            &guest,
            Method::POST,
            "/conversations".to_owned(),
            r#"{"queue":"support","subject":"\u0000"}"#,
        ),
        (
            &guest,
            Method::POST,
            message,
            r#"{"text":"x","visibility":"public","client_id":"a\u0000b"}"#,
        ),
        (&admin, Method::POST, "/admin/teams".to_owned(), r#"{"name":"\u0000"}"#),
        (&admin, Method::GET, "/admin/audit?search=%00".to_owned(), ""),
        (me, Method::GET, "/interactions?q=a%00b".to_owned(), ""),
    ];
    for (who, method, path, body) in doors {
        let request = who.api().request(method, &path);
        let request = request.header("content-type", "application/json").body(body);
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let problem: wire::Problem = response.json().await.unwrap();
        assert_eq!((status, problem.kind.as_str()), (400, "/problems/bad-input"), "{path}");
        assert!(problem.detail.contains("U+0000"), "{path}: {}", problem.detail);
    }
    let nowhere = guest.api().request(Method::GET, "/conversations/a%00b").send().await.unwrap();
    assert_eq!(nowhere.status().as_u16(), 404);
}
