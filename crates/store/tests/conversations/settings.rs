//! What a queue has switched on, and what people are good at.

use store::{NewQueue, QueueSettings, Store};

use super::{user, with_store};

#[tokio::test]
async fn settings_and_skills() {
    let (_directory, store) = with_store().await;
    settings_in(&store, "").await;
}

pub async fn settings_in(store: &Store, suffix: &str) {
    let name = |base: &str| format!("{base}{suffix}");
    let team = store.ensure_team(&name("Support")).await.unwrap();
    let key = name("support");
    let new = NewQueue { key: &key, name: "Support", team, open_to_guests: false };
    let queue = store.ensure_queue(new).await.unwrap();
    assert_eq!(store.queue_settings(queue).await.unwrap(), QueueSettings::default());
    let settings =
        QueueSettings { pull: true, help: false, mood: false, ..QueueSettings::default() };
    store.set_queue_settings(queue, &settings).await.unwrap();
    store.set_queue_settings(queue, &settings).await.unwrap();
    assert_eq!(store.queue_settings(queue).await.unwrap(), settings);

    let ana = user(store, &name("ana")).await;
    let billing = store.ensure_skill(&name("billing")).await.unwrap();
    let french = store.ensure_skill(&name("French")).await.unwrap();
    assert_eq!(store.ensure_skill(&name("billing")).await.unwrap(), billing);
    let skills = store.skills().await.unwrap();
    let own = skills.iter().filter(|skill| [billing, french].contains(&skill.id));
    assert_eq!(own.count(), 2);
    store.set_skills(ana, &[billing, french, billing]).await.unwrap();
    assert_eq!(store.skills_of(ana).await.unwrap().len(), 2);
    store.set_skills(ana, &[french]).await.unwrap();
    assert_eq!(store.skills_of(ana).await.unwrap(), [french]);
}
