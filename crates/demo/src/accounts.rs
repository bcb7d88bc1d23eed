//! The demo's accounts and teams: whom a demo server knows, and whom its callers and agents sign in as.

/// The password of all of them. It is public; demo mode serves one machine only.
pub const PASSWORD: &str = "sotto-demo";

const GIVEN_NAMES: [&str; 10] =
    ["Nora", "Dev", "Chloé", "Omar", "Grace", "Jonas", "Ifeoma", "Rosa", "Peter", "Wei"];
const FAMILY_NAMES: [&str; 10] =
    ["Lind", "Patel", "Martin", "Haddad", "Kim", "Weber", "Eze", "Bianchi", "Vos", "Zhang"];

/// Who calls by telephone again and again: name and number, as the network states it.
pub const REGULARS: [(&str, &str); 6] = [
    ("Ingrid Solberg", "+493055010017"),
    ("Marek Novák", "+493055010042"),
    ("Fatima Haddad", "+493055010108"),
    ("Tomás Ribeiro", "+493055010133"),
    ("Hana Suzuki", "+493055010171"),
    ("Anders Lind", "+493055010190"),
];

/// A demo account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What one signs in with.
    pub username: String,
    /// The name shown.
    pub name: String,
    /// What the account is for.
    pub post: Post,
}

/// What an account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Post {
    /// Takes the calls of a team's queue.
    Agent(Team),
    /// Supervises a team.
    Supervisor(Team),
    /// Administers the server.
    Administrator,
}

/// The demo's teams; each has a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Team {
    /// Team Support, queue `support`.
    Support,
    /// Team Sales, queue `sales`.
    Sales,
}

impl Team {
    /// The key of the team's queue.
    pub fn queue(self) -> &'static str {
        match self {
            Self::Support => "support",
            Self::Sales => "sales",
        }
    }

    /// The team's name, and its queue's.
    pub fn name(self) -> &'static str {
        match self {
            Self::Support => "Support",
            Self::Sales => "Sales",
        }
    }
}

/// The accounts for people to sign in with.
pub fn people() -> Vec<Account> {
    use Post::{Administrator, Agent, Supervisor};
    use Team::{Sales, Support};
    [
        ("supervisor1", "Sam Okafor", Supervisor(Support)),
        ("supervisor2", "Mei Tanaka", Supervisor(Support)),
        ("supervisor3", "Daniel Ortiz", Supervisor(Sales)),
        ("agent1", "Ana Duarte", Agent(Support)),
        ("agent2", "Luis Herrera", Agent(Support)),
        ("agent3", "Yuki Tanaka", Agent(Support)),
        ("agent4", "Mina Park", Agent(Support)),
        ("agent5", "Lena Fischer", Agent(Sales)),
        ("agent6", "Carlos Mendes", Agent(Sales)),
        ("admin", "Administrator", Administrator),
    ]
    .map(|(username, name, post)| Account {
        username: username.to_owned(),
        name: name.to_owned(),
        post,
    })
    .to_vec()
}

/// The agents of the demo's own calls, so that those for people stay free: two in Support for
/// each one in Sales.
pub fn call_agents(calls: u32) -> Vec<Account> {
    (0..calls as usize)
        .map(|index| {
            let given = GIVEN_NAMES[index % 10];
            // Every agent another name: a given name comes again with another family name.
            let family = FAMILY_NAMES[(index % 10 + index / 10 * 3) % 10];
            Account {
                username: format!("demo-agent{}", index + 1),
                name: format!("{given} {family}"),
                post: Post::Agent(if index % 3 == 1 { Team::Sales } else { Team::Support }),
            }
        })
        .collect()
}
