//! What supervisors do with the agents of their teams.

use client::api::Method;
use serde_json::json;

use crate::staff::{Staff, kind};
use crate::{Server, Talk};

#[tokio::test(flavor = "multi_thread")]
async fn supervisors_set_agents_of_their_teams_and_sign_them_out() {
    let server = Server::start().await;
    let ana = server.person("agent1").await;
    ana.session.ready().await.unwrap();
    let id = ana.session.user().id.clone();
    let presence = format!("/agents/{id}/presence");
    let sign_ins = format!("/agents/{id}/sign-ins");
    let lunch = json!({"state": "not_ready", "reason": "supervisor"});

    // Nobody else: of another team, an agent of the same one, the agent, a guest.
    let guest = server.guest("Eve").await;
    let mut strangers = vec![Staff { api: guest.session.api().clone(), id: String::new() }];
    for name in ["supervisor3", "agent2", "agent1", "admin"] {
        strangers.push(Staff::new(&server, name).await);
    }
    for stranger in strangers {
        let (status, problem) = stranger.ask(Method::PUT, &presence, Some(lunch.clone())).await;
        assert_eq!((status, kind(&problem)), (404, "not-found"));
        let (status, problem) = stranger.ask(Method::DELETE, &sign_ins, None).await;
        assert_eq!((status, kind(&problem)), (404, "not-found"));
    }

    let sam = Staff::new(&server, "supervisor1").await;
    let (status, answer) = sam.ask(Method::PUT, &presence, Some(lunch)).await;
    assert_eq!((status, &answer["state"]), (200, &json!("not_ready")));
    let (status, answer) = sam.ask(Method::PUT, &presence, Some(json!({"state": "ready"}))).await;
    assert_eq!((status, &answer["state"]), (200, &json!("ready")));
    let long = json!({"state": "not_ready", "reason": "x".repeat(81)});
    assert_eq!(sam.ask(Method::PUT, &presence, Some(long)).await.0, 400);

    assert_eq!(sam.ask(Method::DELETE, &sign_ins, None).await.0, 204);
    let (status, problem) =
        Staff { api: ana.api().clone(), id }.ask(Method::GET, "/me", None).await;
    assert_eq!((status, kind(&problem)), (401, "not-signed-in"), "every sign-in has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_at_work_is_not_signed_out() {
    let server = Server::start().await;
    let Talk { caller, agent, call } = server.talk().await;
    let sam = Staff::new(&server, "supervisor1").await;
    let path = format!("/agents/{}/sign-ins", agent.session.user().id);
    let (status, problem) = sam.ask(Method::DELETE, &path, None).await;
    assert_eq!((status, kind(&problem)), (409, "presence-conflict"));
    assert!(agent.api().call(&call).await.is_ok(), "the call goes on");
    caller.session.hang_up(&call).await.unwrap();
}
