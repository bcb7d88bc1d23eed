//! The mood of a conversation: for staff, listening or not, and for nobody else.

use client::api::Method;
use store::QueueSettings;
use wire::{MoodView, TextEvent};

use crate::Server;
use crate::text::{Scene, Writer};

async fn moved(writer: &mut Writer, id: &str) -> MoodView {
    writer
        .until(|event| match event {
            TextEvent::Updated { conversation } if conversation.id == id => conversation.mood,
            _ => None,
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_see_the_mood_of_the_customers_words_and_the_customer_never_does() {
    let server = Server::start().await;
    let mut overseer = Writer::staff(&server, "supervisor1").await;
    let Scene { mut requester, mut agent, id } = Scene::new(&server).await;
    let bad = "This is terrible, I am very angry!";
    assert_eq!(requester.post(&id, "public", bad).await.0, 201);
    let first = moved(&mut agent, &id).await;
    assert!(first.value < -0.5 && first.trend == 0, "{first:?}");
    assert_eq!(moved(&mut overseer, &id).await, first, "without listening: it tells no text");
    assert_eq!(agent.post(&id, "public", "That is wonderful, great, perfect!").await.0, 201);
    assert_eq!(requester.post(&id, "public", "Thank you, that is great!").await.0, 201);
    let second = moved(&mut overseer, &id).await;
    assert!(second.value > first.value && second.trend == 1, "{second:?}: not the agent's words");

    let server = server.restart().await;
    let agent = Writer::staff(&server, "agent1").await;
    let (_, view) = agent.view(&id).await;
    assert_eq!(serde_json::from_value::<MoodView>(view["mood"].clone()).unwrap(), second);
    let path = format!("/conversations/{id}/end");
    assert_eq!(agent.ask(Method::POST, &path, None).await.0, 204);

    // All that the customer was told until the server stopped.
    let mut updates = 0;
    while let Ok(Some(received)) = requester.events.next_any().await {
        let client::events::Received::Text(envelope) = received else { continue };
        let told = serde_json::to_string(&envelope).unwrap();
        assert!(!told.contains("mood"), "{told}");
        updates += u32::from(told.contains("conversation.updated"));
    }
    assert_eq!(updates, 1, "its opening, and nothing at a change of mood");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_without_mood_has_none() {
    let server = Server::start().await;
    let queues = server.running.store.queues().await.unwrap();
    let support = queues.iter().find(|queue| queue.key == "support").unwrap().id;
    let off = QueueSettings { mood: false, ..QueueSettings::default() };
    server.running.store.set_queue_settings(support, &off).await.unwrap();
    let server = server.restart().await;
    let Scene { requester, mut agent, id } = Scene::new(&server).await;
    assert_eq!(requester.post(&id, "public", "This is terrible!").await.0, 201);
    assert_eq!(agent.post(&id, "public", "I am sorry").await.0, 201);
    let mut posted = 0;
    while posted < 2 {
        match agent.told().await {
            TextEvent::MessagePosted { .. } => posted += 1,
            TextEvent::Updated { conversation } => assert_eq!(conversation.mood, None),
            _ => {}
        }
    }
    assert_eq!(agent.view(&id).await.1.get("mood"), None);
}
